// SPDX-License-Identifier: MIT
// A library made for browsers encodes and writes files, which FFmpeg's programs then read: that of the demo, and each of
// its codecs with framerates and qualities that ask for other levels and bitrates, and with alpha.

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

// Each codec at each of these: 20 files, and two with alpha.
const PACES = [
  { rate: 24, quality: 'QUALITY_LOW' }, { rate: 30, quality: 'QUALITY_MEDIUM' },
  { rate: 60, quality: 'QUALITY_HIGH' }, { rate: 120, quality: 'QUALITY_VERY_HIGH' },
];
const CODECS = { avc: 'h264', hevc: 'hevc', vp8: 'vp8', vp9: 'vp9', av1: 'av1' };
const SMALL = { width: 192, height: 112, count: 8 };
const COLOR = [200, 60, 40], ALPHA = 96;

// Left half opaque, right half of ALPHA; all of one colour.
function picture({ width, height }) {
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < pixels.length; i += 4)
    pixels.set([...COLOR, (i / 4) % width < width / 2 ? 255 : ALPHA], i);
  return pixels;
}

async function write(file, codec, { rate, quality, alpha }) {
  const bunny = await import('mediabunny');
  const { install } = await import('../webcodecs.mjs');
  install();
  const Format = file.endsWith('.mp4') ? bunny.Mp4OutputFormat : bunny.WebMOutputFormat;
  const output = new bunny.Output({ format: new Format(), target: new bunny.FilePathTarget(file) });
  const source = new bunny.VideoSampleSource({ codec, bitrate: bunny[quality], alpha });
  output.addVideoTrack(source, { frameRate: rate });
  await output.start();
  for (let number = 0; number < SMALL.count; number++) {
    const sample = new bunny.VideoSample(picture(SMALL), {
      format: 'RGBA', codedWidth: SMALL.width, codedHeight: SMALL.height, timestamp: number / rate, duration: 1 / rate,
    });
    await source.add(sample);
    sample.close();
  }
  await output.finalize();
}

// The last of all frames in a format of FFmpeg's; libvpx's decoders are those that see alpha.
function lastFrame(file, format, decoder) {
  const bytes = run('ffmpeg', '-v', 'error', '-xerror', ...decoder ? ['-c:v', decoder] : [], '-i', file, '-pix_fmt', format,
    '-f', 'rawvideo', '-');
  assert.equal(bytes.length % SMALL.count, 0);
  return bytes.subarray(-bytes.length / SMALL.count);
}

const isNear = (values, wanted) => values.every((value, i) => Math.abs(value - wanted[i]) <= TOLERANCE);

async function inDirectory(use) {
  const directory = mkdtempSync(join(tmpdir(), 'wcenc-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const [codec, name] of Object.entries(CODECS)) {
  for (const pace of PACES) {
    const title = `mediabunny writes ${codec} at ${pace.rate} frames per second, ${pace.quality}`;
    test(title, () => inDirectory(async (directory) => {
      const file = join(directory, codec === 'vp8' ? 'film.webm' : 'film.mp4');
      await write(file, codec, pace);
      const { streams: [stream], packets } = probe('-show_entries', 'stream=codec_name:packet=pts_time', file);
      assert.equal(stream.codec_name, name);
      assert.equal(packets.length, SMALL.count);
      packets.forEach(({ pts_time: time }, number) => assert.ok(Math.abs(time - number / pace.rate) <= 1e-3, time));
      const rgb = lastFrame(file, 'rgb24');
      assert.equal(rgb.length, 3 * SMALL.width * SMALL.height);
      const middle = 3 * SMALL.width * SMALL.height / 2 + 30;
      assert.ok(isNear([...rgb.subarray(middle, middle + 3)], COLOR), `${[...rgb.subarray(middle, middle + 3)]}`);
    }));
  }
}

for (const [codec, decoder] of Object.entries({ vp8: 'libvpx', vp9: 'libvpx-vp9' })) {
  test(`mediabunny writes ${codec} with alpha`, () => inDirectory(async (directory) => {
    const file = join(directory, 'film.webm');
    await write(file, codec, { rate: 30, quality: 'QUALITY_HIGH', alpha: 'keep' });
    const rgba = lastFrame(file, 'rgba', decoder);
    const row = 4 * SMALL.width * SMALL.height / 2;
    for (const [x, alpha] of [[SMALL.width / 4, 255], [SMALL.width * 3 / 4, ALPHA]]) {
      const pixel = [...rgba.subarray(row + 4 * x, row + 4 * x + 4)];
      assert.ok(isNear(pixel, [...COLOR, alpha]), `${pixel}`);
    }
  }));
}
