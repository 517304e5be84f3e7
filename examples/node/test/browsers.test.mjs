// SPDX-License-Identifier: MIT
// What the web-platform tests ask of encoders and the rest of the tests does not. Ids are rows of docs/conformance.md.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableEncoders } from '../info.mjs';
import { EncodedVideoChunk, VideoEncoder, VideoFrame } from '../webcodecs.mjs';
import { encodeFrames, record } from './common.mjs';

const SMALL = { width: 64, height: 48 };
const RATE = { bitrate: 1e6, framerate: 30 };
const CODECS = {
  av1: { codec: 'av01.0.04M.08' },
  vp8: { codec: 'vp8' },
  vp9: { codec: 'vp09.00.10.08' },
  h264: { codec: 'avc1.42001E' },
  hevc: { codec: 'hvc1.1.6.L123.00' },
};
const software = availableEncoders().filter(({ isHardware, byNameOnly }) => !isHardware && !byNameOnly);
const present = (names) => software.some(({ name }) => names.includes(name));
// Those configurations of codecs that this build of the libraries encodes.
const encodable = (codecs) => Object.entries(codecs).filter(([codec]) => software.some((each) => each.codec === codec));
const isSupported = async (config) => (await VideoEncoder.isConfigSupported(config)).supported;

async function encode(config, frames, options = () => undefined) {
  const reported = record(config);
  for (let i = 0; i < frames; i++) encodeFrames(reported.encoder, i, 1, options(i), config);
  await reported.encoder.flush();
  reported.encoder.close();
  assert.deepEqual(reported.errors, []);
  assert.equal(reported.chunks.length, frames, config.codec);
  return reported;
}

function bytesOf(chunk) {
  const bytes = new Uint8Array(chunk.byteLength);
  chunk.copyTo(bytes);
  return bytes;
}

// What colours become, by the formulas and in doubles.

const toLinear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
const P3_OF_SRGB = [[0.8224621, 0.1775380, 0], [0.0331941, 0.9668058, 0], [0.0170827, 0.0723974, 0.9105199]];
const LUMA = { bt709: [0.2126, 0.0722], smpte170m: [0.299, 0.114] };

const clip = (value) => Math.min(1, Math.max(0, value));

function ofYuv([y, u, v], matrix) {
  const [kr, kb] = LUMA[matrix];
  const luma = (y - 16) / 219;
  const red = luma + 2 * (1 - kr) * (v - 128) / 224, blue = luma + 2 * (1 - kb) * (u - 128) / 224;
  return [red, (luma - kr * red - kb * blue) / (1 - kr - kb), blue].map(clip);
}

function inP3(rgb) {
  const linear = rgb.map(toLinear);
  return P3_OF_SRGB.map((row) => fromLinear(clip(row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2])));
}

// A frame of one colour, as bytes of `format` in `colorSpace`.
async function expectColor(frame, rgb) {
  for (const colorSpace of ['srgb', 'display-p3']) {
    const expected = (colorSpace === 'srgb' ? rgb : inP3(rgb)).map((value) => Math.round(value * 255));
    for (const format of ['RGBA', 'RGBX', 'BGRA', 'BGRX']) {
      const bytes = new Uint8Array(frame.allocationSize({ format, colorSpace }));
      assert.equal((await frame.copyTo(bytes, { format, colorSpace })).length, 1);
      const order = format.startsWith('BGR') ? [2, 1, 0] : [0, 1, 2];
      for (let i = 0; i < bytes.length; i += 4) {
        const pixel = order.map((channel) => bytes[i + channel]);
        assert.ok(pixel.every((value, channel) => Math.abs(value - expected[channel]) <= 1) && bytes[i + 3] === 255,
          `${JSON.stringify(frame.colorSpace)} ${format} ${colorSpace}: ${pixel} instead of ${expected}`);
      }
    }
  }
  frame.close();
}

const whole = (space) => ({ primaries: space, transfer: space, matrix: space, fullRange: false });
const SPACES = [undefined, whole('smpte170m'), whole('bt709')];
const COLORS = [[255, 255, 0], [255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 0, 255], [0, 0, 0], [255, 255, 255],
  [255, 120, 255], [90, 100, 150]];

test('I420 becomes RGB of sRGB and of Display P3 within one level', async () => { // WPT-001
  const planes = [[226, 1, 149], [76, 85, 255], [29, 255, 107], [150, 44, 21], [105, 212, 235], [16, 128, 128],
    [235, 128, 128], [120, 90, 170]];
  for (const colorSpace of SPACES)
    for (const [y, u, v] of planes) {
      const data = new Uint8Array(24).fill(y, 0, 16).fill(u, 16, 20).fill(v, 20);
      const init = { format: 'I420', codedWidth: 4, codedHeight: 4, timestamp: 0, colorSpace };
      await expectColor(new VideoFrame(data, init), ofYuv([y, u, v], colorSpace?.matrix ?? 'bt709'));
    }
});

test('RGB becomes RGB of sRGB and of Display P3 within one level', async () => { // WPT-001
  for (const colorSpace of SPACES)
    for (const format of ['RGBX', 'RGBA'])
      for (const rgb of COLORS) {
        const data = new Uint8Array(64).map((_, i) => [...rgb, 255][i % 4]);
        const init = { format, codedWidth: 4, codedHeight: 4, timestamp: 0, colorSpace };
        // Limited range is one of RGB too, and clipped.
        await expectColor(new VideoFrame(data, init),
          rgb.map((value) => (colorSpace ? clip((value - 16) / 219) : value / 255)));
      }
});

test('converted rows go where the layout says, and other formats than RGB are not supported', async () => { // WPT-002
  const frame = new VideoFrame(new Uint8Array(64).fill(255), {
    format: 'RGBA', codedWidth: 4, codedHeight: 4, timestamp: 0 });
  const bytes = new Uint8Array(5 + 40 * 4);
  await frame.copyTo(bytes, { format: 'RGBA', layout: [{ offset: 5, stride: 40 }] });
  assert.deepEqual([...bytes], [...bytes].map((_, i) => (i >= 5 && (i - 5) % 40 < 16 ? 255 : 0)));
  for (const format of ['I420', 'I420P10', 'I420P12', 'I420A', 'I422', 'I422A', 'I444', 'I444A', 'NV12']) {
    assert.throws(() => frame.allocationSize({ format }), { name: 'NotSupportedError' });
    await assert.rejects(frame.copyTo(bytes, { format }), { name: 'NotSupportedError' });
  }
});

test('prefer-hardware is supported and encodes where software does, in both formats of H.264 and HEVC', async () => {
  const formats = { h264: ['avc', 'annexb'], hevc: ['hevc', 'annexb'] }; // WPT-003
  for (const [codec, config] of encodable({ h264: CODECS.h264, hevc: CODECS.hevc }))
    for (const format of formats[codec]) {
      const preferred = { ...config, ...SMALL, ...RATE, [formats[codec][0]]: { format },
        hardwareAcceleration: 'prefer-hardware' };
      const support = await VideoEncoder.isConfigSupported(preferred);
      assert.deepEqual([support.supported, support.config.hardwareAcceleration], [true, 'prefer-hardware']);
      const { chunks, metadata } = await encode(preferred, 6, (i) => ({ keyFrame: i % 5 === 0 }));
      assert.deepEqual(chunks.map(({ type }) => type), ['key', 'delta', 'delta', 'delta', 'delta', 'key']);
      assert.equal('description' in metadata[0].decoderConfig, format !== 'annexb');
      const startsAlike = chunks.map((chunk) => new DataView(bytesOf(chunk).buffer).getUint32(0) === 1);
      assert.deepEqual(startsAlike, Array(6).fill(format === 'annexb'));
    }
  const tooLarge = { codec: 'vp8', width: 20000, height: 20000, bitrate: 1, framerate: 240 };
  assert.equal(await isSupported({ ...tooLarge, hardwareAcceleration: 'prefer-hardware' }), false);
});

test('each frame of VP9 and AV1 has its quantizer, from 1 to 63', async () => { // WPT-004
  const configs = [['av1', CODECS.av1, ['native-aom']], ['vp9', CODECS.vp9, ['native-vpx']],
    ['vp9', { codec: 'vp09.02.10.10' }, ['native-vpx']], ['avc', CODECS.h264, ['libx264', 'native-openh264']]];
  for (const [member, codec, encoders] of configs) {
    const config = { ...codec, ...SMALL, ...RATE, bitrateMode: 'quantizer' };
    assert.equal(await isSupported(config), present(encoders), config.codec);
    if (!present(encoders)) continue;
    const most = member === 'avc' ? 51 : 63;
    const steps = await encode(config, 24, (i) => ({ [member]: { quantizer: 1 + (i % most) } }));
    assert.deepEqual(steps.chunks.map(({ type }) => type), ['key', ...Array(23).fill('delta')]);
    const ends = await encode(config, 4, (i) => ({ keyFrame: true, [member]: { quantizer: i % 2 ? most : 1 } }));
    const sizes = ends.chunks.map(({ byteLength }) => byteLength);
    assert.ok(Math.min(sizes[0], sizes[2]) > 1.2 * Math.max(sizes[1], sizes[3]), `${config.codec}: ${sizes}`);
  }
});

test('every second or fourth chunk of AV1, VP8, VP9 and H.264 is in the base layer', async () => { // WPT-005
  const needs = { av1: ['native-aom'], vp8: ['libvpx', 'native-vpx'], vp9: ['libvpx-vp9', 'native-vpx'],
    h264: ['native-openh264'] };
  const patterns = { L1T2: [0, 1, 0, 1], L1T3: [0, 2, 1, 2] };
  for (const [codec, encoders] of Object.entries(needs))
    for (const [scalabilityMode, pattern] of Object.entries(patterns)) {
      const config = { ...CODECS[codec], ...SMALL, ...RATE, scalabilityMode, bitrateMode: 'constant',
        hardwareAcceleration: 'prefer-software', avc: { format: 'annexb' } };
      assert.equal(await isSupported(config), present(encoders), `${codec} ${scalabilityMode}`);
      if (!present(encoders)) continue;
      const { metadata } = await encode(config, 8, () => ({ keyFrame: false }));
      assert.deepEqual(metadata.map(({ svc }) => svc.temporalLayerId), [...pattern, ...pattern], codec);
    }
});

test('av1.forceScreenContentTools is supported and recognised at 8 bits', async () => { // WPT-006
  const config = { codec: 'av01.0.04M.08', av1: { forceScreenContentTools: true }, width: 1280, height: 720,
    bitrate: 5e6, framerate: 5 };
  const support = await VideoEncoder.isConfigSupported(config);
  assert.equal(support.supported, present(['libaom-av1', 'native-aom']));
  assert.deepEqual([support.config.codec, support.config.av1], [config.codec, config.av1]);
});

test('a colour space with gaps comes back in the decoder config, with a range and its gaps', async () => { // WPT-007
  const members = { primaries: 'smpte170m', transfer: 'iec61966-2-1', matrix: 'bt470bg' };
  const names = Object.keys(members);
  const gappy = Array.from({ length: 8 }, (_, mask) =>
    Object.fromEntries(names.filter((_, bit) => mask & (1 << bit)).map((name) => [name, members[name]])));
  const spaces = [...gappy, ...names.map((name) => ({ [name]: 'bt709' })), whole('bt709')];
  const { width, height } = SMALL;
  const data = new Uint8Array(width * height * 3 / 2).fill(128);
  for (const [codec, config] of encodable(CODECS)) {
    const reported = record(null);
    for (const colorSpace of spaces) {
      reported.encoder.configure({ ...config, ...SMALL, ...RATE, latencyMode: 'realtime' });
      const init = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0, colorSpace };
      const frame = new VideoFrame(data, init);
      assert.deepEqual(frame.colorSpace.toJSON(),
        { fullRange: null, matrix: null, primaries: null, transfer: null, ...colorSpace });
      reported.encoder.encode(frame, { keyFrame: true });
      await reported.encoder.flush();
      reported.encoder.reset();
      assert.deepEqual({ ...reported.metadata.at(-1).decoderConfig.colorSpace },
        { ...frame.colorSpace.toJSON(), fullRange: false }, `${codec} ${JSON.stringify(colorSpace)}`);
      frame.close();
    }
    assert.equal(reported.chunks.length, spaces.length);
  }
});

test('a buffer that is detached already takes no other buffer along', () => { // WPT-009
  const gone = new ArrayBuffer(8), pixels = new ArrayBuffer(16);
  structuredClone(gone, { transfer: [gone] });
  const frame = { format: 'RGBA', codedWidth: 2, codedHeight: 2, timestamp: 0 };
  const chunk = { type: 'key', timestamp: 0, data: pixels };
  for (const make of [(transfer) => new VideoFrame(pixels, { ...frame, transfer }),
    (transfer) => new EncodedVideoChunk({ ...chunk, transfer })]) {
    assert.throws(() => make([pixels, gone]), { name: 'DataCloneError', message: /init\.transfer\[1\]/ });
    assert.throws(() => make([gone]), { name: 'DataCloneError', message: /init\.transfer\[0\]/ });
    assert.equal(pixels.byteLength, 16);
  }
  new VideoFrame(pixels, { ...frame, transfer: [pixels] }).close();
  assert.equal(pixels.byteLength, 0);
});

test('zero is an invalid bitrate, and a space before a codec an unknown codec', async () => { // WPT-008
  const config = { codec: 'vp8', ...SMALL };
  await assert.rejects(VideoEncoder.isConfigSupported({ ...config, bitrate: 0 }),
    { name: 'TypeError', message: /config\.bitrate/ });
  assert.throws(() => record({ ...config, bitrate: 0 }), { name: 'TypeError', message: /config\.bitrate/ });
  for (const codec of [' vp8', 'vp8 ', 'vp09', 'VP8'])
    assert.equal(await isSupported({ ...config, codec }), false);
});
