// SPDX-License-Identifier: MIT
// Compiled by `tsc --strict` and never run: the declarations fit the README's program, and refuse what is wrong.

import { EncodedVideoChunk, VideoColorSpace, VideoEncoder, VideoFrame, install } from 'wcenc';
import type { EncodedVideoChunkMetadata, VideoEncoderConfig, VideoEncoderSupport } from 'wcenc';
import { availableEncoders, buildInfo } from 'wcenc/info';

const chunks: Uint8Array[] = [];
const encoder = new VideoEncoder({
  output: (chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    chunks.push(bytes);
    const description: ArrayBuffer | undefined = metadata.decoderConfig?.description;
    const layer: number | undefined = metadata.svc?.temporalLayerId;
    void [description, layer, metadata.alphaSideData];
  },
  error: (error) => { throw error; },
});
const config: VideoEncoderConfig = { codec: 'avc1.42001f', width: 640, height: 480, avc: { format: 'annexb' } };
const support: VideoEncoderSupport = await VideoEncoder.isConfigSupported(config);
const reason: string | null = support.reason;
encoder.configure(config);
encoder.ondequeue = (event) => void event.type;
encoder.addEventListener('dequeue', () => {}, { once: true });
const rgba = new Uint8Array(640 * 480 * 4);
const frame = new VideoFrame(rgba, {
  format: 'RGBA', codedWidth: 640, codedHeight: 480, timestamp: 0, transfer: [rgba.buffer],
  colorSpace: { primaries: 'bt709' }, metadata: { number: 1 },
});
const turned = new VideoFrame(frame, { rotation: 90, timestamp: 5 });
const space: VideoColorSpace = turned.colorSpace;
encoder.encode(frame, { keyFrame: true, vp9: { quantizer: 30 } });
await frame.copyTo(new ArrayBuffer(frame.allocationSize({ format: 'RGBA' })), { format: 'RGBA' });
await encoder.flush();
install();
const names: string[] = availableEncoders().map((info) => info.name);
void [buildInfo(), names, reason, space.toJSON(), frame.visibleRect?.right];

// @ts-expect-error a member that is required
encoder.configure({ codec: 'vp8', width: 640 });
// @ts-expect-error a format that WebCodecs does not have
new VideoFrame(rgba, { format: 'RGB24', codedWidth: 1, codedHeight: 1, timestamp: 0 });
// @ts-expect-error a frame of bytes without a description
new VideoFrame(rgba);
// @ts-expect-error read-only
frame.timestamp = 1;
// @ts-expect-error a latency mode that does not exist
encoder.configure({ ...config, latencyMode: 'fast' });
// @ts-expect-error not an event of an encoder
encoder.addEventListener('output', () => {});
