// SPDX-License-Identifier: MIT
// Beyond WebCodecs: the encoders of the installed libraries, and the versions of these for bug reports.

export interface EncoderInfo {
  /** "libx264", "libvpx-vp9", ... */
  name: string;
  codec: 'h264' | 'hevc' | 'vp8' | 'vp9' | 'av1';
  /** Calls the codec library without FFmpeg. */
  isNative: boolean;
  isHardware: boolean;
  /** Runs only if a program selects it by name. */
  byNameOnly: boolean;
  latencyModes: ('quality' | 'realtime')[];
  bitrateModes: ('variable' | 'constant' | 'quantizer' | 'constant-quality')[];
  capabilities: ('frame-quantizer' | 'live-bitrate' | 'temporal-layers' | 'alpha' | '4:2:2' | '4:4:4' | '10-bit')[];
}

export function availableEncoders(): EncoderInfo[];
export function buildInfo(): string;
