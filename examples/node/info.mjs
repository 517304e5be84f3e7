// SPDX-License-Identifier: MIT
// Beyond WebCodecs: the encoders of the installed libraries, and the versions of these for bug reports.

import { native } from './native.mjs';

export const availableEncoders = () => native.availableEncoders();
export const buildInfo = () => native.buildInfo();
