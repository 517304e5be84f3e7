// SPDX-License-Identifier: MIT
// VideoFrame and VideoColorSpace as WebCodecs has them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VideoColorSpace, VideoFrame, install } from '../webcodecs.mjs';
import { makeFrame, record } from './common.mjs';

const I420 = { format: 'I420', codedWidth: 4, codedHeight: 2, timestamp: 0 };
const YUV = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

test('a frame of bytes has the attributes that it was given', () => { // WPT-024, WPT-027
  const frame = new VideoFrame(YUV, {
    ...I420, timestamp: -5, duration: 0, rotation: 100, flip: true, displayWidth: 8, displayHeight: 4,
    visibleRect: { x: 2, width: 2, height: 2 }, colorSpace: { primaries: 'bt709', fullRange: true },
  });
  const { format, timestamp, duration, rotation, flip, displayWidth, displayHeight, visibleRect } = frame;
  assert.deepEqual({ format, timestamp, duration, rotation, flip, displayWidth, displayHeight },
    { format: 'I420', timestamp: -5, duration: 0, rotation: 90, flip: true, displayWidth: 8, displayHeight: 4 });
  assert.deepEqual([visibleRect.width, visibleRect.height, visibleRect.right - visibleRect.left], [2, 2, 2]);
  assert.equal(frame.codedRect.width, frame.codedWidth);
  assert.ok(frame.colorSpace instanceof VideoColorSpace);
  assert.deepEqual(frame.colorSpace.toJSON(), { fullRange: true, matrix: null, primaries: 'bt709', transfer: null });
});

test('what is not given has the default of WebCodecs', () => { // WPT-024
  const yuv = new VideoFrame(YUV.buffer, I420);
  assert.deepEqual([yuv.codedWidth, yuv.codedHeight, yuv.displayWidth, yuv.displayHeight], [4, 2, 4, 2]);
  assert.deepEqual([yuv.duration, yuv.rotation, yuv.flip], [null, 0, false]);
  assert.equal(yuv.colorSpace.matrix, 'bt709');
  assert.deepEqual(yuv.metadata(), {});
  const rgb = new VideoFrame(new Uint8Array(32), { ...I420, format: 'RGBA', colorSpace: undefined });
  assert.equal(rgb.colorSpace.matrix, 'rgb');
});

test('every format can be made, of every kind of buffer', () => { // WPT-024
  const bytes = { I420: 12, I422P10: 32, I444AP12: 64, NV12: 12, BGRX: 32 };
  for (const [format, size] of Object.entries(bytes)) {
    const shared = new SharedArrayBuffer(size);
    for (const data of [new ArrayBuffer(size), new Uint16Array(size / 2), new DataView(new ArrayBuffer(size)), shared,
      new Uint8Array(shared), Buffer.alloc(size)]) {
      const frame = new VideoFrame(data, { ...I420, format });
      assert.equal(frame.format, format);
      assert.equal(frame.allocationSize(), size);
      frame.close();
    }
  }
});

test('formats beyond WebCodecs are none', () => {
  for (const format of ['NV21', 'P010', 'YUYV', 'UYVY', 'RGB24', 'BGR24', 'GRAY8'])
    assert.throws(() => new VideoFrame(new Uint8Array(64), { ...I420, format }), TypeError);
});

test('copyTo gives the pixels and where they are', async () => { // WPT-025
  const frame = new VideoFrame(YUV, I420);
  const bytes = new Uint8Array(12);
  assert.deepEqual(await frame.copyTo(bytes),
    [{ offset: 0, stride: 4 }, { offset: 8, stride: 2 }, { offset: 10, stride: 2 }]);
  assert.deepEqual(bytes, YUV);
  const layout = [{ offset: 4, stride: 4 }, { offset: 0, stride: 2 }, { offset: 2, stride: 2 }];
  assert.deepEqual(await frame.copyTo(bytes.buffer, { layout }), layout);
  assert.deepEqual([...bytes], [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]);
  const part = new Uint8Array(6);
  await frame.copyTo(part, { rect: { x: 2, y: 0, width: 2, height: 2 } });
  assert.deepEqual([...part], [3, 4, 7, 8, 10, 12]);
  const rgba = new Uint8Array(32);
  assert.equal(frame.allocationSize({ format: 'RGBA' }), 32);
  assert.deepEqual(await frame.copyTo(rgba, { format: 'RGBA', colorSpace: 'srgb' }), [{ offset: 0, stride: 16 }]);
  assert.equal(rgba[3], 255);
  const red = new VideoFrame(Uint8Array.of(255, 0, 0, 9), { ...I420, format: 'RGBA', codedWidth: 1, codedHeight: 1 });
  const pixel = new Uint8Array(4);
  await red.copyTo(pixel, { format: 'BGRA', colorSpace: 'display-p3' });
  assert.deepEqual([...pixel], [35, 51, 234, 9]);
  await assert.rejects(frame.copyTo(new Uint8Array(11)), TypeError);
  await assert.rejects(frame.copyTo(bytes, { format: 'I420' }), { name: 'NotSupportedError' });
  await assert.rejects(frame.copyTo(), /destination/);
  await assert.rejects(frame.copyTo(bytes, { layout: [] }), /options\.layout/);
  await assert.rejects(frame.copyTo(bytes, { rect: { x: 1, width: 2, height: 2 } }), TypeError);
  assert.throws(() => frame.allocationSize({ colorSpace: 'p3' }), /options\.colorSpace/);
});

test('a frame of a frame shares the pixels and differs in what is given', async () => { // WPT-024, WPT-027
  const frame = new VideoFrame(new Uint8Array(32).fill(9), {
    ...I420, format: 'RGBA', rotation: 90, duration: 7, metadata: { captureTime: 1 } });
  const other = new VideoFrame(frame, { timestamp: 3, rotation: 90, flip: true, alpha: 'discard' });
  frame.close();
  assert.deepEqual([other.timestamp, other.duration, other.rotation, other.flip, other.format],
    [3, 7, 180, true, 'RGBX']);
  assert.deepEqual(other.metadata(), {});
  const bytes = new Uint8Array(32);
  await other.copyTo(bytes);
  assert.equal(bytes[0], 9);
  assert.throws(() => new VideoFrame(frame), { name: 'InvalidStateError' });
});

test('clone has everything, and is closed on its own', () => {
  const frame = new VideoFrame(YUV, { ...I420, timestamp: 9, metadata: { captureTime: 5, segments: [] } });
  const clone = frame.clone();
  frame.close();
  assert.deepEqual([clone.format, clone.timestamp, clone.codedWidth], ['I420', 9, 4]);
  assert.deepEqual(clone.metadata(), { captureTime: 5, segments: [] });
  clone.metadata().captureTime = 6;
  assert.equal(clone.metadata().captureTime, 5);
  clone.close();
});

test('a closed frame keeps its times only', async () => { // WPT-024, WPT-025
  const frame = new VideoFrame(YUV, { ...I420, timestamp: 10, duration: 15 });
  frame.close();
  frame.close();
  const { format, codedWidth, displayHeight, visibleRect, codedRect, timestamp, duration } = frame;
  assert.deepEqual({ format, codedWidth, displayHeight, visibleRect, codedRect, timestamp, duration }, { format: null,
    codedWidth: 0, displayHeight: 0, visibleRect: null, codedRect: null, timestamp: 10, duration: 15 });
  assert.ok(Object.values(frame.colorSpace.toJSON()).every((value) => value === null));
  for (const call of [() => frame.clone(), () => frame.allocationSize(), () => frame.metadata()])
    assert.throws(call, (exception) => exception instanceof DOMException && exception.name === 'InvalidStateError');
  await assert.rejects(frame.copyTo(new Uint8Array(12)), { name: 'InvalidStateError' });
});

test('pixels are those of the moment, unless the buffer is given away', async () => {
  const data = YUV.slice();
  const copied = new VideoFrame(data, I420);
  data.fill(0);
  const bytes = new Uint8Array(12);
  await copied.copyTo(bytes);
  assert.deepEqual(bytes, YUV);

  const buffer = YUV.slice().buffer, other = new ArrayBuffer(8);
  const taken = new VideoFrame(new Uint8Array(buffer), { ...I420, transfer: [other, buffer] });
  assert.deepEqual([buffer.byteLength, other.byteLength], [0, 0]);
  const clone = taken.clone();
  taken.close();
  await clone.copyTo(bytes);
  assert.deepEqual(bytes, YUV);
  clone.close();
});

test('a buffer that cannot be given away, or not twice, leaves no frame behind', () => {
  const buffer = YUV.slice().buffer;
  assert.throws(() => new VideoFrame(buffer, { ...I420, transfer: [buffer, buffer] }), { name: 'DataCloneError' });
  assert.equal(buffer.byteLength, 12);
  assert.throws(() => new VideoFrame(buffer, { ...I420, codedWidth: 8, transfer: [buffer] }), TypeError);
  assert.equal(buffer.byteLength, 12);
  new VideoFrame(buffer, { ...I420, transfer: [buffer] }).close();
  assert.throws(() => new VideoFrame(buffer, I420), /data is detached/);
  assert.throws(() => new VideoFrame(YUV, { ...I420, transfer: [YUV] }), /init\.transfer\[0\]/);
});

test('buffers that are given away are encoded as they are', async () => {
  const reported = record();
  const copies = record();
  for (let number = 0; number < 10; number++) {
    const frame = makeFrame(number);
    const buffer = new ArrayBuffer(frame.allocationSize());
    await frame.copyTo(buffer);
    copies.encoder.encode(frame);
    const { timestamp, format, codedWidth, codedHeight } = frame;
    const transferred = new VideoFrame(buffer, { timestamp, format, codedWidth, codedHeight, transfer: [buffer] });
    reported.encoder.encode(transferred);
    for (const each of [frame, transferred]) each.close();
  }
  await Promise.all([reported.encoder.flush(), copies.encoder.flush()]);
  const bytesOf = (chunk) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    return bytes;
  };
  assert.deepEqual(reported.chunks.map(bytesOf), copies.chunks.map(bytesOf));
});

test('bad arguments are a TypeError that names the member', () => { // WPT-024, WPT-025
  const calls = [
    [/VideoFrame|data/, () => new VideoFrame()],
    [/data/, () => new VideoFrame({}, I420)],
    [/init\.codedHeight/, () => new VideoFrame(YUV)],
    [/init\.format/, () => new VideoFrame(YUV, { ...I420, format: undefined })],
    [/init\.format/, () => new VideoFrame(YUV, { ...I420, format: 'i420' })],
    [/init\.codedWidth/, () => new VideoFrame(YUV, { ...I420, codedWidth: -4 })],
    [/coded_?width/i, () => new VideoFrame(YUV, { ...I420, codedWidth: 0 })],
    [/init\.timestamp/, () => new VideoFrame(YUV, { ...I420, timestamp: undefined })],
    [/init\.timestamp/, () => new VideoFrame(YUV, { ...I420, timestamp: Infinity })],
    [/init\.duration/, () => new VideoFrame(YUV, { ...I420, duration: -1 })],
    [/init\.layout\[1\]\.stride/, () => new VideoFrame(YUV, {
      ...I420, layout: [{ offset: 0, stride: 4 }, { offset: 0 }] })],
    [/layout/, () => new VideoFrame(YUV, { ...I420, layout: [{ offset: 0, stride: 4 }] })],
    [/layout/, () => new VideoFrame(YUV, { ...I420, layout: Array(5).fill({ offset: 0, stride: 4 }) })],
    [/init\.visibleRect\.x/, () => new VideoFrame(YUV, { ...I420, visibleRect: { x: -1, width: 2, height: 2 } })],
    [/init\.rotation/, () => new VideoFrame(YUV, { ...I420, rotation: NaN })],
    [/init\.colorSpace\.matrix/, () => new VideoFrame(YUV, { ...I420, colorSpace: { matrix: 'ycgco' } })],
    [/display/, () => new VideoFrame(YUV, { ...I420, displayWidth: 4 })],
    [/init\.metadata/, () => new VideoFrame(YUV, { ...I420, metadata: 1 })],
    [/data/, () => new VideoFrame(YUV.subarray(1), I420)],
    [/init\.primaries/, () => new VideoColorSpace({ primaries: 'srgb' })],
  ];
  for (const [member, call] of calls)
    assert.throws(call, (exception) => {
      assert.ok(exception instanceof TypeError, `${exception} for ${call}`);
      assert.match(exception.message, member, String(call));
      return true;
    });
});

test('VideoColorSpace is what it was given', () => { // WPT-023
  const init = { primaries: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', fullRange: false };
  assert.deepEqual(new VideoColorSpace(init).toJSON(), init);
  assert.deepEqual(new VideoColorSpace(new VideoColorSpace(init)).toJSON(), init);
  assert.deepEqual(new VideoColorSpace().toJSON(), { primaries: null, transfer: null, matrix: null, fullRange: null });
});

test('the classes can be made global', () => {
  const target = { Worker: null };
  install(target);
  delete target.Worker;
  assert.equal(target.VideoFrame, VideoFrame);
  assert.deepEqual(Object.getOwnPropertyNames(target).sort(),
    ['EncodedVideoChunk', 'VideoColorSpace', 'VideoEncoder', 'VideoFrame']);
  assert.deepEqual(Object.keys(target), []);
  assert.equal(String(new VideoFrame(YUV, I420)), '[object VideoFrame]');
});
