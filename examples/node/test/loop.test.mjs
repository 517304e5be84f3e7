// SPDX-License-Identifier: MIT
// The encoder beside the event loop: what keeps it alive, exceptions, workers, the garbage collector, and the end.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { run } from './common.mjs';

const ends = (result, code, stdout) =>
  assert.deepEqual({ ...result, stderr: code === 0 ? result.stderr : '' }, { code, signal: null, stdout, stderr: '' });

test('chunks that are still to come keep the process alive, without a flush', async () => {
  ends(await run(`
    const reported = record();
    encodeFrames(reported.encoder, 0, 10);
    process.on('exit', () => console.log(reported.chunks.length));
  `), 0, '10\n');
});

test('an error that is still to come keeps the process alive', async () => {
  ends(await run(`
    record({ ...CONFIG, codec: 'bogus' }).onError = (exception) => console.log(exception.name);
  `), 0, 'NotSupportedError\n');
});

test('nothing else keeps the process alive: neither an idle encoder nor frames that are delayed', async () => {
  ends(await run(`
    globalThis.kept = [record(), record({ codec: 'avc1.42001f', width: 320, height: 240 }), record(null)];
    encodeFrames(kept[1].encoder, 0, 3);
    await kept[0].encoder.flush();
    encodeFrames(kept[0].encoder, 0, 3);
    const frame = makeFrame(0);
    process.on('exit', () => {
      console.log(kept[0].chunks.length, kept[1].chunks.length, kept[1].encoder.encodeQueueSize);
    });
  `), 0, '3 0 0\n');
});

test('process.exit with pending work, with a pending flush, and inside a callback', async () => {
  ends(await run(`
    const reported = record({ ...CONFIG, width: 1280, height: 720 });
    encodeFrames(reported.encoder, 0, 20);
    process.exit(3);
  `), 3, '');
  ends(await run(`
    const reported = record({ ...CONFIG, width: 1280, height: 720 });
    encodeFrames(reported.encoder, 0, 20);
    reported.encoder.flush().finally(() => console.log('never'));
    reported.encoder.addEventListener('dequeue', () => process.exit(4));
  `), 4, '');
  ends(await run(`
    const reported = record();
    reported.onOutput = () => process.exit(5);
    encodeFrames(reported.encoder, 0, 20);
    await reported.encoder.flush();
  `), 5, '');
});

test('an exception of a callback is an uncaught one', async () => {
  const result = await run(`
    const reported = record();
    reported.onOutput = () => { throw new Error('thrown in output'); };
    encodeFrames(reported.encoder, 0, 3);
    await reported.encoder.flush();
  `);
  assert.equal(result.signal, null);
  assert.notEqual(result.code, 0);
  assert.match(result.stderr, /Error: thrown in output\n +at reported\.onOutput/);
});

test('an exception of a callback does not break the encoder', async () => {
  ends(await run(`
    const reported = record(), seen = [];
    process.on('uncaughtException', (exception) => seen.push(exception.message));
    reported.encoder.addEventListener('dequeue', () => { throw new Error('dequeue'); });
    reported.onOutput = (chunk) => { throw new Error('output'); };
    encodeFrames(reported.encoder, 0, 5);
    await reported.encoder.flush();
    encodeFrames(reported.encoder, 5, 1);
    await reported.encoder.flush();
    const count = (what) => seen.filter((message) => message === what).length;
    console.log(reported.chunks.length, count('output'), count('dequeue') > 0, reported.encoder.state);
    reported.onError = () => { throw new Error('error'); };
    reported.encoder.configure({ ...CONFIG, codec: 'bogus' });
    await reported.encoder.flush().catch((exception) => console.log(exception.name, exception === reported.errors[0]));
    console.log(count('error'));
  `), 0, '6 6 true configured\nNotSupportedError true\n1\n');
});


const WORKER = `
  import { Worker } from 'node:worker_threads';
  const start = (workerData) => new Worker(new URL('${new URL('worker.mjs', import.meta.url)}'),
    { workerData, execArgv: [] });
`;

test('workers encode beside each other and the main thread', async () => {
  ends(await run(WORKER + `
    const here = record();
    encodeFrames(here.encoder, 0, 12);
    const counts = await Promise.all([1, 2, 3].map(() => new Promise((resolve, reject) => {
      let count;
      start('flushes').on('message', (message) => { count = message; }).on('error', reject)
        .on('exit', (code) => resolve(count + code));
    })));
    await here.encoder.flush();
    console.log(...counts, here.chunks.length);
  `), 0, '12 12 12 12\n');
});

test('workers may end at any moment', async () => {
  ends(await run(WORKER + `
    for (const way of ['is terminated', 'leaves', 'leaves in a callback', 'throws']) {
      const worker = start(way);
      worker.on('message', () => worker.terminate());
      worker.on('error', (error) => console.log(error.message));
      console.log(way, await new Promise((resolve) => worker.on('exit', resolve)));
    }
    const reported = record();
    encodeFrames(reported.encoder, 0, 5);
    await reported.encoder.flush();
    console.log(reported.chunks.length);
  `), 0, 'is terminated 1\nleaves 7\nleaves in a callback 8\nin a worker\nthrows 1\n5\n');
});

test('an encoder that nobody holds reports all that it has to report, and is then collected', async () => {
  ends(await run(`
    let chunks = 0, gone = 0;
    const COUNT = 40;
    const registry = new FinalizationRegistry(() => gone++);
    // A function, since the last value of a variable would live as long as the module.
    function start() {
      const encoder = new VideoEncoder({ output: () => { gc(); chunks++; }, error: console.log });
      registry.register(encoder);
      encoder.configure({ ...CONFIG, width: 64, height: 48 });
      encodeFrames(encoder, 0, 5);
    }
    for (let i = 0; i < COUNT; i++) start();
    gc();
    while (chunks < COUNT * 5 || gone < COUNT) {
      await new Promise(setImmediate);
      gc();
    }
    console.log(chunks, gone);
  `, '--expose-gc'), 0, '200 40\n');
});

test('frames and buffers that nobody holds are collected, also while they are encoded', async () => {
  ends(await run(`
    const COUNT = 60;
    const SIZE = { width: 640, height: 480 };
    const reported = record({ ...CONFIG, ...SIZE });
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    async function encode(i) {
      const frame = makeFrame(i, SIZE);
      const buffer = new ArrayBuffer(frame.allocationSize());
      await frame.copyTo(buffer);
      const transferred = new VideoFrame(buffer, { format: 'RGBX', codedWidth: 640, codedHeight: 480, timestamp: i,
        transfer: [buffer] });
      reported.encoder.encode(transferred);
      registry.register(transferred);
      registry.register(frame);
      gc();
    }
    for (let i = 0; i < COUNT; i++) await encode(i);
    await reported.encoder.flush();
    reported.encoder.close();
    reported.chunks.forEach((chunk) => registry.register(chunk));
    const chunks = reported.chunks.splice(0).length;
    while (gone < COUNT * 3) {
      await new Promise(setImmediate);
      gc();
    }
    await new Promise(setImmediate);
    gc();
    const { external, arrayBuffers } = process.memoryUsage();
    console.log(chunks, external < 8e6, arrayBuffers < 8e6);
  `, '--expose-gc'), 0, '60 true true\n');
});

// As reported, they are collected in time; as not reported, they pile up to three times of that.
test('the garbage collector knows how much memory frames hold', async () => {
  ends(await run(`
    const [width, height] = [640, 480];
    const data = new Uint8Array(width * height * 4).fill(1);
    let most = 0;
    for (let i = 0; i < 800; i++) {
      new VideoFrame(data, { format: 'RGBA', codedWidth: width, codedHeight: height, timestamp: i });
      if (i % 10 === 0) await new Promise(setImmediate);
      most = Math.max(most, process.memoryUsage().rss);
    }
    console.log(most < 300e6 || most);
  `), 0, 'true\n');
});

// Each has a descriptor; not reported what encoders weigh, the collector lets hundreds lie about.
const skip = !existsSync('/proc/self/fd');
test('encoders that nobody holds are collected before there are many', { skip }, async () => {
  ends(await run(`
    import { readdirSync } from 'node:fs';
    let most = 0;
    for (let i = 0; i < 2000; i++) {
      const { encoder } = record();
      await encoder.flush();
      if (i % 2) encoder.close();
      if (i % 20 === 0) most = Math.max(most, readdirSync('/proc/self/fd').length);
    }
    console.log(most < 200 || most);
  `), 0, 'true\n');
});
