# SPDX-License-Identifier: MIT
"""Frames: what they are made of, whose memory they read, and what they say of arguments that are wrong."""

import array
import gc
import unittest
import weakref

from support import HEIGHT, WIDTH, config, frame, wcenc

SPACE = wcenc.VideoColorSpace("bt2020", "pq", "bt2020-ncl", True)


class Pixels(bytearray):
    """Memory whose end can be seen."""


class Members(unittest.TestCase):
    def test_a_frame_says_what_it_was_made_of(self) -> None:
        given = frame(
            3, duration=0, visible_rect=(2, 4, 20, 10), display_width=40, display_height=30, color_space=SPACE,
            rotation=90, flip=True, metadata=b"a\0b",
        )  # fmt: skip
        self.assertEqual((given.format, given.coded_width, given.coded_height), ("RGBA", WIDTH, HEIGHT))
        self.assertEqual((given.timestamp, given.duration, given.metadata), (99999, 0, b"a\0b"))
        self.assertEqual(given.visible_rect, wcenc.Rect(2, 4, 20, 10))
        self.assertEqual((given.display_width, given.display_height), (40, 30))
        self.assertEqual((given.rotation, given.flip, given.color_space), (90, True, SPACE))

    def test_the_location_of_chroma_is_kept_unless_it_is_overridden(self) -> None:
        given = frame(0, chroma_location="center")
        self.assertEqual(frame(0).chroma_location, "unspecified")
        self.assertEqual(given.chroma_location, "center")
        self.assertEqual(wcenc.VideoFrame(given).chroma_location, "center")
        self.assertEqual(wcenc.VideoFrame(given, chroma_location="top-left").chroma_location, "top-left")

    def test_what_is_absent_has_the_defaults_of_webcodecs(self) -> None:
        given = frame(0, timestamp=-5)
        self.assertEqual((given.timestamp, given.duration, given.metadata), (-5, None, b""))
        self.assertEqual(given.visible_rect, (0, 0, WIDTH, HEIGHT))
        self.assertEqual(given.color_space, wcenc.VideoColorSpace("bt709", "iec61966-2-1", "rgb", True))

    def test_a_closed_frame_keeps_its_times(self) -> None:
        with frame(1, duration=7) as given:
            clone = given.clone()
        given.close()
        self.assertEqual((given.closed, given.format, given.visible_rect), (True, None, None))
        self.assertEqual((given.timestamp, given.duration, given.coded_width), (33333, 7, 0))
        self.assertEqual((clone.closed, clone.format, clone.timestamp), (False, "RGBA", 33333))
        with self.assertRaisesRegex(wcenc.InvalidStateError, "closed"):
            given.clone()

    def test_a_frame_of_a_frame_inherits_what_is_not_given(self) -> None:
        with frame(1, duration=7, metadata=b"gone") as source:
            made = wcenc.VideoFrame(source, timestamp=0, visible_rect=[0, 0, 16, 8], alpha="discard")
        self.assertEqual((made.timestamp, made.duration, made.format, made.metadata), (0, 7, "RGBX", b""))
        self.assertEqual(made.visible_rect, (0, 0, 16, 8))

    def test_pixels_are_copied_out_as_they_are_or_converted(self) -> None:
        given = frame(1)
        self.assertEqual(given.allocation_size(), WIDTH * HEIGHT * 4)
        self.assertEqual(given.allocation_size(rect=(0, 0, 2, 2)), 16)
        out = bytearray(40)
        layout = given.copy_to(out, rect=(0, 0, 2, 2), format="BGRX", layout=[(4, 16)])
        self.assertEqual(layout, [wcenc.PlaneLayout(4, 16)])
        self.assertEqual(bytes(out[4:7]), bytes((128, 90, 40)))
        self.assertEqual(bytes(out[:4]) + bytes(out[12:20]), bytes(12))
        with self.assertRaisesRegex(wcenc.TypeError_, "destination"):
            given.copy_to(bytearray(3))
        with self.assertRaisesRegex(wcenc.TypeError_, "destination"):
            given.copy_to(bytes(WIDTH * HEIGHT * 4))


class Memory(unittest.TestCase):
    def test_memory_is_lent_and_not_copied(self) -> None:
        pixels = Pixels(WIDTH * HEIGHT * 4)
        made = wcenc.VideoFrame(pixels, format="RGBA", coded_width=WIDTH, coded_height=HEIGHT, timestamp=0)
        pixels[0:4] = b"\x09\x08\x07\x06"
        out = bytearray(WIDTH * HEIGHT * 4)
        made.copy_to(out)
        self.assertEqual(bytes(out[:4]), b"\x09\x08\x07\x06")
        with self.assertRaises(BufferError):
            pixels.append(0)
        made.close()
        pixels.append(0)

    def test_a_copy_leaves_the_memory_alone(self) -> None:
        pixels = bytearray(16)
        made = wcenc.VideoFrame(pixels, format="RGBA", coded_width=2, coded_height=2, timestamp=0, copy=True)
        pixels[:] = b"\xff" * 17
        out = bytearray(16)
        made.copy_to(out)
        self.assertEqual(out, bytes(16))

    def test_memory_lives_until_the_last_handle_is_closed(self) -> None:
        pixels = Pixels(16)
        seen = weakref.ref(pixels)
        made = wcenc.VideoFrame(pixels, format="RGBA", coded_width=2, coded_height=2, timestamp=0)
        del pixels
        clone = made.clone()
        made.close()
        gc.collect()
        self.assertIsNotNone(seen())
        clone.close()
        self.assertIsNone(seen())
        self.assertEqual(wcenc._lent, {})

    def test_memory_lives_until_the_encoder_has_done_with_it(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            seen = []
            for number in range(20):
                pixels = Pixels(WIDTH * HEIGHT * 4)
                seen.append(weakref.ref(pixels))
                with wcenc.VideoFrame(
                    pixels, format="RGBA", coded_width=WIDTH, coded_height=HEIGHT, timestamp=number
                ) as made:
                    encoder.encode(made)
                del pixels, made
            encoder.flush()
            self.assertEqual([chunk.timestamp for chunk in encoder], list(range(20)))
        del encoder
        self.assertEqual([reference() for reference in seen], [None] * 20)

    def test_a_frame_that_is_refused_lends_nothing(self) -> None:
        pixels = Pixels(15)
        with self.assertRaisesRegex(wcenc.TypeError_, "data_size is 15"):
            wcenc.VideoFrame(pixels, format="RGBA", coded_width=2, coded_height=2, timestamp=0)
        pixels.append(0)
        self.assertEqual(wcenc._lent, {})

    def test_anything_with_a_buffer_is_taken(self) -> None:
        shaped = memoryview(bytes(range(48))).cast("B", (3, 4, 4))
        self.assertEqual(wcenc.VideoFrame(shaped, format="RGBA", timestamp=0).visible_rect, (0, 0, 4, 3))
        deep = array.array("H", range(6))
        made = wcenc.VideoFrame(deep, format="I420P10", coded_width=2, coded_height=2, timestamp=0)
        out = array.array("H", [0] * 6)
        made.copy_to(out)
        self.assertEqual(out, deep)

    def test_planes_may_lie_apart(self) -> None:
        planes = [b"abcdef", b"UV", b"vw"]
        made = wcenc.VideoFrame(planes, format="I420", coded_width=3, coded_height=2, timestamp=0)
        out = bytearray(made.allocation_size())
        layout = made.copy_to(out)
        self.assertEqual(bytes(out), b"abcdefUVvw")
        self.assertEqual(layout, [(0, 3), (6, 2), (8, 2)])

    def test_no_plane_is_read_beyond_its_end(self) -> None:
        for planes in ([b"abcde", b"UV", b"vw"], [b"abcdef", b"U", b"vw"], [b"abcdef", b"UV", b"v"]):
            with self.assertRaisesRegex(wcenc.TypeError_, r"plane_sizes\[\d\] is \d, less than"):
                wcenc.VideoFrame(planes, format="I420", coded_width=3, coded_height=2, timestamp=0)
        with self.assertRaisesRegex(wcenc.TypeError_, r"data\[1\] is empty"):
            wcenc.VideoFrame([b"abcdef", b"", b"vw"], format="I420", coded_width=3, coded_height=2, timestamp=0)


class BadArguments(unittest.TestCase):
    def test_what_is_wrong_is_named(self) -> None:
        whole = dict(data=bytes(16), format="RGBA", coded_width=2, coded_height=2, timestamp=0)
        for member, value in [
            ("format", "rgba"), ("format", 3), ("coded_width", 0), ("coded_width", -1), ("coded_height", 2**32 + 2),
            ("coded_height", 2.5), ("timestamp", None), ("timestamp", 2**63), ("timestamp", "now"), ("duration", -1),
            ("duration", 2**64), ("visible_rect", (0, 0, 3, 2)), ("visible_rect", (0, 0, 2)), ("visible_rect", 7),
            ("visible_rect", (0, -1, 2, 2)), ("display_width", 5), ("display_height", 0), ("rotation", "left"),
            ("rotation", float("nan")), ("color_space", "bt709"), ("matrix", None), ("layout", [(0, 7)]),
            ("layout", [(0, 8, 1)]), ("layout", [(0, 8)] * 5), ("layout", [(0, 2**32)]), ("metadata", "text"),
            ("data", 5), ("data", bytes(15)), ("data", array.array("d", [0] * 2)), ("data", []),
            ("alpha", "discard"),
        ]:  # fmt: skip
            with self.subTest(member=member, value=value):
                given = {**whole, member: value}
                if member == "matrix":
                    del given["matrix"]
                    given["color_space"] = wcenc.VideoColorSpace(matrix="bt601")
                with self.assertRaises(wcenc.TypeError_) as caught:
                    wcenc.VideoFrame(given.pop("data"), **given)
                self.assertIn(member, str(caught.exception))
        self.assertEqual(wcenc._lent, {})

    def test_a_frame_of_a_frame_takes_no_pixels(self) -> None:
        with self.assertRaisesRegex(wcenc.TypeError_, "format"):
            wcenc.VideoFrame(frame(), format="RGBA")
        with self.assertRaisesRegex(wcenc.TypeError_, "alpha is 'drop'"):
            wcenc.VideoFrame(frame(), alpha="drop")


if __name__ == "__main__":
    unittest.main()
