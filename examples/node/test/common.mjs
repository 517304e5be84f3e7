// SPDX-License-Identifier: MIT
// What the tests share.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { VideoEncoder, VideoFrame } from '../webcodecs.mjs';

export const SIZE = { width: 320, height: 240 };
export const FRAME_US = 33333;
export const CONFIG = { codec: 'vp8', ...SIZE, latencyMode: 'realtime' };

// A picture that differs from number to number.
export function pixels(number, { width, height } = SIZE) {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < data.length; i += 4) {
    data[i] = (i / 4 + number * 3) & 255;
    data[i + 1] = (number * 16) & 255;
    data[i + 2] = ((i / 4 / width) | 0) & 255;
    data[i + 3] = 255;
  }
  return data;
}

export function makeFrame(number, { width, height } = SIZE) {
  return new VideoFrame(pixels(number, { width, height }), {
    format: 'RGBA', codedWidth: width, codedHeight: height, timestamp: number * FRAME_US, duration: FRAME_US,
  });
}

export function encodeFrames(encoder, first, count, options, size = SIZE) {
  for (let number = first; number < first + count; number++) {
    const frame = makeFrame(number, size);
    encoder.encode(frame, options);
    frame.close();
  }
}

// An encoder, and what it has reported.
export function record(config = CONFIG) {
  const reported = { chunks: [], metadata: [], errors: [] };
  reported.encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      reported.chunks.push(chunk);
      reported.metadata.push(metadata);
      reported.onOutput?.(chunk, metadata);
    },
    error: (exception) => {
      reported.errors.push(exception);
      reported.onError?.(exception);
    },
  });
  if (config) reported.encoder.configure(config);
  return reported;
}

// Resolves once `emitter` has reported enough: `is` is looked at after each output.
export function outputs(reported, count) {
  return new Promise((resolve) => {
    reported.onOutput = () => reported.chunks.length === count && resolve();
    if (reported.chunks.length === count) resolve();
  });
}

const PRELUDE = `
  import { VideoEncoder, VideoFrame } from '${new URL('../webcodecs.mjs', import.meta.url)}';
  import { CONFIG, encodeFrames, makeFrame, outputs, record } from '${import.meta.url}';
`;
const DEADLINE_MS = 60000;

// Runs a program in a process of its own: { code, signal, stdout, stderr }.
export async function run(source, ...flags) {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', PRELUDE + source],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => { result[name] += data; });
  [result.code, result.signal] = await once(child, 'close');
  return result;
}
