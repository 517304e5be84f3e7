# SPDX-License-Identifier: MIT
"""FileWriter: FFmpeg's programs read its files, and a C compiler confirms the layouts of FFmpeg's structs."""

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from typing import Any, Dict, List, Tuple

from support import HERE, ChildTest, frame, supported, wcenc
from wcenc import avformat, files

sys.path.insert(0, str(HERE.parent))
import record  # noqa: E402

CODECS = {"h264": "avc1.64001e", "hevc": "hvc1.1.6.L63.B0", "vp8": "vp8", "vp9": "vp09.00.10.08", "av1": "av01.0.04M.08"}
FILES = [
    ("h264", ".mp4"), ("hevc", ".mp4"), ("vp9", ".mp4"), ("av1", ".mp4"), ("h264", ".mkv"), ("hevc", ".mov"),
    ("vp8", ".webm"), ("vp9", ".webm"), ("av1", ".webm"),
]
WIDTH, HEIGHT, COUNT, STEP = 96, 64, 12, 40_000
BGR = (40, 60, 200)
COLOR, TOLERANCE = list(BGR[::-1]), 12

STREAM = ["index", "id", "codecpar", "time_base", "sample_aspect_ratio", "metadata", "avg_frame_rate"]
PARAMETERS = [name for name, _ in avformat.parameters_type(59)._fields_]
LAYOUTS = {
    "AVStream": STREAM, "AVCodecParameters": PARAMETERS, "AVFormatContext": ["pb"],
    "AVPacket": [name for name, _ in avformat.Packet._fields_],
}  # fmt: skip


def picture(width: int = WIDTH, height: int = HEIGHT) -> memoryview:
    return memoryview(bytes(BGR) * (width * height)).cast("B", shape=[height, width, 3])


def run(*command: str) -> bytes:
    return subprocess.run(command, stdout=subprocess.PIPE, timeout=120, check=True).stdout


class Files(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def encode(self, codec: str, **members: Any) -> List[wcenc.EncodedVideoChunk]:
        config = supported(codec=CODECS[codec], width=WIDTH, height=HEIGHT, framerate=25, bitrate=400_000, **members)
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config)
            for number in range(COUNT):
                with wcenc.VideoFrame(picture(), format="BGR24", timestamp=number * STEP) as given:
                    encoder.encode(given)
            encoder.flush()
            return list(encoder)

    def write(self, name: str, chunks: List[wcenc.EncodedVideoChunk], **options: Any) -> str:
        path = self.path(name)
        with wcenc.FileWriter(path, **options) as file:
            for chunk in chunks:
                file.write(chunk)
        return path

    def probe(self, path: str) -> Dict[str, Any]:
        command = ["ffprobe", "-v", "error", "-show_streams", "-show_frames", "-show_format", "-of", "json", path]
        answer = json.loads(run(*command))
        return {**answer["streams"][0], "frames": answer["frames"], "file": answer["format"]}

    def pixel(self, path: str, format: str = "rgb24", *decoder: str) -> List[int]:
        """The first one of the last frame."""
        command = ["ffmpeg", "-v", "error", "-xerror", *decoder, "-i", path, "-pix_fmt", format, "-f", "rawvideo", "-"]
        pictures = run(*command)
        size = WIDTH * HEIGHT * len(format.rstrip("24"))
        self.assertEqual(len(pictures), COUNT * size)
        return list(pictures[-size:][: len(format.rstrip("24"))])

    def assert_near(self, values: List[int], wanted: List[int]) -> None:
        self.assertLessEqual(max(abs(value - each) for value, each in zip(values, wanted)), TOLERANCE, values)

    def test_each_codec_in_its_containers(self) -> None:
        for codec, extension in FILES:
            with self.subTest(codec=codec, extension=extension):
                path = self.write(f"{codec}{extension}", self.encode(codec))
                stream = self.probe(path)
                self.assertEqual((stream["codec_name"], stream["width"], stream["height"]), (codec, WIDTH, HEIGHT))
                times = [round(float(each["pts_time"]) * 1e6) for each in stream["frames"]]
                self.assertEqual(times, [number * STEP for number in range(COUNT)])
                self.assertAlmostEqual(float(stream["file"]["duration"]), COUNT * STEP / 1e6, delta=STEP / 1e6 / 2)
                self.assert_near(self.pixel(path), COLOR)

    def test_b_frames_are_written_in_the_order_of_decoding(self) -> None:
        chunks = self.encode("h264", max_b_frames=2)
        self.assertTrue(any(chunk.dts != chunk.timestamp for chunk in chunks))
        for name in "film.mp4", "film.mkv":
            times = [float(each["pts_time"]) for each in self.probe(self.write(name, chunks))["frames"]]
            steps = {round((after - before) * 1e6) for before, after in zip(times, times[1:])}
            self.assertEqual((steps, len(times)), ({STEP}, COUNT))

    def test_colours_shape_and_orientation_are_in_the_container(self) -> None:
        space = {"primaries": "bt2020", "transfer": "pq", "matrix": "bt2020-ncl", "full_range": False}
        hdr = {"max_content_light_level": 900, "max_frame_average_light_level": 400}
        config = supported(codec=CODECS["vp9"], width=WIDTH, height=HEIGHT, display_width=WIDTH * 2,
                           display_height=HEIGHT, color_space=space, hdr_metadata=hdr)
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config)
            with wcenc.VideoFrame(picture(), format="BGR24", timestamp=0, rotation=90) as given:
                encoder.encode(given)
            encoder.flush()
            chunks = list(encoder)
        for name in "film.mp4", "film.webm":
            stream = self.probe(self.write(name, chunks))
            self.assertEqual(stream["sample_aspect_ratio"], "2:1", name)
            shown = [stream["color_primaries"], stream["color_transfer"], stream["color_space"], stream["color_range"]]
            self.assertEqual(shown, ["bt2020", "smpte2084", "bt2020nc", "tv"], name)
            sides = {side["side_data_type"]: side for side in stream["side_data_list"]}
            light = sides["Content light level metadata"]
            self.assertEqual((light["max_content"], light["max_average"]), (900, 400), name)
            if name.endswith(".mp4"):
                self.assertEqual(abs(sides["Display Matrix"]["rotation"]), 90)

    def test_alpha_is_in_webm_and_nowhere_else(self) -> None:
        config = supported(codec="vp8", width=WIDTH, height=HEIGHT, alpha="keep")
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config)
            for number in range(COUNT):
                pixels = bytes((*COLOR, 96)) * (WIDTH * HEIGHT)
                members = {"format": "RGBA", "coded_width": WIDTH, "coded_height": HEIGHT, "timestamp": number * STEP}
                with wcenc.VideoFrame(pixels, **members) as given:  # type: ignore[arg-type]
                    encoder.encode(given)
            encoder.flush()
            chunks = list(encoder)
        self.assert_near(self.pixel(self.write("film.webm", chunks), "rgba", "-c:v", "libvpx"), [*COLOR, 96])
        with self.assertRaisesRegex(wcenc.NotSupportedError, r"\.mp4 has no place for vp8; use \.mkv or \.webm$"):
            self.write("film.mp4", chunks)

    def test_a_camera_is_recorded_in_fifteen_lines(self) -> None:
        supported(codec=CODECS["h264"])
        path = self.path("camera.mp4")
        found = re.search("```python\n(.*?)```", (HERE.parent / "README.md").read_text(), re.S)
        assert found
        self.assertLessEqual(len(found[1].splitlines()), 15)
        names: Dict[str, Any] = {}
        exec(found[1], names)
        for function in (record.record, names["record"]):
            function((picture() for _ in range(COUNT)), path, WIDTH, HEIGHT, 25)
            self.assertEqual([each["pts"] for each in self.probe(path)["frames"]][:2], [0, 40_000])
            self.assert_near(self.pixel(path), COLOR)

    def test_options_reach_the_muxer(self) -> None:
        chunks = self.encode("h264")
        path = self.write("film.mp4", chunks, options={"movflags": "faststart"})
        with open(path, "rb") as file:
            data = file.read()
        self.assertLess(data.index(b"moov"), data.index(b"mdat"))
        wanted = r"options has 'moveflags', which FFmpeg's muxer for \.mp4 does not have"
        with self.assertRaisesRegex(wcenc.TypeError_, wanted):
            self.write("film.mp4", chunks, options={"moveflags": "faststart"})

    def test_what_is_wrong_is_said(self) -> None:
        h264, annexb = self.encode("h264"), self.encode("h264", bitstream_format="annexb")
        plain = wcenc.EncodedVideoChunk(type="key", timestamp=0, data=b"0")
        cases: List[Tuple[str, List[Any], Any, str]] = [
            ("film.avi", [], wcenc.TypeError_, r"path is '.*film\.avi'; use a name that ends in \.mp4, .* or \.webm"),
            ("none/film.mp4", [], FileNotFoundError, r"No such file or directory: '.*film\.mp4'"),
            ("film.webm", h264, wcenc.NotSupportedError, r"\.webm has no place for h264; use \.mp4 or \.mkv$"),
            ("film.mp4", annexb, wcenc.TypeError_, 'in Annex B; .* with bitstream_format="length-prefixed"'),
            ("film.mp4", h264[1:], wcenc.TypeError_, "the first chunk has no decoder config; write each chunk"),
            ("film.mp4", [plain], wcenc.TypeError_, "the first chunk has no decoder config"),
            ("film.mp4", [h264[0].data], wcenc.TypeError_, "chunk is <memory.*; use an EncodedVideoChunk"),
        ]
        for name, chunks, error, wanted in cases:
            with self.subTest(wanted=wanted), self.assertRaisesRegex(error, wanted):
                self.write(name, chunks)
        other = self.encode("h264", color_space={"full_range": True})
        with self.assertRaisesRegex(wcenc.DataError, "the decoder config has changed, .*; begin another"):
            self.write("film.mp4", h264 + other)
        with wcenc.FileWriter(self.path("film.mp4")) as file:
            file.write(h264[0])
        self.assertTrue(file.closed)
        file.close()
        with self.assertRaisesRegex(wcenc.InvalidStateError, "the file is closed"):
            file.write(h264[1])
        with self.assertRaisesRegex(wcenc.TypeError_, "path is 7; use a path"):
            wcenc.FileWriter(7)  # type: ignore[arg-type]


class End(ChildTest):
    def test_a_program_that_ends_completes_its_file(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "film.mkv")
            self.child(
                f"file = wcenc.FileWriter({path!r})\nencoder = wcenc.VideoEncoder()\nencoder.configure(supported())\n"
                "encode_numbers(encoder, 5)\nencoder.flush()\nfor chunk in encoder: file.write(chunk)\n"
            )
            command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
            self.assertAlmostEqual(float(run(*command)), 5 / 30, delta=0.02)


class Structs(unittest.TestCase):
    def test_other_layouts_are_refused(self) -> None:
        """As if the library were another than it says: FFmpeg 5 has its own layouts, FFmpeg 6 half of them."""
        av, packet = files._load(), files._load().av_packet_alloc()
        self.addCleanup(av.av_packet_free, ctypes.byref(packet))
        context = ctypes.c_void_p()
        self.assertEqual(av.avformat_alloc_output_context2(ctypes.byref(context), None, b"null", None), 0)
        self.addCleanup(av.avformat_free_context, context)
        address = av.avformat_new_stream(context, None)

        def stream_of(major: int) -> Any:
            kind = avformat.stream_type(major, avformat.parameters_type(major))
            return ctypes.cast(address, ctypes.POINTER(kind)).contents

        avformat.require_layouts(av, stream_of(av.major), packet.contents)
        for major in {59: [60, 61], 60: [59, 61], 61: [59, 60], 62: [59, 60], 63: [59, 60]}[av.major]:
            with self.subTest(major=major), self.assertRaisesRegex(ImportError, "has other structs than"):
                avformat.require_layouts(av, stream_of(major), packet.contents)

    def test_layouts_are_those_of_the_installed_headers(self) -> None:
        compiler, pkg_config = shutil.which("cc"), shutil.which("pkg-config")
        if not compiler or not pkg_config or subprocess.run([pkg_config, "--exists", "libavformat"]).returncode:
            self.skipTest("there is no C compiler, no pkg-config or no libavformat-dev")
        av = files._load()
        structs = {"AVStream": av.Stream, "AVCodecParameters": av.Parameters, "AVFormatContext": avformat.FormatContext,
                   "AVPacket": avformat.Packet}
        lines = ['#include <stddef.h>\n#include <stdio.h>\n#include <libavformat/avformat.h>\nint main(void) {']
        lines.append('printf("%d\\n", LIBAVFORMAT_VERSION_MAJOR);')
        names = [(struct, name) for struct, members in LAYOUTS.items() for name in members]
        lines += [f'printf("%zu\\n", offsetof({struct}, {name}));' for struct, name in names]
        constants = {"AV_PKT_DATA_DISPLAYMATRIX": avformat.SIDE_DISPLAY_MATRIX, "AV_PKT_FLAG_KEY": avformat.PACKET_KEY,
                     "AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL": avformat.SIDE_BLOCK_ADDITIONAL,
                     "AV_PKT_DATA_MASTERING_DISPLAY_METADATA": avformat.SIDE_MASTERING,
                     "AV_PKT_DATA_CONTENT_LIGHT_LEVEL": avformat.SIDE_LIGHT,
                     "AV_INPUT_BUFFER_PADDING_SIZE": avformat.INPUT_PADDING}
        lines += [f'printf("%d\\n", (int){name});' for name in constants]
        with tempfile.TemporaryDirectory() as directory:
            program = os.path.join(directory, "layouts")
            flags = run(pkg_config, "--cflags", "libavformat").decode().split()
            code = "\n".join([*lines, "return 0; }"])
            subprocess.run([compiler, *flags, "-x", "c", "-", "-o", program], input=code, text=True, check=True)
            major, *numbers = map(int, run(program).split())
        if major != av.major:
            self.skipTest(f"the headers are those of libavformat {major}, the library is {av.major}")
        wanted = [(struct, name, getattr(structs[struct], name).offset) for struct, name in names]
        self.assertEqual([(*name, number) for name, number in zip(names, numbers)], wanted)
        self.assertEqual(numbers[len(names) :], list(constants.values()))


if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
    raise unittest.SkipTest("the ffmpeg and ffprobe programs are not installed")
try:
    files._load()
except ImportError as missing:
    raise unittest.SkipTest(str(missing))
if __name__ == "__main__":
    unittest.main()
