// SPDX-License-Identifier: MIT
// The Worker that install() adds, and WCENC_LOG.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { run } from './common.mjs';
import { install } from '../webcodecs.mjs';

const target = {};
install(target);
const start = (script) => new target.Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));

test('install adds a Worker only where there is none', () => {
  assert.equal(typeof target.Worker, 'function');
  const own = { Worker: class {} };
  const { Worker } = own;
  install(own);
  assert.equal(own.Worker, Worker);
});

test('a Worker answers messages in their order, and passes objects as they are', async () => {
  const worker = start('self.addEventListener("message", ({ data }) => self.postMessage({ data, seen: true }))');
  const objects = [{ number: 1 }, { number: 2 }, { number: 3 }];
  const answers = new Promise((resolve) => {
    const all = [];
    worker.addEventListener('message', ({ data }) => all.push(data) === objects.length && resolve(all));
  });
  objects.forEach((each) => worker.postMessage(each));
  (await answers).forEach(({ data, seen }, i) => assert.ok(data === objects[i] && seen));
});

test('onmessage works at both ends, and a script that closes itself gets no more messages', async () => {
  const worker = start('self.onmessage = ({ data }) => { self.postMessage(data + 1); self.close(); }');
  const answers = [];
  await new Promise((resolve) => {
    worker.onmessage = ({ data }) => { answers.push(data); resolve(); };
    worker.postMessage(6);
    worker.postMessage(7);
  });
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.deepEqual(answers, [7]);
});

test('a script that fails is an error event, and a terminated Worker is silent', async () => {
  const [event] = await once(start('throw new Error("broken script")'), 'error');
  assert.match(event.message, /broken script/);
  const worker = start('self.addEventListener("message", () => self.postMessage(1))');
  worker.addEventListener('message', () => assert.fail('a message of a terminated worker'));
  worker.postMessage(0);
  worker.terminate();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.throws(() => new target.Worker('file:///script.js'), { name: 'NotSupportedError', message: /blob:/ });
});

test('WCENC_LOG shows the messages of the library', async () => {
  const source = `
    const recorded = record();
    encodeFrames(recorded.encoder, 0, 1);
    await recorded.encoder.flush();
  `;
  process.env.WCENC_LOG = 'debug';
  try {
    const { code, stderr } = await run(source);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^libwcenc: info: .*vp8.*320x240/m);
    process.env.WCENC_LOG = 'error';
    assert.equal((await run(source)).stderr, '');
    process.env.WCENC_LOG = 'loud';
    assert.match((await run(source)).stderr,
      /TypeError: WCENC_LOG is 'loud'; a LogLevel is one of none, error, warning, info, debug/);
  } finally {
    delete process.env.WCENC_LOG;
  }
});
