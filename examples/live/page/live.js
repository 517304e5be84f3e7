// SPDX-License-Identifier: MIT
// A viewer: receives chunks over a WebSocket, decodes them with the browser's VideoDecoder and draws them at once.
//
// The part of the address behind # has what it needs and is sent to no server: token, control, and measure=1 to read
// the test pattern back from the pixels that were drawn.

import {History, drawChart, quantile} from './charts.js';
import {listen} from './input.js';
import * as protocol from './protocol.js';

const FEEDBACK_INTERVAL = 100, PING_INTERVAL = 2000, FIGURES_INTERVAL = 500, RECENT = 100; // ms; frames
const PATTERN_BLOCKS = 34;

const $ = (id) => document.getElementById(id);
const picture = $('picture');
const settings = new URLSearchParams(location.hash.slice(1));
const isMeasuring = settings.get('measure') === '1';
const context = picture.getContext('2d', {alpha: false, desynchronized: !isMeasuring, willReadFrequently: isMeasuring});

let socket, decoder, config, state;
let needsKey = true;
let retryDelay = 500;
let clockOffset = 0, bestRoundTrip = Infinity; // of the server's clock to ours
let lastFeedback = 0, lastSequence = 0;
let bytes = 0, frames = 0, figuresAt = performance.now();
const pings = new Map();
const arrived = new Map(); // chunks that are being decoded, by timestamp
const latencies = new History(RECENT), encodings = new History(RECENT);
const latencyChart = new History(120), rateChart = new History(120);

/** For tests: what was measured of each frame that was drawn, and what went wrong. */
const measured = window.measured = {frames: [], errors: [], states: []};

const now = () => performance.timeOrigin + performance.now();

function show(id, value, digits = 0, unit = '') {
  $(id).textContent = Number.isFinite(value) ? value.toFixed(digits) + unit : '–';
}

function notice(text) {
  $('notice').textContent = text ?? '';
  $('notice').hidden = !text;
}

function status(text, state) {
  $('status').textContent = text;
  $('dot').dataset.state = state;
}

/** The pattern at the bottom left of the picture: a number and a time of 16 bits each; null if it is not there. */
function readPattern() {
  const size = Math.floor(Math.min(picture.width / PATTERN_BLOCKS, Math.floor(picture.height / 8)) / 2) * 2;
  const row = context.getImageData(0, picture.height - size / 2, size * PATTERN_BLOCKS, 1).data;
  let bits = 0;
  for (let i = 0; i < PATTERN_BLOCKS; i++) {
    const level = row[(i * size + size / 2) * 4 + 1];
    if (level > 96 && level < 160)
      return null;
    bits = bits * 2 + (level > 128 ? 1 : 0);
  }
  const mark = Math.floor(bits / 2 ** 32);
  return mark === 2 ? {number: Math.floor(bits / 65536) % 65536, time: bits % 65536} : null;
}

function measure(chunk) {
  const pattern = readPattern(), drawn = now(), quarter = Math.round(drawn * 4) % 65536;
  measured.frames.push({
    sequence: chunk.sequence, layer: chunk.layer, number: pattern?.number ?? null,
    latency: pattern ? ((quarter - pattern.time + 65536) % 65536) / 4 : null,
    stages: [chunk.encoding, chunk.received + clockOffset - chunk.captured - chunk.encoding, drawn - chunk.received],
  });
}

function draw(frame) {
  const chunk = arrived.get(frame.timestamp);
  if (picture.width !== frame.displayWidth || picture.height !== frame.displayHeight)
    [picture.width, picture.height] = [frame.displayWidth, frame.displayHeight];
  context.drawImage(frame, 0, 0, picture.width, picture.height);
  frame.close();
  frames++;
  if (!chunk)
    return;
  for (const [timestamp, other] of arrived)
    if (other.sequence <= chunk.sequence)
      arrived.delete(timestamp);
  latencies.add(now() + clockOffset - chunk.captured);
  encodings.add(chunk.encoding);
  if (isMeasuring)
    measure(chunk);
  notice(null);
}

function restart(reason) {
  measured.errors.push(reason);
  needsKey = true;
  send(protocol.resync());
  if (config)
    configure(config);
}

async function configure(message) {
  const {encoder, rotation, flip, ...json} = message.json;
  const wanted = {...json, optimizeForLatency: true};
  config = message;
  needsKey = true;
  arrived.clear();
  if (message.description)
    wanted.description = message.description;
  $('codec').textContent = json.codec;
  $('encoder').textContent = encoder;
  $('size').textContent = `${json.codedWidth} × ${json.codedHeight}`;
  picture.style.transform = `${flip ? 'scaleX(-1) ' : ''}rotate(${rotation}deg)`;
  if (decoder && decoder.state !== 'closed')
    decoder.close();
  decoder = new VideoDecoder({output: draw, error: (error) => restart(error.message)});
  try {
    decoder.configure(wanted);
  } catch (error) {
    notice(`This browser does not decode ${json.codec}.`);
    measured.errors.push(error.message);
  }
}

function decode(chunk) {
  bytes += chunk.data.byteLength;
  lastSequence = chunk.sequence;
  if (!config || decoder.state !== 'configured' || chunk.generation !== config.generation || (needsKey && !chunk.isKey))
    return;
  needsKey = false;
  chunk.received = now();
  arrived.set(chunk.timestamp, chunk);
  decoder.decode(new EncodedVideoChunk({
    type: chunk.isKey ? 'key' : 'delta', timestamp: chunk.timestamp, data: chunk.data,
  }));
  chunk.data = null;
}

/** The server's clock is ours plus clockOffset, as the fastest answer shows it. An offset within its uncertainty is 0. */
function takePong({number, time}) {
  const sent = pings.get(number), roundTrip = now() - sent;
  pings.delete(number);
  if (sent === undefined || roundTrip > bestRoundTrip)
    return;
  bestRoundTrip = roundTrip;
  const offset = time - (sent + roundTrip / 2);
  clockOffset = Math.abs(offset) <= roundTrip / 2 ? 0 : offset;
}

function takeState(message) {
  state = message;
  if (isMeasuring)
    measured.states.push(message);
}

function send(buffer) {
  if (socket?.readyState === WebSocket.OPEN)
    socket.send(buffer);
}

function sendFeedback() {
  if (performance.now() - lastFeedback < FEEDBACK_INTERVAL)
    return;
  lastFeedback = performance.now();
  send(protocol.feedback(lastSequence, decoder?.decodeQueueSize ?? 0));
}

const handlers = {config: configure, chunk: decode, state: takeState, pong: takePong};

function onMessage(event) {
  const message = parseOrClose(event.data);
  if (!message)
    return;
  handlers[message.type](message);
  sendFeedback();
}

function parseOrClose(data) {
  const message = protocol.parse(data);
  if (!message)
    socket.close(1002, 'not a message of this version');
  return message;
}

function onClose(event) {
  const reason = event.reason ? `: ${event.reason}` : '';
  status(`Closed${reason}. Trying again…`, 'closed');
  if (!needsKey || frames === 0)
    notice(frames === 0 ? 'No connection yet.\nA token may be missing: …/#token=TOKEN' : 'The connection is lost.');
  needsKey = true;
  state = undefined;
  setTimeout(connect, retryDelay);
  retryDelay = Math.min(retryDelay * 2, 8000);
}

function connect() {
  const subprotocols = [protocol.SUBPROTOCOL];
  for (const name of ['token', 'control'])
    if (settings.get(name))
      subprotocols.push(`${name}.${settings.get(name)}`);
  const address = new URL('live', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  address.hash = '';
  socket = new WebSocket(address, subprotocols);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    retryDelay = 500;
    bestRoundTrip = Infinity;
    status(`Live from ${location.host}`, 'live');
    sendPing();
  };
  socket.onmessage = onMessage;
  socket.onclose = onClose;
}

function sendPing() {
  const number = Math.floor(Math.random() * 2 ** 32);
  if (pings.size > 8)
    pings.clear();
  pings.set(number, now());
  send(protocol.ping(number));
}

function showLayers() {
  const box = $('layers'), count = config.layers;
  while (box.childElementCount > count)
    box.lastElementChild.remove();
  while (box.childElementCount < count)
    box.append(document.createElement('span'));
  [...box.children].forEach((element, i) => {
    element.textContent = count === 1 ? 'one layer' : `T${i}`;
    element.dataset.on = String(state.layer !== protocol.NO_LAYER && i <= state.layer);
  });
}

function showFigures() {
  const seconds = (performance.now() - figuresAt) / 1000, rate = bytes * 8 / seconds / 1e6;
  const latency = quantile(latencies.numbers, .5), encoding = quantile(encodings.numbers, .5);
  show('fps', frames / seconds, 0);
  show('latency', latency);
  show('latency-high', quantile(latencies.numbers, .99), 0, ' ms');
  show('latency-encode', encoding, 0, ' ms');
  show('latency-rest', latency - encoding, 0, ' ms');
  show('rate', rate, 2);
  if (Number.isFinite(latency))
    latencyChart.add(latency);
  rateChart.add(rate);
  drawChart($('latency-chart'), latencyChart, {color: '--accent', least: 50});
  drawChart($('rate-chart'), rateChart,
    {color: '--accent', limit: state ? state.bitrate / 1e6 : undefined, limitColor: '--second'});
  if (state && config) {
    show('rate-target', state.bitrate / 1e6, 2, ' Mbit/s');
    show('rate-estimate', state.estimate / 1e6, 2, ' Mbit/s');
    show('left-out', state.leftOut);
    show('skipped', state.skipped);
    show('dropped', state.dropped);
    show('viewers', state.viewers);
    $('control').textContent = state.mayControl ? 'mouse and keys' : 'watching only';
    showLayers();
  }
  [bytes, frames, figuresAt] = [0, 0, performance.now()];
}

function start() {
  $('panel-button').onclick = () => {
    $('panel').hidden = !$('panel').hidden;
    $('panel-button').setAttribute('aria-pressed', String(!$('panel').hidden));
    document.querySelector('main').classList.toggle('wide', $('panel').hidden);
  };
  $('full-button').onclick = () => $('stage').requestFullscreen();
  if (!('VideoDecoder' in window)) {
    status('No video decoder', 'closed');
    notice(isSecureContext ? 'This browser has no VideoDecoder.' :
      'Browsers decode video on pages over https, or from this machine.\nPut the server behind a proxy with TLS.');
    return;
  }
  listen(picture, () => state?.mayControl, send);
  setInterval(sendPing, PING_INTERVAL);
  setInterval(showFigures, FIGURES_INTERVAL);
  connect();
}

start();
