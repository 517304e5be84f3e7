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
CODECS = {"h264": "avc1.42001e", "vp8": "vp8", "vp9": "vp09.00.10.08", "av1": "av01.0.04M.08"}


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

    def test_every_codec_with_a_loop_and_with_asyncio(self) -> None:
        for codec, string in CODECS.items():
            for way in ([], ["--asyncio"]):
                with self.subTest(codec=codec, way=way):
                    support = wcenc.VideoEncoder.is_config_supported(config(codec=string, width=WIDTH, height=HEIGHT))
                    if not support.supported:
                        self.skipTest(support.reason)
                    path = os.path.join(self.directory, "demo." + ("h264" if codec == "h264" else "ivf"))
                    result = run("--codec", codec, *way, path)
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
                    self.assertIn(f"{FRAMES} chunks by {support.encoder_name}", result.stdout)
                    stream = probe(path)
                    self.assertEqual((stream["codec_name"], stream["width"], len(stream["frames"])), (codec, WIDTH, 90))
                    if codec != "h264":
                        times = [int(decoded["pts"]) for decoded in stream["frames"]]
                        self.assertEqual(times, [number * 1_000_000 // 30 for number in range(FRAMES)])
                    inside, left, right = self.pixels(path, 60, [(200, 120), (160, 120), (240, 120)])
                    self.assertGreater(inside, 225)
                    self.assertLess(max(left, right), 200)

    def test_what_is_wrong_is_said_in_a_line(self) -> None:
        result = run("--codec", "vp8", os.path.join(self.directory, "none", "file.ivf"))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\A.*No such file or directory.*\n\Z")


if not shutil.which("ffmpeg"):
    raise unittest.SkipTest("the ffmpeg program is not installed")
if __name__ == "__main__":
    unittest.main()
