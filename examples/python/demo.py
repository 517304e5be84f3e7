#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Encodes three seconds of a moving picture: H.264 to FILE.h264, VP8, VP9 or AV1 to FILE.ivf.

One loop takes chunks between frames; with --asyncio one task draws while another writes.
"""

import argparse
import asyncio
import colorsys
import struct
import sys
from typing import BinaryIO, Iterator

import wcenc

WIDTH, HEIGHT, RATE, FRAMES = 320, 240, 30, 90
CODECS = {  # codec string, and what IVF calls it; H.264 is written as a bare stream
    "h264": ("avc1.42001e", b""),
    "vp8": ("vp8", b"VP80"),
    "vp9": ("vp09.00.10.08", b"VP90"),
    "av1": ("av01.0.04M.08", b"AV01"),
}


def pictures() -> Iterator[bytes]:
    """A rainbow that moves to the left, and a white square that moves to the right, as RGBA."""
    colors = [colorsys.hsv_to_rgb(x / WIDTH, 0.8, 0.8) for x in range(WIDTH)]
    rainbow = bytes(int(255 * value) for color in colors for value in (*color, 1)) * 2
    white = b"\xff" * 40 * 4
    for number in range(FRAMES):
        row = rainbow[number * 4 :][: WIDTH * 4]
        left = (number * 3 % (WIDTH - 40)) * 4
        marked = row[:left] + white + row[left + len(white) :]
        yield row * 100 + marked * 40 + row * (HEIGHT - 140)


def frames() -> Iterator[wcenc.VideoFrame]:
    for number, picture in enumerate(pictures()):
        yield wcenc.VideoFrame(
            picture, format="RGBA", coded_width=WIDTH, coded_height=HEIGHT, timestamp=number * 1_000_000 // RATE
        )


class Writer:
    """The file: chunks as they are, or in IVF with times in microseconds."""

    def __init__(self, file: BinaryIO, fourcc: bytes) -> None:
        self.file, self.is_ivf, self.chunks = file, bool(fourcc), 0
        if self.is_ivf:
            file.write(struct.pack("<4sHH4sHHIIQ", b"DKIF", 0, 32, fourcc, WIDTH, HEIGHT, 1_000_000, 1, 0))

    def write(self, chunk: wcenc.EncodedVideoChunk) -> None:
        if self.is_ivf:
            self.file.write(struct.pack("<IQ", len(chunk), chunk.timestamp))
        self.file.write(chunk.data)
        self.chunks += 1


def encode(config: wcenc.VideoEncoderConfig, writer: Writer) -> None:
    """No more than four frames wait: encode() then waits for the encoder."""
    with wcenc.VideoEncoder(queue_policy="wait", max_queued_frames=4) as encoder:
        encoder.configure(config)
        for frame in frames():
            with frame:
                encoder.encode(frame)
            for chunk in encoder:
                writer.write(chunk)
        encoder.flush()
        for chunk in encoder:
            writer.write(chunk)


async def encode_async(config: wcenc.VideoEncoderConfig, writer: Writer) -> None:
    """No more than four frames wait: the task that draws lets the others run meanwhile."""
    async with wcenc.AsyncVideoEncoder() as encoder:
        encoder.configure(config)

        async def draw() -> None:
            for frame in frames():
                with frame:
                    encoder.encode(frame)
                while encoder.encode_queue_size >= 4:
                    await encoder.dequeue()
            await encoder.flush()
            encoder.close()

        drawing = asyncio.create_task(draw())
        async for chunk in encoder:
            writer.write(chunk)
        await drawing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", choices=CODECS, default="h264")
    parser.add_argument("--asyncio", action="store_true", help="with tasks instead of one loop")
    parser.add_argument("file", help="what to write")
    arguments = parser.parse_args()

    codec, fourcc = CODECS[arguments.codec]
    config = wcenc.VideoEncoderConfig(
        codec=codec, width=WIDTH, height=HEIGHT, framerate=RATE, bitrate=500_000, bitstream_format="annexb"
    )
    support = wcenc.VideoEncoder.is_config_supported(config)
    if not support.supported:
        print(f"{arguments.codec}: {support.reason}", file=sys.stderr)
        return 1
    try:
        with open(arguments.file, "wb") as file:
            writer = Writer(file, fourcc)
            if arguments.asyncio:
                asyncio.run(encode_async(config, writer))
            else:
                encode(config, writer)
    except (OSError, wcenc.Error) as error:
        print(f"{arguments.file}: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.file}: {writer.chunks} chunks by {support.encoder_name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
