// SPDX-License-Identifier: MIT
// The demo: a library made for browsers encodes and writes files, which FFmpeg's programs then read.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const FRAMES = 90, RATE = 30, WIDTH = 640, HEIGHT = 360;
// What the container rounds times to, and how far colours may be off.
const FILES = [{ name: 'picture.mp4', codec: 'h264', step: 1e-4 }, { name: 'picture.webm', codec: 'vp9', step: 1e-3 }];
const TOLERANCE = 12;

const demo = fileURLToPath(new URL('../demo.mjs', import.meta.url));
const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const probe = (...args) => JSON.parse(run('ffprobe', '-v', 'error', '-select_streams', 'v:0', '-of', 'json', ...args));

for (const { name, codec, step } of FILES) {
  test(`mediabunny writes ${codec} to ${name}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'wcenc-'));
    try {
      const file = join(directory, name);
      run(process.execPath, demo, file);
      const { streams: [stream], frames } = probe('-show_entries',
        'stream=codec_name,width,height,color_space,color_range:frame=pts_time,key_frame', '-show_frames', file);
      assert.deepEqual([stream.codec_name, stream.width, stream.height, stream.color_space],
        [codec, WIDTH, HEIGHT, 'bt709']);
      assert.equal(frames.length, FRAMES);
      frames.forEach((frame, number) => assert.ok(Math.abs(frame.pts_time - number / RATE) <= step,
        `frame ${number} is at ${frame.pts_time}`));
      assert.ok(frames[0].key_frame === 1 && frames.some((frame) => frame.key_frame === 0));
      // The disc is in the middle of the picture halfway through; see draw() in demo.mjs.
      const rgb = run('ffmpeg', '-v', 'error', '-xerror', '-i', file, '-vf', `select=eq(n\\,${FRAMES / 2})`,
        '-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-');
      const middle = 3 * (WIDTH * Math.round(HEIGHT / 2 + Math.sin(FRAMES / 2 / 8) * 100) + WIDTH / 2);
      [240, 200, 40].forEach((value, i) => assert.ok(Math.abs(rgb[middle + i] - value) <= TOLERANCE,
        `${[...rgb.subarray(middle, middle + 3)]}`));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
