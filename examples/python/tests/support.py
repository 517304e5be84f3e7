# SPDX-License-Identifier: MIT
"""What the tests share: a codec that is there, pictures, children, and FFmpeg's word on what was written."""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, Iterable, List

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import wcenc  # noqa: E402
from wcenc import abi, buffers, ffi, values  # noqa: E402

WIDTH, HEIGHT = 64, 48


def config(**members: Any) -> wcenc.VideoEncoderConfig:
    """VP8, which every FFmpeg has."""
    return wcenc.VideoEncoderConfig(**{"codec": "vp8", "width": WIDTH, "height": HEIGHT, **members})


def supported(**members: Any) -> wcenc.VideoEncoderConfig:
    made = config(**members)
    support = wcenc.VideoEncoder.is_config_supported(made)
    if not support.supported:
        raise unittest.SkipTest(f"{made.codec}: {support.reason}")
    return made


def frame(number: int = 0, width: int = WIDTH, height: int = HEIGHT, **members: Any) -> wcenc.VideoFrame:
    """RGBA of one colour, which shows the number."""
    picture = bytes((number * 40 % 256, number * 90 % 256, 128, 255)) * (width * height)
    members = {"timestamp": number * 33333, **members}
    return wcenc.VideoFrame(picture, format="RGBA", coded_width=width, coded_height=height, **members)


def encode_numbers(encoder: Any, count: int) -> List[int]:
    """The timestamps of so many frames, which are given to the encoder."""
    for number in range(count):
        with frame(number) as given:
            encoder.encode(given)
    return [number * 33333 for number in range(count)]


def run_child(code: str, timeout: float = 60, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A program of its own. One that hangs prints where each thread stands, and fails."""
    preamble = (
        f"import faulthandler, sys; faulthandler.dump_traceback_later({timeout}, exit=True)\n"
        f"sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent)!r}]\n"
        "from support import *\n"
    )
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", preamble + code],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout + 30,
        env={**os.environ, **environment},
    )  # fmt: skip


class ChildTest(unittest.TestCase):
    def child(self, code: str, **options: Any) -> str:
        """What a child prints that ends well and says nothing on standard error."""
        result = run_child(code, **options)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout


def write_ivf(path: str, fourcc: bytes, chunks: Iterable[wcenc.EncodedVideoChunk]) -> None:
    with open(path, "wb") as file:
        file.write(struct.pack("<4sHH4sHHIIQ", b"DKIF", 0, 32, fourcc, WIDTH, HEIGHT, 1_000_000, 1, 0))
        for chunk in chunks:
            file.write(struct.pack("<IQ", len(chunk), chunk.timestamp))
            file.write(chunk.data)


def probe(path: str) -> Dict[str, Any]:
    """What ffprobe decodes: the stream, with `frames`."""
    if not shutil.which("ffprobe"):
        raise unittest.SkipTest("the ffprobe program is not installed")
    entries = "stream=codec_name,width,height,time_base:frame=pts,key_frame"
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", path]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    if result.returncode or result.stderr:
        raise AssertionError(f"ffprobe of {path}: {result.stderr}")
    answer = json.loads(result.stdout)
    return {**answer["streams"][0], "frames": answer.get("frames", [])}


def decode_ivf(fourcc: bytes, chunks: Iterable[wcenc.EncodedVideoChunk]) -> List[int]:
    """The timestamps of the frames that the chunks decode to."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "chunks.ivf")
        write_ivf(path, fourcc, chunks)
        stream = probe(path)
    assert stream["time_base"] == "1/1000000", stream
    return [int(decoded["pts"]) for decoded in stream["frames"]]
