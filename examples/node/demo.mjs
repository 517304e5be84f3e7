// SPDX-License-Identifier: MIT
//
// Three seconds of a moving picture to a file: H.264 in MP4, or VP9 in WebM. The file is written by mediabunny, a
// library made for browsers, which finds the classes of webcodecs.mjs where a browser has them.
//
//     node demo.mjs picture.mp4|picture.webm

import { FilePathTarget, Mp4OutputFormat, Output, VideoSample, VideoSampleSource, WebMOutputFormat } from 'mediabunny';
import { install } from './webcodecs.mjs';

const WIDTH = 640, HEIGHT = 360, RATE = 30, FRAMES = 90, RADIUS = 60;
const FORMATS = {
  mp4: { codec: 'avc', format: Mp4OutputFormat },
  webm: { codec: 'vp9', format: WebMOutputFormat },
};

// A disc on its way across a gradient, as a canvas would give it: RGBA.
function draw(pixels, number) {
  const x0 = (WIDTH * number) / FRAMES, y0 = HEIGHT / 2 + Math.sin(number / 8) * 100;
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i += 4) {
      const inside = (x - x0) ** 2 + (y - y0) ** 2 < RADIUS ** 2;
      pixels[i] = inside ? 240 : (x * 255) / WIDTH;
      pixels[i + 1] = inside ? 200 : (y * 255) / HEIGHT;
      pixels[i + 2] = inside ? 40 : 128;
      pixels[i + 3] = 255;
    }
}

const path = process.argv[2] ?? '';
const { codec, format } = FORMATS[path.split('.').pop()] ?? {};
if (!codec) {
  console.error('usage: node demo.mjs picture.mp4|picture.webm');
  process.exit(2);
}
install();
const output = new Output({ format: new format(), target: new FilePathTarget(path) });
const source = new VideoSampleSource({ codec, bitrate: 1e6 });
output.addVideoTrack(source);
await output.start();
const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
for (let number = 0; number < FRAMES; number++) {
  draw(pixels, number);
  const sample = new VideoSample(pixels, {
    format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp: number / RATE, duration: 1 / RATE,
  });
  await source.add(sample);
  sample.close();
}
await output.finalize();
console.log(`${path}: ${FRAMES} frames of ${WIDTH}x${HEIGHT}`);
