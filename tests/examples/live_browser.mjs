// SPDX-License-Identifier: MIT
//
// A headless Chromium that watches examples/live, and measures from drawing a numbered pattern to its pixels in the page:
// node live_browser.mjs FOLDER_OF_PLAYWRIGHT CHROMIUM URL SECONDS [SCREENSHOT]
// FOLDER_OF_PLAYWRIGHT has node_modules/playwright-core. Prints one JSON object. With "control=" in the URL it types and
// clicks too.

import {createRequire} from 'node:module';
import path from 'node:path';

const WARM_UP = 45; // frames, in which the browser starts its decoder

const [folder, executablePath, url, seconds, screenshot] = process.argv.slice(2);
const {chromium} = createRequire(path.resolve(folder, 'package.json'))('playwright-core');

function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function summarise({frames, errors, states}) {
  const counted = frames.slice(WARM_UP), latencies = counted.map((frame) => frame.latency);
  const known = latencies.filter((latency) => latency !== null);
  const ordered = counted.every((frame, i) => i === 0 || ((frame.number - counted[i - 1].number) & 0xFFFF) < 0x8000);
  return {
    frames: counted.length, unreadable: latencies.length - known.length, ordered, errors,
    median: quantile(known, .5), p99: quantile(known, .99), slowest: quantile(known, 1),
    stages: Object.fromEntries(['encode', 'way', 'draw'].map((name, i) =>
      [name, quantile(counted.map((frame) => frame.stages[i]), .5)])),
    leftOut: states.at(-1)?.leftOut, skipped: states.at(-1)?.skipped, dropped: states.at(-1)?.dropped,
    mayControl: states.at(-1)?.mayControl,
  };
}

const browser = await chromium.launch({
  executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--mute-audio'],
});
const problems = [];
try {
  const page = await browser.newPage({viewport: {width: 1600, height: 900}, colorScheme: 'dark'});
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith('data:'))
      problems.push(`a request to ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForFunction((count) => window.measured.frames.length > count, WARM_UP, {timeout: 30000, polling: 100});
  if (url.includes('control=')) {
    const box = await page.locator('#picture').boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 4);
    await page.keyboard.press('a');
    await page.keyboard.press('Shift+B');
    await page.keyboard.press('Enter');
  }
  await page.waitForTimeout(Number(seconds) * 1000);
  const measured = await page.evaluate(() => window.measured);
  if (screenshot)
    await page.screenshot({path: screenshot});
  console.log(JSON.stringify({...summarise(measured), problems}));
} finally {
  await browser.close();
}
