// SPDX-License-Identifier: MIT
// The messages between server and viewer, as docs/live.md describes them.

export const SUBPROTOCOL = 'wcenc-live-1';
export const NO_LAYER = 255;

const VERSION = 1;
const FEEDBACK = 16, PING = 17, RESYNC = 18, POINTER = 19, BUTTON = 20, KEY = 21;

const parsers = {
  1: (view, buffer) => {
    const jsonSize = view.getUint32(8, true), size = view.getUint32(12, true);
    const json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 16, jsonSize)));
    return {
      type: 'config', layers: view.getUint8(2), generation: view.getUint32(4, true), json,
      description: size > 0 ? new Uint8Array(buffer, 16 + jsonSize, size) : undefined,
    };
  },
  2: (view, buffer) => ({
    type: 'chunk', isKey: (view.getUint8(2) & 1) !== 0, layer: view.getUint8(3), sequence: view.getUint32(4, true),
    timestamp: Number(view.getBigInt64(8, true)), captured: Number(view.getBigInt64(16, true)) / 1000,
    generation: view.getUint32(24, true), encoding: view.getUint32(28, true) / 1000, data: new Uint8Array(buffer, 32),
  }),
  3: (view) => ({
    type: 'state', layer: view.getUint8(2), mayControl: view.getUint8(3) !== 0, bitrate: view.getUint32(4, true),
    estimate: view.getUint32(8, true), viewers: view.getUint32(12, true), leftOut: view.getUint32(16, true),
    skipped: view.getUint32(20, true), dropped: view.getUint32(24, true),
  }),
  4: (view) => ({type: 'pong', number: view.getUint32(4, true), time: Number(view.getBigInt64(8, true)) / 1000}),
};

/** Returns the message in an ArrayBuffer; null if it is of another version or type. Times are in milliseconds. */
export function parse(buffer) {
  const view = new DataView(buffer);
  const parser = view.getUint8(0) === VERSION ? parsers[view.getUint8(1)] : undefined;
  return parser ? parser(view, buffer) : null;
}

function message(type, fill) {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint8(0, VERSION);
  view.setUint8(1, type);
  fill(view);
  return view.buffer;
}

const toShare = (value) => Math.round(Math.min(Math.max(value, 0), 1) * 65535);

export const feedback = (sequence, queueSize) => message(FEEDBACK, (view) => {
  view.setUint16(2, Math.min(queueSize, 65535), true);
  view.setUint32(4, sequence, true);
});

export const ping = (number) => message(PING, (view) => view.setUint32(4, number, true));

export const resync = () => message(RESYNC, () => {});

/** x and y are shares of the picture, from 0 to 1. */
export const pointer = (x, y) => message(POINTER, (view) => {
  view.setUint16(4, toShare(x), true);
  view.setUint16(6, toShare(y), true);
});

/** Buttons are X11's: 1 left, 2 middle, 3 right, 4 to 7 the wheel up, down, left and right. */
export const button = (number, isDown, x, y) => message(BUTTON, (view) => {
  view.setUint8(2, number);
  view.setUint8(3, isDown ? 1 : 0);
  view.setUint16(4, toShare(x), true);
  view.setUint16(6, toShare(y), true);
});

export const key = (keysym, isDown) => message(KEY, (view) => {
  view.setUint8(3, isDown ? 1 : 0);
  view.setUint32(4, keysym, true);
});
