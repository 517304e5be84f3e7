// SPDX-License-Identifier: MIT
// Objects of the library cannot be copied to another thread: the attempt throws, and the object is as before.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import { BroadcastChannel, MessageChannel, Worker } from 'node:worker_threads';
import { EncodedVideoChunk, VideoColorSpace, VideoEncoder, VideoFrame } from '../webcodecs.mjs';
import { encodeFrames, record } from './common.mjs';

const INIT = { format: 'RGBA', codedWidth: 4, codedHeight: 2, timestamp: 5 };
const makers = {
  VideoFrame: () => new VideoFrame(new Uint8Array(32).fill(9), INIT),
  EncodedVideoChunk: () => new EncodedVideoChunk({ type: 'key', timestamp: 5, data: Uint8Array.of(1, 2, 3) }),
  VideoColorSpace: () => new VideoColorSpace({ matrix: 'bt709' }),
  VideoEncoder: () => new VideoEncoder({ output() {}, error() {} }),
};
const dataCloneError = (exception) => exception instanceof DOMException && exception.name === 'DataCloneError';
// Node before 22 has a TypeError of its own for what cannot be in a transfer list.
const isNotTransferable = (exception) => dataCloneError(exception) || exception.code === 'ERR_INVALID_TRANSFER_OBJECT';

for (const [name, make] of Object.entries(makers)) {
  test(`${name} can be neither cloned, nor posted, nor transferred`, () => {
    const object = make();
    const { port1 } = new MessageChannel();
    const broadcast = new BroadcastChannel('clone');
    const worker = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', { eval: true });
    try {
      const copies = {
        'structuredClone': (value) => structuredClone(value),
        'MessagePort': (value) => port1.postMessage(value),
        'BroadcastChannel': (value) => broadcast.postMessage(value),
        'a worker': (value) => worker.postMessage(value),
        'workerData': (workerData) => new Worker('', { eval: true, workerData }),
      };
      for (const [way, copy] of Object.entries(copies))
        for (const value of [object, [object], { inner: { object } }, new Map([[1, object]])])
          assert.throws(() => copy(value), (exception) => dataCloneError(exception) && exception.message.includes(name),
            way);
      assert.throws(() => serialize(object), new RegExp(name));
      assert.throws(() => structuredClone(object, { transfer: [object] }), isNotTransferable);
      assert.throws(() => port1.postMessage(object, [object]), isNotTransferable);
      assert.throws(() => worker.postMessage(object, [object]), isNotTransferable);
    } finally {
      port1.close();
      broadcast.close();
      worker.postMessage('end');
    }
    // It is what it was.
    assert.equal(Object.prototype.toString.call(object), `[object ${name}]`);
    assert.equal(object.timestamp ?? 5, 5);
    assert.equal(object.state ?? 'unconfigured', 'unconfigured');
    assert.ok(object instanceof object.constructor && object.constructor.name === name);
    assert.deepEqual(Object.getOwnPropertyNames(object), []);
  });
}

test('a subclass cannot be cloned either', () => {
  class Mine extends VideoFrame {
    more = 1;
  }
  const frame = new Mine(new Uint8Array(32), INIT);
  assert.equal(frame.more, 1);
  assert.throws(() => structuredClone(frame), dataCloneError);
});

test('metadata with a frame in it is a DataCloneError that names the member', () => {
  const frame = makers.VideoFrame();
  for (const value of [frame, { frame }, { call() {} }])
    assert.throws(() => new VideoFrame(new Uint8Array(32), { ...INIT, metadata: value }),
      (exception) => dataCloneError(exception) && /^init\.metadata: .*could not be cloned/.test(exception.message));
});

test('pixels, bytes and metadata go to a worker as buffers', async () => {
  const reported = record();
  encodeFrames(reported.encoder, 0, 1);
  await reported.encoder.flush();
  const pixels = new Uint8Array(32), bytes = new Uint8Array(reported.chunks[0].byteLength);
  await makers.VideoFrame().copyTo(pixels);
  reported.chunks[0].copyTo(bytes);
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    parentPort.once('message', (message) => parentPort.postMessage(message));
  `, { eval: true });
  const wanted = [...bytes];
  worker.postMessage({ pixels, bytes, metadata: reported.metadata[0] }, [pixels.buffer, bytes.buffer]);
  const [back] = await once(worker, 'message');
  assert.deepEqual([pixels.length, bytes.length], [0, 0]);
  assert.deepEqual([...back.pixels], Array(32).fill(9));
  assert.deepEqual([...back.bytes], wanted);
  assert.deepEqual(back.metadata, reported.metadata[0]);
});
