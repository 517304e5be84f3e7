// SPDX-License-Identifier: MIT
//
// WebCodecs' VideoEncoder for Node, over libwcenc: the classes as a browser has them. What an encoder does is decided in
// the library; the add-on beside this file passes on what webidl.mjs has converted.
//
//     import { VideoEncoder, VideoFrame } from 'wcenc';
//     import { install } from 'wcenc'; install();     // for programs that expect the classes to be global

import { deserialize } from 'node:v8';
import { InlineWorker } from './inline_worker.mjs';
import { native } from './native.mjs';
import {
  bufferSource, chunkInit, colorSpaceInit, copyToOptions, encodeOptions, encoderConfig, encoderInit, enumeration, fail,
  isDetached, videoFrameBufferInit, videoFrameInit,
} from './webidl.mjs';

// The dictionary of WebCodecs that belongs to a codec string.
const FAMILIES = { avc1: 'avc', avc3: 'avc', hvc1: 'hevc', hev1: 'hevc', vp09: 'vp9', av01: 'av1' };
const familyOf = (config) => FAMILIES[config.codec.slice(0, 4)];
// What the library has one member for.
const nativeConfig = (config) => ({ ...config, ...config.av1, annexb: config[familyOf(config)]?.format === 'annexb' });
const nativeOptions = (options, family) => ({ ...options, quantizer: options[family]?.quantizer });

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

// The messages of the library that go to standard error.
function logLevel() {
  const name = process.env.WCENC_LOG;
  return name ? native.enumerations.LogLevel.indexOf(enumeration('LogLevel')(name, 'WCENC_LOG')) : 0;
}

// Detaches buffers. What was in them is in those that are returned, at the same addresses. structuredClone takes buffers
// that are detached already, and detaches those beside them.
function detach(buffers) {
  const index = buffers.findIndex(isDetached);
  if (index >= 0) throw new DOMException(`init.transfer[${index}] is detached`, 'DataCloneError');
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
    this.#handle = native.encoderCreate(this.#callbacks, logLevel());
  }

  static async isConfigSupported(config) {
    const converted = encoderConfig(config, 'config');
    return { config: converted, ...await native.isConfigSupported(nativeConfig(converted)) };
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

// Makes the classes global, as they are in a browser, and adds a Worker where there is none.
export function install(target = globalThis) {
  const missing = typeof target.Worker === 'undefined' ? { Worker: InlineWorker } : {};
  for (const [name, value] of Object.entries({ ...classes, ...missing }))
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
