// SPDX-License-Identifier: MIT
// VideoEncoder as WebCodecs has it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableEncoders, buildInfo } from '../info.mjs';
import { EncodedVideoChunk, VideoEncoder, VideoFrame } from '../webcodecs.mjs';
import { CONFIG, FRAME_US, SIZE, encodeFrames, makeFrame, outputs, record } from './common.mjs';

const H264 = { codec: 'avc1.42001f', ...SIZE };
const rejects = (promise, name, pattern = /./) =>
  assert.rejects(promise, (exception) => exception.name === name && pattern.test(exception.message));

test('a flush after frames resolves after their callbacks', async () => { // WPT-021
  const reported = record();
  encodeFrames(reported.encoder, 0, 20);
  assert.equal(reported.chunks.length, 0);
  assert.equal(await reported.encoder.flush(), undefined);
  assert.equal(reported.chunks.length, 20);
  assert.deepEqual(reported.chunks.map((chunk) => chunk.timestamp), Array.from({ length: 20 }, (_, i) => i * FRAME_US));
  assert.ok(reported.chunks.every((chunk) => chunk.duration === FRAME_US && chunk instanceof EncodedVideoChunk));
  assert.equal(reported.chunks[0].type, 'key');
  assert.equal(reported.encoder.encodeQueueSize, 0);
  encodeFrames(reported.encoder, 20, 3);
  await reported.encoder.flush();
  assert.equal(reported.chunks.length, 23);
  reported.encoder.close();
});

test('several flushes resolve in their order, each after what it covers', async () => { // WPT-015
  const reported = record({ ...CONFIG, latencyMode: 'quality' });
  const order = [];
  for (let i = 0; i < 3; i++) {
    encodeFrames(reported.encoder, i * 4, 4);
    reported.encoder.flush().then(() => order.push([i, reported.chunks.length >= (i + 1) * 4]));
  }
  await reported.encoder.flush();
  assert.deepEqual(order, [[0, true], [1, true], [2, true]]);
});

test('microtasks run between two callbacks', async () => {
  const reported = record();
  const order = [];
  reported.onOutput = (chunk) => {
    order.push(chunk.timestamp);
    queueMicrotask(() => order.push(`after ${chunk.timestamp}`));
  };
  encodeFrames(reported.encoder, 0, 3);
  await reported.encoder.flush();
  assert.deepEqual(order, [0, 1, 2].flatMap((i) => [i * FRAME_US, `after ${i * FRAME_US}`]));
});

test("a key frame's metadata says how to decode it", async () => {
  const reported = record(H264);
  encodeFrames(reported.encoder, 0, 4);
  await reported.encoder.flush();
  const { codec, codedWidth, codedHeight, description, colorSpace } = reported.metadata[0].decoderConfig;
  assert.deepEqual({ codec, width: codedWidth, height: codedHeight }, H264);
  assert.ok(description instanceof ArrayBuffer);
  const avcc = new Uint8Array(description);
  assert.deepEqual([avcc[0], avcc[1]], [1, 0x42]);
  assert.ok(Object.values(colorSpace).every((value) => value !== null));
  assert.ok(reported.metadata.slice(1).every((metadata) => !('decoderConfig' in metadata)));
  const bytes = new Uint8Array(reported.chunks[0].byteLength);
  reported.chunks[0].copyTo(bytes);
  assert.equal(new DataView(bytes.buffer).getUint32(0) < bytes.length, true); // a length, and no start code
  assert.notEqual(new DataView(bytes.buffer).getUint32(0), 1);
});

test('annexb has no description, and VP8 none either', async () => {
  for (const config of [{ ...H264, avc: { format: 'annexb' } }, CONFIG]) {
    const reported = record(config);
    encodeFrames(reported.encoder, 0, 1);
    await reported.encoder.flush();
    assert.equal(reported.metadata[0].decoderConfig.codec, config.codec);
    assert.equal('description' in reported.metadata[0].decoderConfig, false);
  }
});

test('layers and alpha stand in the metadata', async () => {
  const layered = record({ ...CONFIG, scalabilityMode: 'L1T3' });
  encodeFrames(layered.encoder, 0, 6);
  await layered.encoder.flush();
  assert.deepEqual(layered.metadata.map(({ svc }) => svc.temporalLayerId), [0, 2, 1, 2, 0, 2]);
  assert.ok(layered.metadata.every((metadata) => !('alphaSideData' in metadata)));

  const translucent = record({ ...CONFIG, alpha: 'keep' });
  encodeFrames(translucent.encoder, 0, 2);
  await translucent.encoder.flush();
  assert.ok(translucent.metadata.every(({ alphaSideData }) => alphaSideData.byteLength > 0));
  assert.ok(translucent.metadata.every((metadata) => !('svc' in metadata)));
});

test('references and updates name buffers with the scalability mode "manual"', async () => {
  const manual = { ...CONFIG, scalabilityMode: 'manual' };
  const { supported, referenceBuffers } = await VideoEncoder.isConfigSupported(manual);
  assert.equal((await VideoEncoder.isConfigSupported({ ...H264, scalabilityMode: 'manual' })).referenceBuffers, 0);
  const open = makeFrame(0);
  assert.throws(() => record().encoder.encode(open, { updates: 1 }), { name: 'TypeError', message: /options\.updates/ });
  if (!supported) return; // a library without libvpx
  assert.equal(referenceBuffers, 3);
  const reported = record(manual);
  assert.throws(() => reported.encoder.encode(open, { references: 8 }), { name: 'TypeError', message: /options\.references/ });
  encodeFrames(reported.encoder, 0, 2, { references: 1, updates: 1 });
  encodeFrames(reported.encoder, 2, 1, {});
  await reported.encoder.flush();
  assert.deepEqual(reported.chunks.map((chunk) => chunk.type), ['key', 'delta', 'delta']);
  assert.ok(reported.metadata.every((metadata) => !('svc' in metadata)));
});

test('keyFrame asks for a key frame, quantizer for a quality', async () => {
  const reported = record({ ...H264, bitrateMode: 'quantizer' });
  encodeFrames(reported.encoder, 0, 1, { avc: { quantizer: 10 } });
  encodeFrames(reported.encoder, 1, 1, { avc: { quantizer: null } });
  encodeFrames(reported.encoder, 2, 1, { avc: { quantizer: 50 }, keyFrame: true });
  await reported.encoder.flush();
  assert.deepEqual(reported.chunks.map((chunk) => chunk.type), ['key', 'delta', 'key']);
  assert.ok(reported.chunks[0].byteLength > 2 * reported.chunks[2].byteLength);
});

test('the queue shrinks from event to event, and is empty before the flush resolves', async () => { // WPT-021
  const reported = record();
  const seen = [], handled = [];
  reported.encoder.addEventListener('dequeue', (event) => {
    assert.equal(event.target, reported.encoder);
    seen.push(reported.encoder.encodeQueueSize);
  });
  reported.encoder.ondequeue = () => handled.push(reported.encoder.encodeQueueSize);
  assert.equal(reported.encoder.encodeQueueSize, 0);
  encodeFrames(reported.encoder, 0, 30);
  assert.ok(reported.encoder.encodeQueueSize <= 30);
  await reported.encoder.flush();
  assert.ok(seen.length > 0);
  assert.equal(seen.at(-1), 0);
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => b - a));
  assert.deepEqual(handled, seen);
  reported.encoder.ondequeue = null;
  encodeFrames(reported.encoder, 30, 2);
  await reported.encoder.flush();
  assert.equal(seen.at(-1), 0);
  assert.ok(handled.length < seen.length);
});

test('reset and close during a flush reject it with AbortError', async () => { // WPT-015
  for (const end of ['reset', 'close']) {
    const reported = record();
    encodeFrames(reported.encoder, 0, 10);
    const flushed = reported.encoder.flush();
    reported.encoder[end]();
    assert.equal(reported.encoder.state, end === 'reset' ? 'unconfigured' : 'closed');
    assert.equal(reported.encoder.encodeQueueSize, 0);
    await rejects(flushed, 'AbortError');
    assert.equal(reported.chunks.length, 0);
    assert.equal(reported.errors.length, 0);
  }
});

test('reset, configure, encode and flush work inside an output callback', async () => { // WPT-015
  const reported = record();
  const inner = new Promise((resolve, reject) => {
    reported.onOutput = () => {
      reported.onOutput = null;
      reported.encoder.reset();
      reported.encoder.configure({ ...CONFIG, width: 160, height: 120 });
      encodeFrames(reported.encoder, 100, 2);
      reported.encoder.flush().then(resolve, reject);
    };
  });
  encodeFrames(reported.encoder, 0, 10);
  await rejects(reported.encoder.flush(), 'AbortError');
  await inner;
  assert.deepEqual(reported.chunks.map((chunk) => chunk.timestamp / FRAME_US), [0, 100, 101]);
  assert.equal(reported.metadata[1].decoderConfig.codedWidth, 160);
});

test('an unsupported configuration closes: first the callback is reported, then the flush', async () => { // WPT-013
  const reported = record(null);
  const order = [];
  reported.onError = () => order.push(`error while ${reported.encoder.state}`);
  reported.encoder.configure({ ...CONFIG, codec: 'bogus' });
  assert.equal(reported.encoder.state, 'configured');
  encodeFrames(reported.encoder, 0, 1);
  await reported.encoder.flush().catch((exception) => {
    order.push('flush');
    assert.equal(exception, reported.errors[0]);
  });
  assert.deepEqual(order, ['error while closed', 'flush']);
  assert.ok(reported.errors[0] instanceof DOMException);
  assert.equal(reported.errors[0].name, 'NotSupportedError');
  assert.match(reported.errors[0].message, /bogus/);
});

test('what a state does not allow is an InvalidStateError', async () => { // WPT-021
  const { encoder } = record(null);
  const frame = makeFrame(0);
  assert.equal(encoder.state, 'unconfigured');
  assert.throws(() => encoder.encode(frame), { name: 'InvalidStateError' });
  await rejects(encoder.flush(), 'InvalidStateError', /configured/);
  encoder.reset();
  encoder.close();
  assert.equal(encoder.state, 'closed');
  for (const call of ['close', 'reset'])
    assert.throws(() => encoder[call](), (exception) => exception instanceof DOMException
      && exception.name === 'InvalidStateError');
  assert.throws(() => encoder.configure(CONFIG), { name: 'InvalidStateError' });
  assert.throws(() => encoder.configure({ ...CONFIG, width: 0 }), TypeError);
  frame.close();
});

test('a frame turned another way is a DataError, and the encoder goes on', async () => { // WPT-019
  const reported = record();
  const data = new Uint8Array(SIZE.width * SIZE.height * 4);
  const init = { format: 'RGBA', codedWidth: SIZE.width, codedHeight: SIZE.height, timestamp: 0 };
  const turned = (rotation) => new VideoFrame(data, { ...init, rotation });
  reported.encoder.encode(turned(90));
  assert.throws(() => reported.encoder.encode(turned(180)), { name: 'DataError' });
  reported.encoder.encode(turned(90));
  await reported.encoder.flush();
  assert.equal(reported.chunks.length, 2);
  assert.equal(reported.metadata[0].decoderConfig.rotation, 90);
});

test('bad arguments are a TypeError that names the member', async () => { // WPT-013
  const callbacks = { output() {}, error() {} };
  const encoder = new VideoEncoder(callbacks);
  const open = makeFrame(0), closed = makeFrame(1);
  closed.close();
  encoder.configure(CONFIG);
  const calls = [
    [/init/, () => new VideoEncoder()],
    [/init\.output/, () => new VideoEncoder({ error() {} })],
    [/init\.error/, () => new VideoEncoder({ output() {}, error: 1 })],
    [/config\.codec/, () => encoder.configure({})],
    [/config\.codec/, () => encoder.configure({ ...CONFIG, codec: '' })],
    [/config\.width/, () => encoder.configure({ codec: 'vp8', height: 1 })],
    [/config\.height/, () => encoder.configure({ ...CONFIG, height: 0 })],
    [/config\.width/, () => encoder.configure({ ...CONFIG, width: -1 })],
    [/config\.width/, () => encoder.configure({ ...CONFIG, width: 2 ** 32 })],
    [/config\.width/, () => encoder.configure({ ...CONFIG, width: 'wide' })],
    [/display_?width/i, () => encoder.configure({ ...CONFIG, displayWidth: 0 })],
    [/config\.bitrate/, () => encoder.configure({ ...CONFIG, bitrate: 2 ** 53 })],
    [/config\.bitrate/, () => encoder.configure({ ...CONFIG, bitrate: 1n })],
    [/config\.framerate/, () => encoder.configure({ ...CONFIG, framerate: NaN })],
    [/config\.latencyMode is 'slow'; a LatencyMode is one of quality, realtime$/,
      () => encoder.configure({ ...CONFIG, latencyMode: 'slow' })],
    [/config\.alpha/, () => encoder.configure({ ...CONFIG, alpha: 'KEEP' })],
    [/config\.avc\.format/, () => encoder.configure({ ...CONFIG, avc: { format: 'mp4' } })],
    [/config\.avc/, () => encoder.configure({ ...CONFIG, avc: 'annexb' })],
    [/config/, () => encoder.configure('vp8')],
    [/frame/, () => encoder.encode()],
    [/frame/, () => encoder.encode({})],
    [/frame/, () => encoder.encode(closed)],
    [/options/, () => encoder.encode(open, 1)],
    [/options\.vp9/, () => encoder.encode(open, { vp9: 20 })],
    [/quantizer/, () => record({ ...H264, bitrateMode: 'quantizer' }).encoder.encode(open, { avc: { quantizer: 52 } })],
    [/./, () => VideoEncoder.prototype.flush.call({})],
  ];
  for (const [member, call] of calls)
    await assert.rejects(async () => call(), (exception) => {
      assert.ok(exception instanceof TypeError, `${exception} for ${call}`);
      assert.match(exception.message, member, String(call));
      return true;
    });
  assert.equal(encoder.state, 'configured');
  assert.equal(encoder.encodeQueueSize, 0);
  encodeFrames(encoder, 0, 1);
  await encoder.flush();
});

test('availableEncoders lists encoders, and buildInfo names the versions', () => {
  const vp8 = availableEncoders().find(({ codec }) => codec === 'vp8');
  assert.equal(vp8.isNative, vp8.name === 'native-vpx');
  assert.deepEqual(vp8.latencyModes, ['quality', 'realtime']);
  assert.ok(vp8.bitrateModes.includes('variable'));
  assert.ok(vp8.capabilities.includes('temporal-layers'));
  assert.match(buildInfo(), /^libwcenc [0-9.]+; FFmpeg .*libavcodec/);
});

test('isConfigSupported reports what is supported, and what it has recognised', async () => { // WPT-013, WPT-014
  const config = { ...CONFIG, bitrate: 1e6 + 0.5, framerate: 29.97, contentHint: 'text', avc: { format: 'annexb' } };
  const support = await VideoEncoder.isConfigSupported({ ...config, future: 1 });
  const { encoderName, ...rest } = support;
  assert.match(encoderName, /vpx|vp8/);
  assert.deepEqual(rest, {
    supported: true,
    reason: null,
    codec: 'vp8',
    referenceBuffers: 0,
    config: { ...config, bitrate: 1e6, alpha: 'discard', bitrateMode: 'variable',
      hardwareAcceleration: 'no-preference' },
  });
  const odd = await VideoEncoder.isConfigSupported({ ...H264, width: 641 });
  assert.equal(odd.supported, false);
  assert.equal(odd.config.width, 641);
  assert.match(odd.reason, /641/);
  assert.deepEqual([odd.encoderName, odd.codec], [null, null]);
  await rejects(VideoEncoder.isConfigSupported({ ...CONFIG, width: 0 }), 'TypeError', /config\.width/);
  await rejects(VideoEncoder.isConfigSupported(), 'TypeError', /config\.codec/);
});

test('av1.forceScreenContentTools reaches the library', async () => {
  const config = { codec: 'av01.0.04M.10', ...SIZE, latencyMode: 'realtime' };
  const force = (forceScreenContentTools) =>
    VideoEncoder.isConfigSupported({ ...config, av1: { forceScreenContentTools } });
  const plain = await force(false);
  assert.deepEqual(plain.config.av1, { forceScreenContentTools: false });
  // With 10 bits in realtime the tools would crash the encoder, so that it is not supported.
  if (plain.supported) assert.equal((await force(true)).supported, false);
  assert.equal((await VideoEncoder.isConfigSupported({ ...CONFIG, av1: { forceScreenContentTools: true } })).supported, true);
  assert.equal((await force(undefined)).config.av1.forceScreenContentTools, false);
});

test('isConfigSupported opens encoders off the thread of JavaScript', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const answers = await Promise.all(Array.from({ length: 16 }, (_, i) =>
    VideoEncoder.isConfigSupported({ codec: 'av01.0.13M.08', width: 1920 - 16 * i, height: 1080, bitrate: 1e6 + i })));
  clearInterval(timer);
  assert.equal(answers.length, 16);
  assert.ok(ticks > 0);
});

test('timers fire while 20 frames of 640x480 are encoded, and while they are flushed', async () => {
  const size = { width: 640, height: 480 };
  for (const latencyMode of ['realtime', 'quality']) {
    const reported = record({ ...H264, ...size, latencyMode });
    let ticks = 0, atFirst, atLast;
    const timer = setInterval(() => ticks++, 1);
    reported.onOutput = () => {
      atFirst ??= ticks;
      atLast = ticks;
    };
    for (let i = 0; i < 20; i++) {
      encodeFrames(reported.encoder, i, 1, undefined, size);
      if (latencyMode === 'realtime') await new Promise((resolve) => setTimeout(resolve));
    }
    const encoded = ticks;
    await reported.encoder.flush();
    clearInterval(timer);
    assert.equal(reported.chunks.length, 20);
    if (latencyMode === 'realtime') assert.ok(encoded > 0 && atLast > atFirst, `${encoded} ${atFirst} ${atLast}`);
    else assert.ok(ticks > encoded, `${encoded} ${ticks}`);
  }
});

test('chunks come without a flush', async () => {
  const reported = record();
  encodeFrames(reported.encoder, 0, 5);
  await outputs(reported, 5);
  reported.encoder.close();
});

test('EncodedVideoChunk is made of bytes', () => { // WPT-022
  const data = new Uint8Array([9, 10, 11, 12]).subarray(1);
  const chunk = new EncodedVideoChunk({ type: 'key', timestamp: -10, data });
  data[0] = 0;
  assert.deepEqual([chunk.type, chunk.timestamp, chunk.duration, chunk.byteLength], ['key', -10, null, 3]);
  const copy = new Uint8Array(5).fill(7);
  chunk.copyTo(copy);
  assert.deepEqual([...copy], [10, 11, 12, 7, 7]);
  const shared = new SharedArrayBuffer(3);
  chunk.copyTo(shared);
  assert.deepEqual([...new Uint8Array(shared)], [10, 11, 12]);
  assert.throws(() => chunk.copyTo(new Uint8Array(2)), TypeError);
  assert.throws(() => chunk.copyTo([]), TypeError);
  const given = new ArrayBuffer(4);
  const taken = new EncodedVideoChunk({ type: 'delta', timestamp: 0, duration: 0, data: given, transfer: [given] });
  assert.deepEqual([given.byteLength, taken.byteLength, taken.duration], [0, 4, 0]);
  assert.throws(() => new EncodedVideoChunk({ type: 'key', timestamp: 0, data: given }), /init\.data is detached/);
  new EncodedVideoChunk({ type: 'key', timestamp: 0, data: new Uint8Array() }).copyTo(new Uint8Array());
  for (const [member, init] of [
    [/init\.data/, { type: 'key', timestamp: 0 }], [/init\.type/, { type: 'b', timestamp: 0, data }],
    [/init\.timestamp/, { type: 'key', data }], [/init\.duration/, { type: 'key', timestamp: 0, data, duration: -1 }],
  ]) assert.throws(() => new EncodedVideoChunk(init), (e) => e instanceof TypeError && member.test(e.message));
});
