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

// An encoder, and what it has told.
export function record(config = CONFIG) {
  const told = { chunks: [], metadata: [], errors: [] };
  told.encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      told.chunks.push(chunk);
      told.metadata.push(metadata);
      told.onOutput?.(chunk, metadata);
    },
    error: (exception) => {
      told.errors.push(exception);
      told.onError?.(exception);
    },
  });
  if (config) told.encoder.configure(config);
  return told;
}

// Resolves once `emitter` has told enough: `is` is looked at after each output.
export function outputs(told, count) {
  return new Promise((resolve) => {
    told.onOutput = () => told.chunks.length === count && resolve();
    if (told.chunks.length === count) resolve();
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
