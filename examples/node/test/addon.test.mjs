// SPDX-License-Identifier: MIT
// An add-on that is missing or wrong is reported of in one sentence that says what to do.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const MODULE = fileURLToPath(new URL('../webcodecs.mjs', import.meta.url));

// What an import of the module throws in a process of its own: [name, message], or what the library has encoded.
async function load(addon, { module = MODULE, cwd } = {}) {
  const { WCENC_NODE_ADDON: _, ...env } = process.env;
  if (addon !== undefined) env.WCENC_NODE_ADDON = addon;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `
    try {
      const { VideoFrame } = await import(${JSON.stringify(pathToFileURL(module))});
      const frame = new VideoFrame(new Uint8Array(4), { format: 'RGBA', codedWidth: 1, codedHeight: 1, timestamp: 7 });
      console.log(JSON.stringify(['loaded', String(frame.timestamp)]));
    } catch (exception) {
      console.log(JSON.stringify([exception.name, exception.message]));
    }
  `], { env, cwd, timeout: 60000 });
  return JSON.parse(stdout);
}

const HOW = /Run `npm install` in .*, which builds the add-on .*or set WCENC_NODE_ADDON/;

test('an add-on that is missing or wrong is named, with how to build it', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'wcenc-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = (name, content) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const missing = join(directory, 'missing.node');
  const cases = [
    [missing, /^WCENC_NODE_ADDON: .*missing\.node does not exist\./],
    [file('text.node', 'no add-on'), /^WCENC_NODE_ADDON: .*text\.node cannot be loaded: /],
    [directory, /^WCENC_NODE_ADDON: .* cannot be loaded: /],
    [file('other.json', '{}'), /^WCENC_NODE_ADDON: .*other\.json is not the add-on of libwcenc\./],
    [file('null.json', 'null'), /^WCENC_NODE_ADDON: .*null\.json is not the add-on of libwcenc\./],
  ];
  for (const [addon, pattern] of cases) {
    const [name, message] = await load(addon);
    assert.equal(name, 'Error');
    assert.match(message, pattern);
    assert.match(message, HOW);
  }
  // Neither built by npm nor named; an empty name is none.
  for (const name of readdirSync(dirname(MODULE)).filter((each) => each.endsWith('.mjs')))
    copyFileSync(join(dirname(MODULE), name), join(directory, name));
  const module = join(directory, 'webcodecs.mjs');
  for (const addon of [undefined, '']) {
    const [name, message] = await load(addon, { module });
    assert.equal(name, 'Error');
    assert.ok(message.startsWith(`${join(directory, 'build', 'wcenc.node')} does not exist.`), message);
    assert.match(message, HOW);
  }
});

test('the add-on may be named by a path from the current folder', async () => {
  const addon = process.env.WCENC_NODE_ADDON;
  assert.deepEqual(await load(addon), ['loaded', '7']);
  assert.deepEqual(await load(basename(addon), { cwd: dirname(addon) }), ['loaded', '7']);
  assert.deepEqual(await load(relative(tmpdir(), addon), { cwd: tmpdir() }), ['loaded', '7']);
});
