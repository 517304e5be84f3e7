// SPDX-License-Identifier: MIT
// A worker thread that encodes, and then ends in the way that it is told.

import { parentPort, workerData } from 'node:worker_threads';
import { CONFIG, encodeFrames, record } from './common.mjs';

const told = record({ ...CONFIG, width: 640, height: 480 });
if (workerData === 'leaves in a callback') told.onOutput = () => process.exit(8);
if (workerData === 'throws') told.onOutput = () => { throw new Error('in a worker'); };
encodeFrames(told.encoder, 0, 12);
const flushed = told.encoder.flush();
if (workerData === 'is terminated') parentPort.postMessage(0);
if (workerData === 'leaves') process.exit(7);
await flushed;
parentPort.postMessage(told.chunks.length);
