// SPDX-License-Identifier: MIT
//
// WebIDL's conversions, and the dictionaries of WebCodecs in terms of them: required members, enumerations, ranges.

import { serialize } from 'node:v8';
import { native } from './native.mjs';

// WebIDL: a type is a function that converts a value, or throws a TypeError that names where the value stood.

export function fail(path, what) {
  throw new TypeError(`${path} ${what}`);
}

function toNumber(value, path) {
  if (typeof value === 'bigint' || typeof value === 'symbol') fail(path, `is a ${typeof value}, not a number`);
  return Number(value);
}

function double(value, path) {
  const number = toNumber(value, path);
  return Number.isFinite(number) ? number : fail(path, `is ${number}, not a finite number`);
}

// [EnforceRange]
const integer = (least, most) => (value, path) => {
  const number = Math.trunc(double(value, path)) + 0; // never -0
  if (number < least || number > most) fail(path, `is ${number}, outside of ${least} to ${most}`);
  return number;
};

const unsignedLong = integer(0, 2 ** 32 - 1);
const unsignedLongLong = integer(0, Number.MAX_SAFE_INTEGER);
const longLong = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

const unsignedShort = (value, path) => {
  const number = toNumber(value, path);
  return Number.isFinite(number) ? ((Math.trunc(number) % 65536) + 65536) % 65536 : 0;
};

const boolean = (value) => Boolean(value);

const text = (value, path) => (typeof value === 'symbol' ? fail(path, 'is a symbol, not a string') : String(value));

const callback = (value, path) => (typeof value === 'function' ? value : fail(path, 'is not a function'));

const nullable = (type) => (value, path) => (value === undefined || value === null ? null : type(value, path));

// The names are those that the library knows.
export const enumeration = (name) => (value, path) => {
  const string = text(value, path);
  const names = native.enumerations[name];
  return names.includes(string) ? string : fail(path, `is '${string}'; a ${name} is one of ${names.join(', ')}`);
};

const sequence = (type) => (value, path) => {
  if (typeof value?.[Symbol.iterator] !== 'function') fail(path, 'is not iterable');
  return Array.from(value, (element, index) => type(element, `${path}[${index}]`));
};

// Members in WebIDL's order. One without a default may be missing, unless it is required.
const dictionary = (members) => {
  const rows = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
  return (value, path) => {
    if (value !== undefined && value !== null && typeof value !== 'object' && typeof value !== 'function')
      fail(path, 'is not an object');
    const result = {};
    for (const [name, { type, required, fallback }] of rows) {
      const member = value?.[name];
      if (member !== undefined) result[name] = type(member, `${path}.${name}`);
      else if (required) fail(`${path}.${name}`, 'is required');
      else if (fallback !== undefined) result[name] = fallback;
    }
    return result;
  };
};

const required = (type) => ({ type, required: true });
const optional = (type, fallback) => ({ type, fallback });

const isBuffer = (value) => value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

// AllowSharedBufferSource, as the bytes that it stands for.
export function bufferSource(value, path) {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (isBuffer(value)) return new Uint8Array(value);
  } catch {
    fail(path, 'is detached');
  }
  return fail(path, 'is neither an ArrayBuffer nor a view of one');
}

// `detached` itself is newer than Node 18.
export function isDetached(buffer) {
  try {
    return !new Uint8Array(buffer);
  } catch {
    return true;
  }
}

const arrayBuffer = (value, path) => (value instanceof ArrayBuffer ? value : fail(path, 'is not an ArrayBuffer'));

// To the library 0 is absent.
const notZero = (type) => (value, path) => type(value, path) || fail(path, 'is 0');
const positive = notZero(unsignedLong);

// DOMRectInit, in whole pixels.
const rect = dictionary({
  x: optional(unsignedLong, 0),
  y: optional(unsignedLong, 0),
  width: required(positive),
  height: required(positive),
});

const planeLayouts = sequence(dictionary({ offset: required(unsignedLong), stride: required(unsignedLong) }));

// No format has no planes; to the library no layout is one without gaps.
const layout = (value, path) => {
  const planes = planeLayouts(value, path);
  return planes.length > 0 ? planes : fail(path, 'is empty');
};

export const colorSpaceInit = dictionary({
  fullRange: optional(nullable(boolean), null),
  matrix: optional(nullable(enumeration('VideoMatrixCoefficients')), null),
  primaries: optional(nullable(enumeration('VideoColorPrimaries')), null),
  transfer: optional(nullable(enumeration('VideoTransferCharacteristics')), null),
});

// Whatever can be cloned; the library carries its bytes.
function metadata(value, path) {
  if (Object(value) !== value) fail(path, 'is not an object');
  try {
    return serialize(value);
  } catch (exception) {
    throw new DOMException(`${path}: ${exception.message}`, 'DataCloneError');
  }
}

const frameInit = {
  displayHeight: optional(positive),
  displayWidth: optional(positive),
  duration: optional(unsignedLongLong),
  flip: optional(boolean, false),
  metadata: optional(metadata),
  rotation: optional(double, 0),
  visibleRect: optional(rect),
};

export const videoFrameInit = dictionary({
  ...frameInit,
  alpha: optional(enumeration('AlphaOption'), 'keep'),
  timestamp: optional(longLong),
});

export const videoFrameBufferInit = dictionary({
  ...frameInit,
  codedHeight: required(unsignedLong),
  codedWidth: required(unsignedLong),
  colorSpace: optional(colorSpaceInit),
  format: required(enumeration('VideoPixelFormat')),
  layout: optional(layout),
  timestamp: required(longLong),
  transfer: optional(sequence(arrayBuffer), []),
});

export const copyToOptions = dictionary({
  colorSpace: optional(enumeration('PredefinedColorSpace')),
  format: optional(enumeration('VideoPixelFormat')),
  layout: optional(layout),
  rect: optional(rect),
});

export const chunkInit = dictionary({
  data: required(bufferSource),
  duration: optional(unsignedLongLong),
  timestamp: required(longLong),
  transfer: optional(sequence(arrayBuffer), []),
  type: required(enumeration('EncodedVideoChunkType')),
});

export const encoderInit = dictionary({ error: required(callback), output: required(callback) });

export const encoderConfig = dictionary({
  alpha: optional(enumeration('AlphaOption'), 'discard'),
  av1: optional(dictionary({ forceScreenContentTools: optional(boolean, false) })),
  avc: optional(dictionary({ format: optional(enumeration('AvcBitstreamFormat'), 'avc') })),
  bitrate: optional(notZero(unsignedLongLong)),
  bitrateMode: optional(enumeration('VideoEncoderBitrateMode'), 'variable'),
  codec: required(text),
  contentHint: optional(text),
  displayHeight: optional(positive),
  displayWidth: optional(positive),
  framerate: optional(double),
  hardwareAcceleration: optional(enumeration('HardwareAcceleration'), 'no-preference'),
  height: required(unsignedLong),
  hevc: optional(dictionary({ format: optional(enumeration('HevcBitstreamFormat'), 'hevc') })),
  latencyMode: optional(enumeration('LatencyMode'), 'quality'),
  scalabilityMode: optional(text),
  width: required(unsignedLong),
});

const quantizer = optional(dictionary({ quantizer: optional(nullable(unsignedShort)) }));

export const encodeOptions = dictionary({
  av1: quantizer,
  avc: quantizer,
  hevc: quantizer,
  keyFrame: optional(boolean, false),
  // Beyond WebCodecs, with scalabilityMode "manual": bit masks of buffers.
  references: optional(unsignedLong, 0),
  updates: optional(unsignedLong, 0),
  vp9: quantizer,
});
