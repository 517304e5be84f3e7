// SPDX-License-Identifier: MIT
// WebCodecs' VideoEncoder for Node. The names are those of TypeScript's lib.dom, which is not needed.

export type BufferSource = ArrayBufferView | ArrayBufferLike;

export type AlphaOption = 'discard' | 'keep';
export type AvcBitstreamFormat = 'annexb' | 'avc';
export type CodecState = 'unconfigured' | 'configured' | 'closed';
export type EncodedVideoChunkType = 'key' | 'delta';
export type HardwareAcceleration = 'no-preference' | 'prefer-hardware' | 'prefer-software';
export type HevcBitstreamFormat = 'annexb' | 'hevc';
export type LatencyMode = 'quality' | 'realtime';
export type PredefinedColorSpace = 'srgb' | 'display-p3';
export type VideoColorPrimaries = 'bt709' | 'bt470bg' | 'smpte170m' | 'bt2020' | 'smpte432';
export type VideoEncoderBitrateMode = 'variable' | 'constant' | 'quantizer';
export type VideoMatrixCoefficients = 'rgb' | 'bt709' | 'bt470bg' | 'smpte170m' | 'bt2020-ncl';
export type VideoTransferCharacteristics = 'bt709' | 'smpte170m' | 'iec61966-2-1' | 'linear' | 'pq' | 'hlg';
export type VideoPixelFormat =
  | 'I420' | 'I420P10' | 'I420P12' | 'I420A' | 'I420AP10' | 'I420AP12'
  | 'I422' | 'I422P10' | 'I422P12' | 'I422A' | 'I422AP10' | 'I422AP12'
  | 'I444' | 'I444P10' | 'I444P12' | 'I444A' | 'I444AP10' | 'I444AP12'
  | 'NV12' | 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

export interface VideoColorSpaceInit {
  primaries?: VideoColorPrimaries | null;
  transfer?: VideoTransferCharacteristics | null;
  matrix?: VideoMatrixCoefficients | null;
  fullRange?: boolean | null;
}

export class VideoColorSpace {
  constructor(init?: VideoColorSpaceInit);
  readonly primaries: VideoColorPrimaries | null;
  readonly transfer: VideoTransferCharacteristics | null;
  readonly matrix: VideoMatrixCoefficients | null;
  readonly fullRange: boolean | null;
  toJSON(): VideoColorSpaceInit;
}

/** A part of a picture, in whole pixels. */
export interface DOMRectInit {
  x?: number;
  y?: number;
  width: number;
  height: number;
}

/** A frozen object; Node has no DOMRectReadOnly. */
export interface DOMRectReadOnly {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PlaneLayout {
  offset: number;
  stride: number;
}

interface FrameInit {
  duration?: number;
  visibleRect?: DOMRectInit;
  rotation?: number;
  flip?: boolean;
  displayWidth?: number;
  displayHeight?: number;
  /** Anything that can be cloned; it travels along with the frame. */
  metadata?: object;
}

export interface VideoFrameInit extends FrameInit {
  timestamp?: number;
  alpha?: AlphaOption;
}

export interface VideoFrameBufferInit extends FrameInit {
  format: VideoPixelFormat;
  codedWidth: number;
  codedHeight: number;
  timestamp: number;
  layout?: PlaneLayout[];
  colorSpace?: VideoColorSpaceInit;
  /** Buffers that the frame takes over: their pixels are not copied. */
  transfer?: ArrayBuffer[];
}

export interface VideoFrameCopyToOptions {
  rect?: DOMRectInit;
  layout?: PlaneLayout[];
  format?: VideoPixelFormat;
  colorSpace?: PredefinedColorSpace;
}

export class VideoFrame {
  constructor(source: VideoFrame, init?: VideoFrameInit);
  constructor(data: BufferSource, init: VideoFrameBufferInit);
  readonly format: VideoPixelFormat | null;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly codedRect: DOMRectReadOnly | null;
  readonly visibleRect: DOMRectReadOnly | null;
  readonly rotation: number;
  readonly flip: boolean;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly duration: number | null;
  readonly timestamp: number;
  readonly colorSpace: VideoColorSpace;
  metadata(): object;
  allocationSize(options?: VideoFrameCopyToOptions): number;
  copyTo(destination: BufferSource, options?: VideoFrameCopyToOptions): Promise<PlaneLayout[]>;
  clone(): VideoFrame;
  close(): void;
}

export interface EncodedVideoChunkInit {
  type: EncodedVideoChunkType;
  timestamp: number;
  duration?: number;
  data: BufferSource;
  transfer?: ArrayBuffer[];
}

export class EncodedVideoChunk {
  constructor(init: EncodedVideoChunkInit);
  readonly type: EncodedVideoChunkType;
  readonly timestamp: number;
  readonly duration: number | null;
  readonly byteLength: number;
  copyTo(destination: BufferSource): void;
}

export interface VideoDecoderConfig {
  codec: string;
  /** avcC or hvcC; absent for Annex B, VP8, VP9 and AV1. */
  description?: ArrayBuffer;
  codedWidth?: number;
  codedHeight?: number;
  displayAspectWidth?: number;
  displayAspectHeight?: number;
  colorSpace?: VideoColorSpaceInit;
  rotation?: number;
  flip?: boolean;
}

export interface EncodedVideoChunkMetadata {
  /** With the first chunk, and whenever it changes. */
  decoderConfig?: VideoDecoderConfig;
  svc?: { temporalLayerId: number };
  /** With alpha 'keep': the alpha, coded as a picture of its own. */
  alphaSideData?: ArrayBuffer;
}

export interface VideoEncoderConfig {
  codec: string;
  width: number;
  height: number;
  displayWidth?: number;
  displayHeight?: number;
  bitrate?: number;
  framerate?: number;
  hardwareAcceleration?: HardwareAcceleration;
  alpha?: AlphaOption;
  scalabilityMode?: string;
  bitrateMode?: VideoEncoderBitrateMode;
  latencyMode?: LatencyMode;
  contentHint?: string;
  avc?: { format?: AvcBitstreamFormat };
  hevc?: { format?: HevcBitstreamFormat };
  av1?: { forceScreenContentTools?: boolean };
}

export interface VideoEncoderSupport {
  supported: boolean;
  config: VideoEncoderConfig;
  /** Beyond WebCodecs. Why the configuration is not supported: member, value and limit; null if it is. */
  reason: string | null;
  /** Beyond WebCodecs. The encoder that would run; null if the configuration is not supported. */
  encoderName: string | null;
  /** Beyond WebCodecs. The codec string that the stream would have, whose level may be higher. */
  codec: string | null;
  /** Beyond WebCodecs. With scalabilityMode 'manual': the number of buffers for frames; else 0. */
  referenceBuffers: number;
}

interface QuantizerOptions {
  quantizer?: number | null;
}

export interface VideoEncoderEncodeOptions {
  keyFrame?: boolean;
  avc?: QuantizerOptions;
  hevc?: QuantizerOptions;
  vp9?: QuantizerOptions;
  av1?: QuantizerOptions;
  /** Beyond WebCodecs. With scalabilityMode 'manual': the buffers that the frame may reference, as bits. */
  references?: number;
  /** Beyond WebCodecs. With scalabilityMode 'manual': the buffers that keep the frame, as bits. */
  updates?: number;
}

export interface VideoEncoderInit {
  output: (chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata) => void;
  /** Receives a DOMException. */
  error: (error: Error) => void;
}

/** An event of an encoder; `type` is 'dequeue'. */
export interface EncoderEvent {
  readonly type: string;
}

type Listener = ((event: EncoderEvent) => void) | { handleEvent(event: EncoderEvent): void };

interface ListenerOptions {
  once?: boolean;
  capture?: boolean;
}

/** An EventTarget for the event 'dequeue'. */
export class VideoEncoder {
  constructor(init: VideoEncoderInit);
  static isConfigSupported(config: VideoEncoderConfig): Promise<VideoEncoderSupport>;
  readonly state: CodecState;
  readonly encodeQueueSize: number;
  ondequeue: ((event: EncoderEvent) => void) | null;
  configure(config: VideoEncoderConfig): void;
  encode(frame: VideoFrame, options?: VideoEncoderEncodeOptions): void;
  flush(): Promise<void>;
  reset(): void;
  close(): void;
  addEventListener(type: 'dequeue', listener: Listener | null, options?: boolean | ListenerOptions): void;
  removeEventListener(type: 'dequeue', listener: Listener | null, options?: boolean | ListenerOptions): void;
  dispatchEvent(event: EncoderEvent): boolean;
}

/**
 * Makes the four classes global, as they are in a browser, and a Worker for scripts of blob: URLs where Node has none.
 * `target` is globalThis unless it is set.
 */
export function install(target?: object): void;
