// SPDX-License-Identifier: MIT
// A worker thread that encodes, and then ends in the way that it is reported.

import { parentPort, workerData } from 'node:worker_threads';
import { CONFIG, encodeFrames, record } from './common.mjs';

const reported = record({ ...CONFIG, width: 640, height: 480 });
if (workerData === 'leaves in a callback') reported.onOutput = () => process.exit(8);
if (workerData === 'throws') reported.onOutput = () => { throw new Error('in a worker'); };
encodeFrames(reported.encoder, 0, 12);
const flushed = reported.encoder.flush();
if (workerData === 'is terminated') parentPort.postMessage(0);
if (workerData === 'leaves') process.exit(7);
await flushed;
parentPort.postMessage(reported.chunks.length);
