#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Encodes three seconds of a moving picture to an MP4, Matroska or WebM file.

One loop takes chunks between frames; with --asyncio one task draws while another writes.
"""

import argparse
import asyncio
import colorsys
import sys
from typing import Iterator

import wcenc

WIDTH, HEIGHT, RATE, FRAMES = 320, 240, 30, 90
CODECS = {
    "h264": "avc1.42001e", "hevc": "hvc1.1.6.L63.B0", "vp8": "vp8", "vp9": "vp09.00.10.08", "av1": "av01.0.04M.08",
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


def encode(config: wcenc.VideoEncoderConfig, file: wcenc.FileWriter) -> None:
    """No more than four frames wait: encode() then waits for the encoder."""
    with wcenc.VideoEncoder(queue_policy="wait", max_queued_frames=4) as encoder:
        encoder.configure(config)
        for frame in frames():
            with frame:
                encoder.encode(frame)
            for chunk in encoder:
                file.write(chunk)
        encoder.flush()
        for chunk in encoder:
            file.write(chunk)


async def encode_async(config: wcenc.VideoEncoderConfig, file: wcenc.FileWriter) -> None:
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
            file.write(chunk)
        await drawing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", choices=CODECS, help="default: h264, or vp9 for WebM")
    parser.add_argument("--asyncio", action="store_true", help="with tasks instead of one loop")
    parser.add_argument("file", help="what to write: .mp4, .mkv or .webm")
    arguments = parser.parse_args()

    codec = arguments.codec or ("vp9" if arguments.file.endswith(".webm") else "h264")
    config = wcenc.VideoEncoderConfig(codec=CODECS[codec], width=WIDTH, height=HEIGHT, framerate=RATE, bitrate=500_000)
    support = wcenc.VideoEncoder.is_config_supported(config)
    if not support.supported:
        print(f"{codec}: {support.reason}", file=sys.stderr)
        return 1
    try:
        with wcenc.FileWriter(arguments.file) as file:
            if arguments.asyncio:
                asyncio.run(encode_async(config, file))
            else:
                encode(config, file)
    except (OSError, wcenc.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{arguments.file}: {FRAMES} frames by {support.encoder_name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
