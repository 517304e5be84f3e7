# SPDX-License-Identifier: MIT
"""NumPy's arrays as pictures: their memory is what is read, whatever their strides."""

import gc
import unittest
import weakref

from support import HEIGHT, WIDTH, config, decode_ivf, wcenc

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
        (memory,) = next(iter(wcenc._lent.values()))
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

    def test_parts_and_turns_are_lent_as_well(self) -> None:
        for name, part in [
            ("crop", self.picture[2:7, 3:9]), ("bottom-up", self.picture[::-1]), ("every other row", self.picture[::2]),
            ("upwards crop", self.picture[8:1:-3, :5]), ("last row", self.picture[9:]),
            ("column", self.picture[:, 4:5]),
        ]:  # fmt: skip
            with self.subTest(name), wcenc.VideoFrame(part, format="RGBA", timestamp=0) as frame:
                self.assertEqual((frame.coded_height, frame.coded_width), part.shape[:2])
                (memory,) = next(iter(wcenc._lent.values()))
                self.assertEqual(memory.address, part.__array_interface__["data"][0])
                self.assertEqual(pixels_of(frame).tobytes(), part.tobytes())

    def test_rows_with_gaps_inside_are_refused(self) -> None:
        for part in (self.picture[:, ::2], self.picture[:, :, ::-1], self.picture.transpose(1, 0, 2)):
            with self.assertRaisesRegex(wcenc.TypeError_, "data has gaps between the samples of a row"):
                wcenc.VideoFrame(part, format="RGBA", timestamp=0)

    def test_planes_of_a_video_are_lent(self) -> None:
        whole = numpy.arange(20 * 20, dtype=numpy.uint8).reshape(20, 20)
        planes = [whole[:8, :10], whole[8:12, :5], whole[12:16, 5:10]]
        with wcenc.VideoFrame(planes, format="I420", timestamp=0) as frame:
            self.assertEqual((frame.coded_width, frame.coded_height), (10, 8))
            self.assertEqual(pixels_of(frame).tobytes(), b"".join(plane.tobytes() for plane in planes))
        pairs = [whole[:8, :10], whole[8:12, :10].reshape(4, 5, 2)]
        with wcenc.VideoFrame(pairs, format="NV12", timestamp=0) as frame:
            self.assertEqual(pixels_of(frame).tobytes(), b"".join(plane.tobytes() for plane in pairs))

    def test_deep_samples_are_lent(self) -> None:
        planes = [numpy.full((4, 6), 1000, numpy.uint16), *(numpy.full((2, 3), 512, numpy.uint16) for _ in "uv")]
        with wcenc.VideoFrame(planes, format="I420P10", timestamp=0) as frame:
            self.assertEqual(pixels_of(frame).view(numpy.uint16).tolist(), [1000] * 24 + [512] * 12)

    def test_no_array_is_read_beyond_its_end(self) -> None:
        for size in ((13, 10), (12, 11)):
            for part in (self.picture, self.picture[::-1]):
                with self.assertRaisesRegex(wcenc.TypeError_, "less than"):
                    wcenc.VideoFrame(part, format="RGBA", coded_width=size[0], coded_height=size[1], timestamp=0)

    def test_other_kinds_of_numbers_are_refused(self) -> None:
        for kind in ("f4", "c8", ">u2", "M8[s]"):
            with self.assertRaisesRegex(wcenc.TypeError_, "^data "):
                wcenc.VideoFrame(self.picture.astype(kind), format="RGBA", timestamp=0)

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
        self.assertEqual(wcenc._lent, {})


if __name__ == "__main__":
    unittest.main()
