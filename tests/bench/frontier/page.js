// SPDX-License-Identifier: MIT

// The browser's side of browser.py: takes one job after the other from the server, codes, and sends back what came out.

const FRAMERATE = 30;

// The pictures of the last job, since the next one mostly wants the same.
let pictures = { key: null, frames: [] };

async function loadPictures(job) {
  const key = [job.content, job.width, job.height, job.format].join();
  if (pictures.key === key && pictures.frames.length >= job.pictures) return pictures.frames;
  for (const frame of pictures.frames) frame.close();
  pictures = { key, frames: [] };
  const size = job.width * job.height * (job.format === 'I420' ? 1.5 : 4);
  for (let i = 0; i < job.pictures; i++) {
    const response = await fetch(`content/${job.content}?offset=${i * size}&length=${size}`);
    const data = await response.arrayBuffer();
    if (data.byteLength !== size) break;
    pictures.frames.push(
      new VideoFrame(data, {
        format: job.format,
        codedWidth: job.width,
        codedHeight: job.height,
        timestamp: 0,
        transfer: [data],
      }),
    );
  }
  if (pictures.frames.length === 0) throw new Error(`no pictures in ${job.content}`);
  return pictures.frames;
}

// There and back again, as content_picture in content.c does.
function place(number, count) {
  if (count === 1) return 0;
  const at = number % (2 * count - 2);
  return at < count ? at : 2 * count - 2 - at;
}

// A frame on the pixels of a picture, without a copy of them.
function frameOf(all, number) {
  return new VideoFrame(all[place(number, all.length)], { timestamp: Math.round((number * 1e6) / FRAMERATE) });
}

// Timers come some milliseconds late: what remains is waited for by messages to itself, which leaves callbacks time.
async function waitUntil(moment) {
  const { port1, port2 } = new MessageChannel();
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now())
    await new Promise((done) => {
      if (left > 6) {
        setTimeout(done, left - 5);
      } else {
        port1.onmessage = done;
        port2.postMessage(0);
      }
    });
  port1.close();
}

const post = (path, body) => fetch(path, { method: 'POST', body });

// One buffer of all packets, as stream.h describes it.
function streamOf(outputs) {
  const size = outputs.reduce((sum, { chunk }) => sum + 8 + chunk.byteLength, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { chunk, number } of outputs) {
    view.setUint32(at, chunk.byteLength, true);
    view.setUint32(at + 4, number, true);
    chunk.copyTo(bytes.subarray(at + 8, at + 8 + chunk.byteLength));
    at += 8 + chunk.byteLength;
  }
  return bytes;
}

async function run(job) {
  const all = await loadPictures(job);
  const frames = Array.from({ length: job.frames }, (_, number) => frameOf(all, number));
  const outputs = [];
  const entered = new Array(job.frames).fill(0);
  let first, failed;
  const firstOutput = new Promise((resolve) => (first = resolve));
  const failure = new Promise((_, reject) => (failed = reject));
  failure.catch(() => {});
  const encoder = new VideoEncoder({
    output(chunk) {
      outputs.push({ chunk, time: performance.now(), number: Math.round((chunk.timestamp * FRAMERATE) / 1e6) });
      first();
    },
    error: failed,
  });
  const send = (number) => {
    entered[number] = performance.now();
    encoder.encode(frames[number]);
    frames[number].close();
  };
  encoder.configure(job.config);
  await encoder.flush(); // which is when the encoder is open
  send(0);
  if (job.config.latencyMode === 'realtime') await Promise.race([firstOutput, failure]);
  await post('clock');
  const start = performance.now();
  for (let i = 1; i < job.frames; i++) {
    if (job.pace) await waitUntil(start + (i * 1000) / job.pace);
    send(i);
  }
  await Promise.race([encoder.flush(), failure]);
  const wall = performance.now() - start;
  await post('clock');
  encoder.close();
  const sizes = new Array(job.frames).fill(0);
  const latencies = new Array(job.frames).fill(0);
  for (const { chunk, time, number } of outputs) {
    sizes[number] = chunk.byteLength;
    latencies[number] = Math.round((time - entered[number]) * 1e6);
  }
  if (job.stream) await post('stream', streamOf(outputs));
  return { encoder: 'chromium', wall_ns: Math.round(wall * 1e6), sizes, latencies_ns: latencies, packets: outputs.length };
}

async function supported(job) {
  return Promise.all(job.configs.map(async (config) => (await VideoEncoder.isConfigSupported(config)).supported));
}

async function main() {
  for (;;) {
    const job = await (await fetch('job')).json();
    if (!job) continue;
    let result;
    try {
      result = job.configs ? { supported: await supported(job) } : await run(job);
    } catch (error) {
      result = { error: `${error.name}: ${error.message}` };
    }
    await post('result', JSON.stringify(result));
  }
}

main();
