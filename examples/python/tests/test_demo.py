# SPDX-License-Identifier: MIT
"""The demo as a user meets it: FFmpeg decodes what it says that it wrote, and the square is where it was drawn."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from typing import List

from support import HERE, config, probe, wcenc

DEMO = HERE.parent / "demo.py"
WIDTH, HEIGHT, FRAMES = 320, 240, 90
CODECS = {
    "h264": "avc1.42001e", "hevc": "hvc1.1.6.L63.B0", "vp8": "vp8", "vp9": "vp09.00.10.08", "av1": "av01.0.04M.08",
}  # fmt: skip


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=240
    )


class Demo(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def pixels(self, path: str, number: int, points: "list[tuple[int, int]]") -> List[int]:
        command = ["ffmpeg", "-v", "error", "-i", path, "-vf", f"select=eq(n\\,{number})", "-frames:v", "1"]
        command += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
        picture = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=120).stdout
        self.assertEqual(len(picture), WIDTH * HEIGHT)
        return [picture[y * WIDTH + x] for x, y in points]

    def test_every_codec_and_both_ways(self) -> None:
        for codec, string in CODECS.items():
            for way in ([], ["--asyncio"]) if codec in ("h264", "vp8") else ([],):
                with self.subTest(codec=codec, way=way):
                    support = wcenc.VideoEncoder.is_config_supported(config(codec=string, width=WIDTH, height=HEIGHT))
                    if not support.supported:
                        self.skipTest(support.reason)
                    path = os.path.join(self.directory, "demo.webm" if codec == "vp8" else "demo.mp4")
                    result = run("--codec", codec, *way, path)
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
                    self.assertIn(f"{FRAMES} frames by {support.encoder_name}", result.stdout)
                    stream = probe(path)
                    self.assertEqual((stream["codec_name"], stream["width"], len(stream["frames"])), (codec, WIDTH, 90))
                    scale = 1_000_000 // int(stream["time_base"].partition("/")[2])
                    times = [int(decoded["pts"]) * scale for decoded in stream["frames"]]
                    off = max(abs(time - number * 1_000_000 // 30) for number, time in enumerate(times))
                    self.assertLessEqual((off, len(times)), (scale - 1, FRAMES))
                    inside, left, right = self.pixels(path, 60, [(200, 120), (160, 120), (240, 120)])
                    self.assertGreater(inside, 225)
                    self.assertLess(max(left, right), 200)

    def test_what_is_wrong_is_said_in_a_line(self) -> None:
        result = run("--codec", "vp8", os.path.join(self.directory, "none", "file.webm"))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\A.*No such file or directory.*\n\Z")


if not shutil.which("ffmpeg"):
    raise unittest.SkipTest("the ffmpeg program is not installed")
if __name__ == "__main__":
    unittest.main()
