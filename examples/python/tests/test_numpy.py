# SPDX-License-Identifier: MIT
"""NumPy's arrays as pictures: their memory is what is read, whatever their strides."""

import gc
import re
import unittest
import weakref

from support import HEIGHT, WIDTH, buffers, config, decode_ivf, wcenc

try:
    import numpy
except ImportError:
    raise unittest.SkipTest("NumPy is not installed") from None


def pixels_of(frame: wcenc.VideoFrame, **options: object) -> "numpy.ndarray":
    out = numpy.zeros(frame.allocation_size(**options), numpy.uint8)
    frame.copy_to(out, **options)
    return out


class Arrays(unittest.TestCase):
    def setUp(self) -> None:
        self.picture = numpy.arange(12 * 10 * 4, dtype=numpy.uint8).reshape(10, 12, 4)

    def test_the_memory_of_the_array_is_what_is_read(self) -> None:
        frame = wcenc.VideoFrame(self.picture, format="RGBA", timestamp=0)
        (memory,) = next(iter(buffers.wrapped.values()))
        self.assertEqual(memory.address, self.picture.__array_interface__["data"][0])
        self.assertEqual((frame.coded_width, frame.coded_height), (12, 10))
        self.picture[4, 5] = (1, 2, 3, 4)
        self.assertEqual(pixels_of(frame, rect=(5, 4, 1, 1)).tolist(), [1, 2, 3, 4])
        frame.close()

    def test_the_array_lives_as_long_as_the_frame(self) -> None:
        array = self.picture.copy()
        seen = weakref.ref(array)
        frame = wcenc.VideoFrame(array, format="RGBA", timestamp=0)
        del array
        gc.collect()
        self.assertIsNotNone(seen())
        frame.close()
        self.assertIsNone(seen())

    def test_parts_and_turns_are_wrapped_as_well(self) -> None:
        for name, part in [
            ("crop", self.picture[2:7, 3:9]), ("bottom-up", self.picture[::-1]), ("every other row", self.picture[::2]),
            ("upwards crop", self.picture[8:1:-3, :5]), ("last row", self.picture[9:]),
            ("column", self.picture[:, 4:5]),
        ]:  # fmt: skip
            with self.subTest(name), wcenc.VideoFrame(part, format="RGBA", timestamp=0) as frame:
                self.assertEqual((frame.coded_height, frame.coded_width), part.shape[:2])
                (memory,) = next(iter(buffers.wrapped.values()))
                self.assertEqual(memory.address, part.__array_interface__["data"][0])
                self.assertEqual(pixels_of(frame).tobytes(), part.tobytes())

    def test_rows_with_gaps_inside_are_refused(self) -> None:
        for part in (self.picture[:, ::2], self.picture[:, :, ::-1], self.picture.transpose(1, 0, 2)):
            with self.assertRaisesRegex(wcenc.TypeError_, "data has gaps between the samples of a row"):
                wcenc.VideoFrame(part, format="RGBA", timestamp=0)

    def test_planes_of_a_video_are_wrapped(self) -> None:
        whole = numpy.arange(20 * 20, dtype=numpy.uint8).reshape(20, 20)
        planes = [whole[:8, :10], whole[8:12, :5], whole[12:16, 5:10]]
        with wcenc.VideoFrame(planes, format="I420", timestamp=0) as frame:
            self.assertEqual((frame.coded_width, frame.coded_height), (10, 8))
            self.assertEqual(pixels_of(frame).tobytes(), b"".join(plane.tobytes() for plane in planes))
        pairs = [whole[:8, :10], whole[8:12, :10].reshape(4, 5, 2)]
        with wcenc.VideoFrame(pairs, format="NV12", timestamp=0) as frame:
            self.assertEqual(pixels_of(frame).tobytes(), b"".join(plane.tobytes() for plane in pairs))

    def test_deep_samples_are_wrapped(self) -> None:
        planes = [numpy.full((4, 6), 1000, numpy.uint16), *(numpy.full((2, 3), 512, numpy.uint16) for _ in "uv")]
        with wcenc.VideoFrame(planes, format="I420P10", timestamp=0) as frame:
            self.assertEqual(pixels_of(frame).view(numpy.uint16).tolist(), [1000] * 24 + [512] * 12)

    def test_no_array_is_read_beyond_its_end(self) -> None:
        for size in ((13, 10), (12, 11)):
            for part in (self.picture, self.picture[::-1]):
                wanted = rf"shape \(10, 12, 4\); RGBA at {size[0]}x{size[1]} takes \({size[1]}, {size[0]}, 4\)"
                with self.assertRaisesRegex(wcenc.TypeError_, wanted):
                    wcenc.VideoFrame(part, format="RGBA", coded_width=size[0], coded_height=size[1], timestamp=0)
                with self.assertRaisesRegex(wcenc.TypeError_, "less than"):
                    flat = numpy.ascontiguousarray(part).reshape(-1)
                    wcenc.VideoFrame(flat, format="RGBA", coded_width=size[0], coded_height=size[1], timestamp=0)
        self.assertEqual(buffers.wrapped, {})

    def test_arrays_of_opencv_are_wrapped(self) -> None:
        colors = numpy.arange(12 * 10 * 3, dtype=numpy.uint8).reshape(10, 12, 3)
        for format in "BGR24", "RGB24":
            with wcenc.VideoFrame(colors, format=format, timestamp=0) as frame:
                self.assertEqual((frame.format, frame.coded_width, frame.coded_height), (format, 12, 10))
                order = slice(None) if format == "RGB24" else slice(None, None, -1)
                shown = pixels_of(frame, format="RGBX").reshape(10, 12, 4)[:, :, :3]
                self.assertEqual(shown.tolist(), colors[:, :, order].tolist())
        for gray in colors[:, :, 0].copy(), colors[:, :, :1].copy():
            with wcenc.VideoFrame(gray, timestamp=0) as frame:
                self.assertEqual((frame.format, frame.coded_width, frame.coded_height), ("GRAY8", 12, 10))
                self.assertEqual(pixels_of(frame).tobytes(), gray.tobytes())

    def test_the_format_of_an_array_is_suggested_by_its_shape(self) -> None:
        bgr, rgba, tensor = (numpy.zeros(shape, numpy.uint8) for shape in ((10, 12, 3), (10, 12, 4), (3, 10, 12)))
        one = "'BGR24' if it comes from OpenCV, 'RGB24' if it comes from Pillow"
        other = "'BGRA' if it comes from OpenCV, 'RGBA' if it comes from Pillow"
        for array, format, wanted in [
            (bgr, None, rf"^format is missing; data has the shape \(10, 12, 3\): an array of this shape is {one}"),
            (rgba, None, rf"^format is missing; .* is {other}"),
            (bgr, "RGBA", rf"RGBA takes \(height, width, 4\); an array of this shape is {one}"),
            (rgba, "BGR24", rf"BGR24 takes \(height, width, 3\); an array of this shape is {other}"),
            (bgr[:, :, 0], "BGR24", r"BGR24 takes \(height, width, 3\); an array of this shape is 'GRAY8'"),
            (tensor, "RGB24", r"takes \(height, width, 3\); numpy\.ascontiguousarray\(array\.transpose\(1, 2, 0\)\)"),
            (tensor, None, r"^format is missing; .*: numpy\.ascontiguousarray\(array\.transpose\(1, 2, 0\)\)"),
            (bgr.reshape(-1), None, "^format is missing$"),
            (bgr / 255, "BGR24", r"'float64'; BGR24 takes bytes .*: \(array \* 255\)\.astype\('uint8'\)"),
            (bgr[:, :, 0].astype("u2"), None, "'uint16'; GRAY8 takes bytes"),
        ]:  # fmt: skip
            with self.subTest(shape=array.shape, format=format), self.assertRaisesRegex(wcenc.TypeError_, wanted):
                wcenc.VideoFrame(array, format=format, timestamp=0)
        self.assertEqual(buffers.wrapped, {})

    def test_images_of_pillow_have_their_format(self) -> None:
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("Pillow is not installed")
        picture = Image.fromarray(self.picture, "RGBA")
        for mode, format in ("RGB", "RGB24"), ("RGBA", "RGBA"), ("L", "GRAY8"), ("RGBX", "RGBX"):
            image = picture.convert("RGB").convert(mode) if mode == "RGBX" else picture.convert(mode)
            with wcenc.VideoFrame(image, timestamp=0) as frame:
                self.assertEqual((frame.format, frame.coded_width, frame.coded_height), (format, 12, 10))
                self.assertEqual(pixels_of(frame).tobytes(), image.tobytes())
        with self.assertRaisesRegex(wcenc.TypeError_, r"Pillow's mode 'P'; use its convert\('RGB'\)"):
            wcenc.VideoFrame(picture.convert("RGB").convert("P"), timestamp=0)
        with self.assertRaisesRegex(wcenc.TypeError_, "format is 'BGR24'; an image of Pillow's mode 'RGB' is 'RGB24'"):
            wcenc.VideoFrame(picture.convert("RGB"), format="BGR24", timestamp=0)

    def test_formats_of_8_bits_take_bytes_only(self) -> None:
        for kind in "i1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 ? >u2 <u2 >i8".split():
            for shape in ((10, 12, 4), (480,)):
                with self.subTest(kind=kind, shape=shape):
                    array = self.picture.reshape(shape).astype(kind)
                    held = re.escape(str(array.dtype))
                    wanted = rf"^data has items of the type '{held}'; RGBA takes bytes .*astype\('uint8'"
                    with self.assertRaisesRegex(wcenc.TypeError_, wanted):
                        wcenc.VideoFrame(array, format="RGBA", coded_width=12, coded_height=10, timestamp=0)
                    for format, planes in (("I420", 3), ("NV12", 2)):
                        with self.assertRaisesRegex(wcenc.TypeError_, rf"^data\[0\] .*; {format} takes bytes"):
                            wcenc.VideoFrame([array] * planes, format=format, timestamp=0)
        for kind in ("M8[s]", "O", "U4", [("r", "u1"), ("g", "u1"), ("b", "u1"), ("a", "u1")]):
            with self.subTest(kind=kind), self.assertRaisesRegex(wcenc.TypeError_, "^data .*use|^data .*takes bytes"):
                wcenc.VideoFrame(numpy.zeros((10, 12), kind), format="RGBA", timestamp=0)
        self.assertEqual(buffers.wrapped, {})

    def test_deep_formats_take_shorts_of_this_machine_or_bytes(self) -> None:
        samples = numpy.arange(24, dtype=numpy.uint16) * 40
        chroma = numpy.full((2, 3), 512, numpy.uint16)
        luma = samples.reshape(4, 6)
        whole = numpy.concatenate([samples, chroma.reshape(-1), chroma.reshape(-1)])
        size = dict(format="I420P10", coded_width=6, coded_height=4, timestamp=0)
        for name, data in {
            "shorts": whole, "bytes": whole.view(numpy.uint8), "planes": [luma, chroma, chroma],
            "planes of bytes": [plane.view(numpy.uint8) for plane in (luma, chroma, chroma)],
            "planes of pairs of bytes": [
                plane.view(numpy.uint8).reshape(*plane.shape, 2) for plane in (luma, chroma, chroma)
            ],
            "crops": [numpy.pad(plane, 3)[3:-3, 3:-3] for plane in (luma, chroma, chroma)],
            "one array": whole.reshape(6, 6),
        }.items():
            with self.subTest(name), wcenc.VideoFrame(data, **size) as frame:
                self.assertEqual(pixels_of(frame).view(numpy.uint16).tolist(), whole.tolist())
                out = numpy.zeros(36, numpy.uint16)
                frame.copy_to(out)
                self.assertEqual(out.tolist(), whole.tolist())
                with self.assertRaisesRegex(wcenc.TypeError_, "^destination .*'int16'; I420P10 takes uint16"):
                    frame.copy_to(out.view(numpy.int16))
        for kind in "i1 i2 i4 u4 i8 u8 f2 f4 >u2 >i2 ?".split():
            held = re.escape(str(numpy.dtype(kind)))
            for data in (whole.astype(kind), [luma, chroma, chroma.astype(kind)]):
                with self.subTest(kind=kind), self.assertRaisesRegex(
                    wcenc.TypeError_, rf"^data.*'{held}'; I420P10 takes uint16 in the byte order.*astype\('uint16'\)"
                ):
                    wcenc.VideoFrame(data, **size)
        self.assertEqual(buffers.wrapped, {})

    def test_a_shape_says_the_size_and_must_not_contradict_it(self) -> None:
        def made(data: object, format: str = "RGBA", **size: int) -> "tuple[int, int]":
            with wcenc.VideoFrame(data, format=format, timestamp=0, **size) as frame:
                return frame.coded_width, frame.coded_height

        def zeros(*shape: int) -> "numpy.ndarray":
            return numpy.zeros(shape, numpy.uint8)

        width_12, height_10 = dict(coded_width=12), dict(coded_height=10)
        self.assertEqual(made(zeros(10, 12, 4)), (12, 10))
        self.assertEqual(made(zeros(10, 12, 4), **width_12), (12, 10))
        self.assertEqual(made([zeros(10, 12, 4)]), (12, 10))
        self.assertEqual(made(zeros(10, 48), **width_12, **height_10), (12, 10))
        self.assertEqual(made(zeros(10, 60)[:, 4:52], **width_12, **height_10), (12, 10))
        self.assertEqual(made([zeros(10, 12), zeros(5, 6), zeros(5, 6)], "I420"), (12, 10))
        self.assertEqual(made([zeros(9, 11), zeros(5, 6), zeros(5, 6), zeros(9, 11)], "I420A"), (11, 9))
        self.assertEqual(made([zeros(9, 11), zeros(9, 6), zeros(9, 6)], "I422"), (11, 9))
        self.assertEqual(made([zeros(9, 11, 1), zeros(5, 12)], "NV12"), (11, 9))
        self.assertEqual(made([zeros(9, 11), zeros(5, 6, 2)], "NV12"), (11, 9))
        self.assertEqual(made([zeros(10, 12), zeros(30), bytes(30)], "I420"), (12, 10))
        self.assertEqual(made(zeros(15, 12), "I420", **width_12, **height_10), (12, 10))
        self.assertEqual(made(zeros(3, 10, 12), "I444", **width_12, **height_10), (12, 10))
        for data, format, size, wanted in [
            (zeros(10, 12, 3), "RGBA", {}, r"shape \(10, 12, 3\); RGBA takes \(height, width, 4\)"),
            (zeros(4, 10, 12), "RGBA", {}, r"RGBA takes \(height, width, 4\)"),
            (zeros(1, 10, 12, 4), "RGBA", {}, r"RGBA takes \(height, width, 4\)"),
            (zeros(10, 12), "RGBA", {}, r"RGBA takes \(height, width, 4\)"),
            (zeros(120, 4), "RGBA", {**width_12, **height_10}, r"RGBA at 12x10 takes \(10, 12, 4\)"),
            (zeros(12, 10, 4), "RGBA", {**width_12, **height_10}, r"RGBA at 12x10 takes \(10, 12, 4\)"),
            (zeros(10, 12, 4), "RGBA", dict(coded_width=6), r"RGBA at 6x10 takes \(10, 6, 4\)"),
            (zeros(15, 12), "I420", {}, "does not determine the size of I420; set coded_width and coded_height"),
            (zeros(12, 15), "I420", {**width_12, **height_10}, "takes 180 items in one dimension or in rows of 12"),
            (zeros(10, 12, 3), "I420", {**width_12, **height_10}, "I420 at 12x10 takes 180 items"),
            (zeros(10, 12, 3), "I444", {**width_12, **height_10}, "I444 at 12x10 takes 360 items"),
            (zeros(20, 24)[:15, :12], "I420", {**width_12, **height_10}, "data has gaps between its samples"),
            ([zeros(10, 12), zeros(6, 5), zeros(6, 5)], "I420", {}, r"data\[1\] .*I420 at 12x10 takes \(5, 6\)"),
            ([zeros(10, 12), zeros(5, 6)], "I420", {}, "data has 2 planes; I420 takes 3"),
            ([zeros(10, 12), zeros(5, 6), zeros(5, 6)], "NV12", {}, "data has 3 planes; NV12 takes 2"),
            ([zeros(10, 12), zeros(5, 6)], "NV12", {}, r"data\[1\] .*NV12 at 12x10 takes \(5, 6, 2\)"),
            ([zeros(10, 12, 4)] * 2, "RGBA", {}, "data has 2 planes; RGBA takes 1"),
            ([zeros(10, 12, 3)], "RGBA", {}, r"data\[0\] .*RGBA takes \(height, width, 4\)"),
            (zeros(0, 12, 4), "RGBA", {}, r"data has the shape \(0, 12, 4\)"),
        ]:
            with self.subTest(wanted=wanted), self.assertRaisesRegex(wcenc.TypeError_, wanted):
                made(data, format, **size)
        self.assertEqual(buffers.wrapped, {})

    def test_rows_that_overlap_are_refused(self) -> None:
        broadcast = numpy.broadcast_to(self.picture[:1], (10, 12, 4))
        window = numpy.lib.stride_tricks.as_strided(self.picture, (5, 12, 4), (24, 4, 1))
        for part in (broadcast, window):
            with self.assertRaisesRegex(wcenc.TypeError_, r"data has rows that overlap; use numpy.ascontiguousarray"):
                wcenc.VideoFrame(part, format="RGBA", timestamp=0)
            with wcenc.VideoFrame(numpy.ascontiguousarray(part), format="RGBA", timestamp=0) as frame:
                self.assertEqual(pixels_of(frame).tobytes(), part.tobytes())

    def test_a_layout_describes_one_buffer_of_any_shape(self) -> None:
        padded = numpy.pad(self.picture, ((0, 0), (0, 3), (0, 0)))
        size = dict(format="RGBA", coded_width=12, coded_height=10, layout=[(0, 60)], timestamp=0)
        with wcenc.VideoFrame(padded, **size) as frame:
            self.assertEqual(pixels_of(frame).tobytes(), self.picture.tobytes())
        with self.assertRaisesRegex(wcenc.TypeError_, "data has gaps"):
            wcenc.VideoFrame(padded[:, :12], **size)
        with self.assertRaisesRegex(wcenc.TypeError_, "layout is for one buffer"):
            wcenc.VideoFrame([padded], **size)

    def test_what_only_numpy_can_read_leads_to_numpy(self) -> None:
        class Image:  # as Pillow's
            __array_interface__ = self.picture.__array_interface__

        with self.assertRaisesRegex(wcenc.TypeError_, r"^data .*use numpy.asarray\(\)"):
            wcenc.VideoFrame(Image(), format="RGBA", timestamp=0)
        with wcenc.VideoFrame(numpy.asarray(Image()), format="RGBA", timestamp=0) as frame:
            self.assertEqual(pixels_of(frame).tobytes(), self.picture.tobytes())

    def test_a_destination_has_bytes_without_gaps(self) -> None:
        with wcenc.VideoFrame(self.picture, format="RGBA", timestamp=0) as frame:
            for kind in "i1 u2 i4 i8 f4".split():
                with self.assertRaisesRegex(wcenc.TypeError_, "^destination .*; RGBA takes bytes .*array of uint8"):
                    frame.copy_to(numpy.zeros(480, kind))
            with self.assertRaisesRegex(wcenc.TypeError_, "^destination has gaps"):
                frame.copy_to(numpy.zeros((480, 2), numpy.uint8)[:, 0])
            with self.assertRaisesRegex(wcenc.TypeError_, "^destination is read-only"):
                frame.copy_to(numpy.broadcast_to(numpy.uint8(0), (480,)))
            shaped = numpy.zeros((10, 12, 4), numpy.uint8)
            frame.copy_to(shaped)
            self.assertEqual(shaped.tobytes(), self.picture.tobytes())

    def test_numbers_and_booleans_of_numpy_are_taken(self) -> None:
        with wcenc.VideoFrame(
            self.picture, format="RGBA", timestamp=numpy.int64(7), duration=numpy.uint32(9), flip=numpy.bool_(True),
            rotation=numpy.float32(90), visible_rect=numpy.array([2, 2, 4, 4]), layout=numpy.array([[0, 48]]),
            coded_width=numpy.uint8(12), coded_height=numpy.int16(10),
        ) as frame:  # fmt: skip
            self.assertEqual((frame.timestamp, frame.duration, frame.flip, frame.rotation), (7, 9, True, 90))
            self.assertEqual(frame.visible_rect, (2, 2, 4, 4))

    def test_what_is_encoded_is_what_the_array_held(self) -> None:
        video = numpy.zeros((8, HEIGHT, WIDTH, 4), numpy.uint8)
        video += (numpy.arange(8, dtype=numpy.uint8) * 30)[:, None, None, None]
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            for number, picture in enumerate(video):
                encoder.encode(wcenc.VideoFrame(picture, format="RGBX", timestamp=number * 40000))
            encoder.flush()
            self.assertEqual(decode_ivf(b"VP80", list(encoder)), [number * 40000 for number in range(8)])
        del encoder
        self.assertEqual(buffers.wrapped, {})


if __name__ == "__main__":
    unittest.main()
