// SPDX-License-Identifier: MIT
//
// WebCodecs' VideoEncoder for Node, over libwcenc: the classes as a browser has them, with WebIDL's conversions. What
// an encoder does is decided in the library; the add-on beside this file passes on what is converted here.
//
//     import { VideoEncoder, VideoFrame } from './webcodecs.mjs';
//     import { install } from './webcodecs.mjs'; install();     // for programs that expect the classes to be global

import { deserialize, serialize } from 'node:v8';
import { native } from './native.mjs';

// WebIDL: a type is a function that converts a value, or throws a TypeError that names where the value stood.

function fail(path, what) {
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
const enumeration = (name) => (value, path) => {
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
function bufferSource(value, path) {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (isBuffer(value)) return new Uint8Array(value);
  } catch {
    fail(path, 'is detached');
  }
  return fail(path, 'is neither an ArrayBuffer nor a view of one');
}

const arrayBuffer = (value, path) => (value instanceof ArrayBuffer ? value : fail(path, 'is not an ArrayBuffer'));

// To the library 0 is absent.
const positive = (value, path) => unsignedLong(value, path) || fail(path, 'is 0');

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

const colorSpaceInit = dictionary({
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

const videoFrameInit = dictionary({
  ...frameInit,
  alpha: optional(enumeration('AlphaOption'), 'keep'),
  timestamp: optional(longLong),
});

const videoFrameBufferInit = dictionary({
  ...frameInit,
  codedHeight: required(unsignedLong),
  codedWidth: required(unsignedLong),
  colorSpace: optional(colorSpaceInit),
  format: required(enumeration('VideoPixelFormat')),
  layout: optional(layout),
  timestamp: required(longLong),
  transfer: optional(sequence(arrayBuffer), []),
});

const copyToOptions = dictionary({
  colorSpace: optional(enumeration('PredefinedColorSpace')),
  format: optional(enumeration('VideoPixelFormat')),
  layout: optional(layout),
  rect: optional(rect),
});

const chunkInit = dictionary({
  data: required(bufferSource),
  duration: optional(unsignedLongLong),
  timestamp: required(longLong),
  transfer: optional(sequence(arrayBuffer), []),
  type: required(enumeration('EncodedVideoChunkType')),
});

const encoderInit = dictionary({ error: required(callback), output: required(callback) });

const encoderConfig = dictionary({
  alpha: optional(enumeration('AlphaOption'), 'discard'),
  av1: optional(dictionary({ forceScreenContentTools: optional(boolean, false) })),
  avc: optional(dictionary({ format: optional(enumeration('AvcBitstreamFormat'), 'avc') })),
  bitrate: optional(unsignedLongLong),
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

const encodeOptions = dictionary({
  av1: quantizer,
  avc: quantizer,
  hevc: quantizer,
  keyFrame: optional(boolean, false),
  vp9: quantizer,
});

// The dictionary of WebCodecs that belongs to a codec string.
const FAMILIES = { avc1: 'avc', avc3: 'avc', hvc1: 'hevc', hev1: 'hevc', vp09: 'vp9', av01: 'av1' };
const familyOf = (config) => FAMILIES[config.codec.slice(0, 4)];
// What the library has one member for.
const nativeConfig = (config) => ({ ...config, ...config.av1, annexb: config[familyOf(config)]?.format === 'annexb' });
const nativeOptions = (options, family) => ({ keyFrame: options.keyFrame, quantizer: options[family]?.quantizer });

// Serializers copy an instance of a class as {}, without its private fields. What WebCodecs has for an object that
// cannot be cloned is a DataCloneError, which every serializer of every Node throws for a proxy. Private fields are
// added to what the super constructor returns: to the proxy.
const uncloneable = (object) => new Proxy(object, {});

class Uncloneable {
  constructor() {
    return uncloneable(this);
  }
}

class UncloneableEventTarget extends EventTarget {
  constructor() {
    super();
    return uncloneable(this);
  }
}

// What constructors of this file are given for something that the library has made.
class Made {
  constructor(handle, about) {
    this.handle = handle;
    this.about = about;
  }
}

// Detaches buffers. What was in them is in those that are returned, at the same addresses.
function detach(buffers) {
  return buffers.length > 0 ? structuredClone(buffers, { transfer: buffers }) : [];
}

export class VideoColorSpace extends Uncloneable {
  #init;

  constructor(init = {}) {
    super();
    this.#init = colorSpaceInit(init, 'init');
  }

  get primaries() { return this.#init.primaries; }
  get transfer() { return this.#init.transfer; }
  get matrix() { return this.#init.matrix; }
  get fullRange() { return this.#init.fullRange; }

  toJSON() { return { ...this.#init }; }
}

// Stands in for DOMRectReadOnly, which Node has not.
function domRect({ x, y, width, height }) {
  return Object.freeze({ x, y, width, height, top: y, left: x, right: x + width, bottom: y + height });
}

let frameHandle;

export class VideoFrame extends Uncloneable {
  #handle;
  #about; // the attributes

  static {
    frameHandle = (frame, path) => (#handle in Object(frame) ? frame.#handle : fail(path, 'is not a VideoFrame'));
  }

  constructor(source, init) {
    super();
    if (source instanceof Made) this.#handle = source.handle;
    else if (source instanceof VideoFrame)
      this.#handle = native.frameFrom(source.#handle, videoFrameInit(init, 'init'));
    else this.#handle = VideoFrame.#ofBuffer(bufferSource(source, 'data'), videoFrameBufferInit(init, 'init'));
    this.#describe();
  }

  // Pixels in a buffer that is given away are taken as they are, others are copied.
  static #ofBuffer(data, { transfer, ...init }) {
    const index = transfer.indexOf(data.buffer);
    const handle = native.frameCreate({ ...init, data }, index >= 0);
    try {
      const detached = detach(transfer);
      if (index >= 0) native.frameKeep(handle, detached[index]);
    } catch (exception) {
      native.frameClose(handle);
      throw exception;
    }
    return handle;
  }

  #describe() {
    const about = native.frameDescribe(this.#handle);
    about.colorSpace = new VideoColorSpace(about.colorSpace);
    about.visibleRect &&= domRect(about.visibleRect);
    about.codedRect = about.visibleRect && domRect({ x: 0, y: 0, width: about.codedWidth, height: about.codedHeight });
    this.#about = about;
  }

  get format() { return this.#about.format; }
  get codedWidth() { return this.#about.codedWidth; }
  get codedHeight() { return this.#about.codedHeight; }
  get codedRect() { return this.#about.codedRect; }
  get visibleRect() { return this.#about.visibleRect; }
  get rotation() { return this.#about.rotation; }
  get flip() { return this.#about.flip; }
  get displayWidth() { return this.#about.displayWidth; }
  get displayHeight() { return this.#about.displayHeight; }
  get duration() { return this.#about.duration; }
  get timestamp() { return this.#about.timestamp; }
  get colorSpace() { return this.#about.colorSpace; }

  metadata() {
    const bytes = native.frameMetadata(this.#handle);
    return bytes.byteLength > 0 ? deserialize(new Uint8Array(bytes)) : {};
  }

  allocationSize(options) {
    return native.frameAllocationSize(this.#handle, copyToOptions(options, 'options'));
  }

  async copyTo(destination, options) {
    const bytes = bufferSource(destination, 'destination');
    return native.frameCopyTo(this.#handle, copyToOptions(options, 'options'), bytes);
  }

  clone() {
    return new VideoFrame(new Made(native.frameClone(this.#handle)));
  }

  close() {
    native.frameClose(this.#handle);
    this.#describe();
  }
}

export class EncodedVideoChunk extends Uncloneable {
  #handle;
  #about;

  constructor(init) {
    super();
    if (init instanceof Made) {
      this.#handle = init.handle;
      this.#about = init.about;
      return;
    }
    const { transfer, ...rest } = chunkInit(init, 'init');
    this.#handle = native.chunkCreate(rest);
    this.#about = native.chunkDescribe(this.#handle);
    detach(transfer);
  }

  get type() { return this.#about.type; }
  get timestamp() { return this.#about.timestamp; }
  get duration() { return this.#about.duration; }
  get byteLength() { return this.#about.byteLength; }

  copyTo(destination) {
    native.chunkCopyTo(this.#handle, bufferSource(destination, 'destination'));
  }
}

export class VideoEncoder extends UncloneableEventTarget {
  #handle;
  #callbacks; // the add-on keeps them only while the encoder is busy
  #exception; // what closed the encoder
  #family; // of the codec that it is configured to
  #ondequeue = null;
  #dequeueSize;

  constructor(init) {
    super();
    const { output, error } = encoderInit(init, 'init');
    this.#callbacks = {
      output: (chunk, about, metadata) => output(new EncodedVideoChunk(new Made(chunk, about)), metadata),
      error: (exception) => {
        this.#exception = exception;
        error(exception);
      },
      // The size of the event holds until the handler has returned or queued a frame itself.
      dequeue: (size) => {
        this.#dequeueSize = size;
        this.dispatchEvent(new Event('dequeue'));
        this.#dequeueSize = undefined;
      },
    };
    this.#handle = native.encoderCreate(this.#callbacks);
  }

  static async isConfigSupported(config) {
    const converted = encoderConfig(config, 'config');
    return { supported: await native.isConfigSupported(nativeConfig(converted)), config: converted };
  }

  get state() { return native.encoderState(this.#handle); }
  get encodeQueueSize() { return this.#dequeueSize ?? native.encoderQueueSize(this.#handle); }

  get ondequeue() { return this.#ondequeue; }

  set ondequeue(handler) {
    if (this.#ondequeue) this.removeEventListener('dequeue', this.#ondequeue);
    this.#ondequeue = typeof handler === 'function' ? handler : null;
    if (this.#ondequeue) this.addEventListener('dequeue', this.#ondequeue);
  }

  configure(config) {
    const converted = encoderConfig(config, 'config');
    native.encoderConfigure(this.#handle, nativeConfig(converted));
    this.#family = familyOf(converted);
  }

  encode(frame, options) {
    const converted = nativeOptions(encodeOptions(options, 'options'), this.#family);
    native.encoderEncode(this.#handle, frameHandle(frame, 'frame'), converted);
  }

  flush() {
    return new Promise((resolve, reject) => {
      native.encoderFlush(this.#handle, (exception) => {
        if (!exception) resolve();
        // One that an error has ended is rejected with that very error.
        else reject(exception.name === this.#exception?.name ? this.#exception : exception);
      });
    });
  }

  reset() { native.encoderReset(this.#handle); }
  close() { native.encoderClose(this.#handle); }
}

const classes = { EncodedVideoChunk, VideoColorSpace, VideoEncoder, VideoFrame };

for (const [name, { prototype }] of Object.entries(classes))
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });

// Makes the classes global, as they are in a browser.
export function install(target = globalThis) {
  for (const [name, value] of Object.entries(classes))
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
