# SPDX-License-Identifier: MIT
"""Frames: what they are made of, whose memory they read, and what they say of arguments that are wrong."""

import array
import ctypes
import gc
import mmap
import sys
import unittest
import weakref

from support import HEIGHT, WIDTH, buffers, config, frame, values, wcenc

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
        red = wcenc.VideoFrame(bytes((255, 0, 0, 9)), format="RGBA", coded_width=1, coded_height=1, timestamp=0)
        pixel = bytearray(4)
        red.copy_to(pixel, format="BGRA", color_space="display-p3")
        self.assertEqual(bytes(pixel), bytes((35, 51, 234, 9)))
        with self.assertRaisesRegex(wcenc.TypeError_, "destination"):
            given.copy_to(bytearray(3))
        with self.assertRaisesRegex(wcenc.TypeError_, "destination"):
            given.copy_to(bytes(WIDTH * HEIGHT * 4))

    def test_formats_beyond_webcodecs_are_taken(self) -> None:
        for format, size in dict(NV21=12, P010=24, YUYV=16, UYVY=16, RGB24=24, BGR24=24, GRAY8=8).items():
            made = wcenc.VideoFrame(bytes(range(size)), format=format, coded_width=4, coded_height=2, timestamp=0)
            out = bytearray(size)
            made.copy_to(out)
            self.assertEqual((made.format, bytes(out)), (format, bytes(range(size))))
            self.assertEqual(made.allocation_size(format="RGBA"), 32)


class Memory(unittest.TestCase):
    def test_memory_is_wrapped_and_not_copied(self) -> None:
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
        self.assertEqual(buffers.wrapped, {})

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

    def test_a_frame_that_is_refused_wraps_nothing(self) -> None:
        pixels = Pixels(15)
        with self.assertRaisesRegex(wcenc.TypeError_, "data_size is 15"):
            wcenc.VideoFrame(pixels, format="RGBA", coded_width=2, coded_height=2, timestamp=0)
        pixels.append(0)
        self.assertEqual(buffers.wrapped, {})

    def test_anything_with_a_buffer_is_taken(self) -> None:
        shaped = memoryview(bytes(range(48))).cast("B", (3, 4, 4))
        self.assertEqual(wcenc.VideoFrame(shaped, format="RGBA", timestamp=0).visible_rect, (0, 0, 4, 3))
        deep = array.array("H", range(6))
        made = wcenc.VideoFrame(deep, format="I420P10", coded_width=2, coded_height=2, timestamp=0)
        out = array.array("H", [0] * 6)
        made.copy_to(out)
        self.assertEqual(out, deep)

    def test_every_kind_of_bytes_is_taken_for_every_format(self) -> None:
        for format, size in [("RGBA", 16), ("NV12", 6), ("I444A", 16), ("I420P10", 12), ("I444AP12", 32)]:
            wanted = bytes(range(0, size))
            mapped = mmap.mmap(-1, size)
            mapped[:] = wanted
            for data in (
                wanted, bytearray(wanted), memoryview(wanted), memoryview(wanted).cast("c"), array.array("B", wanted),
                (ctypes.c_ubyte * size)(*wanted), (ctypes.c_char * size)(*wanted), mapped,
                memoryview(wanted + wanted)[size:],
            ):  # fmt: skip
                with self.subTest(format=format, kind=type(data)):
                    with wcenc.VideoFrame(data, format=format, coded_width=2, coded_height=2, timestamp=0) as made:
                        out = bytearray(size)
                        made.copy_to(out)
                        self.assertEqual(bytes(out), wanted)
            self.assertEqual(buffers.wrapped, {})
            del data
            mapped.close()

    def test_shorts_are_taken_for_deep_formats(self) -> None:
        wanted = array.array("H", range(6)).tobytes()
        for data in (
            array.array("H", range(6)), (ctypes.c_uint16 * 6)(*range(6)), memoryview(wanted).cast("H"),
            memoryview(bytearray(wanted)).cast("B").cast("H"),
        ):  # fmt: skip
            with wcenc.VideoFrame(data, format="I420P12", coded_width=2, coded_height=2, timestamp=0) as made:
                for out in (bytearray(12), (ctypes.c_uint16 * 6)(), array.array("H", [0] * 6)):
                    made.copy_to(out)
                    self.assertEqual(bytes(out), wanted)

    def test_other_items_are_refused_with_what_is_taken(self) -> None:
        def refused(data: object, format: str, wanted: str) -> None:
            with self.subTest(kind=type(data), format=format), self.assertRaisesRegex(wcenc.TypeError_, wanted):
                wcenc.VideoFrame(data, format=format, coded_width=2, coded_height=2, timestamp=0)

        for code in "bhHiIlLqQfd":
            data = array.array(code, [1] * 32)
            for view in (data, memoryview(data)):
                refused(view, "RGBA", rf"^data has items of the format '{code}'; RGBA takes bytes .*cast\('B'\)")
                if code != "H":
                    refused(view, "I420P10", rf"^data .* '{code}'; I420P10 takes uint16 in the byte order of this")
        for kind in (ctypes.c_int8, ctypes.c_bool, ctypes.c_int16, ctypes.c_uint32, ctypes.c_float, ctypes.c_void_p):
            refused((kind * 32)(), "RGBA", "^data has items of the format .*; RGBA takes bytes")
            refused((kind * 32)(), "I420P10", "^data has items of the format .*; I420P10 takes uint16")
        other_order = ctypes.c_uint16.__ctype_be__ if sys.byteorder == "little" else ctypes.c_uint16.__ctype_le__
        refused((other_order * 6)(), "I420P10", "^data has items of the format '[<>]H'; I420P10 takes uint16 in the")
        pixel = type("Pixel", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_ubyte) for name in "rgba"]})
        refused((pixel * 4)(), "RGBA", "^data has items of the format 'T{.*; RGBA takes bytes")
        refused(memoryview(bytes(32))[::2], "RGBA", r"^data has gaps between its samples.*bytes\(\)")
        for data in ("text" * 4, 16, None, 1.5, {}, iter(b"1"), object()):
            refused(data, "RGBA", "^data is .*; use bytes, a bytearray, a memoryview or a NumPy array")
        refused([1, 2, 3], "RGBA", r"^data\[0\] is 1; use bytes")
        refused([bytes(16)] * 5, "RGBA", "^data has 5 planes; RGBA takes 1")
        refused([], "I420", "^data has 0 planes; I420 takes 3")
        released = memoryview(bytes(16))
        released.release()
        refused(released, "RGBA", "^data is ")
        self.assertEqual(buffers.wrapped, {})

    def test_the_module_knows_the_planes_of_every_format(self) -> None:
        formats = [name for name in (values.name_of("format", number) for number in range(1, 256)) if name]
        self.assertGreater(len(formats), 20)
        for name in formats:
            for width, height in ((4, 4), (3, 5)):
                with self.subTest(name, width=width, height=height):
                    format = buffers.format_of(name)
                    planes = [
                        bytes(-(-width // across) * -(-height // down) * samples * format.item_size)
                        for across, down, samples in format.planes
                    ]
                    size = dict(format=name, coded_width=width, coded_height=height, timestamp=0)
                    with wcenc.VideoFrame(planes, **size) as made:
                        self.assertEqual(made.allocation_size(), sum(map(len, planes)))

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
            ("alpha", "discard"), ("format", None), ("coded_width", True), ("timestamp", 33.3), ("rotation", "90"),
            ("rotation", True), ("flip", "no"), ("flip", 2), ("flip", 1.0), ("copy", "no"), ("layout", 5),
            ("layout", [5]), ("layout", []), ("layout", [("a", 8)]), ("visible_rect", "abcd"), ("metadata", {"a": 1}),
            ("full_range", "limited"), ("full_range", 2), ("color_space", {"full_range": "no"}),
            ("color_space", {"fullRange": True}), ("color_space", 5),
        ]:  # fmt: skip
            with self.subTest(member=member, value=value):
                given = {**whole, member: value}
                if member == "matrix":
                    given[member] = "bt601"
                if member in ("matrix", "full_range"):
                    given["color_space"] = wcenc.VideoColorSpace(**{member: given.pop(member)})
                with self.assertRaises(wcenc.TypeError_) as caught:
                    wcenc.VideoFrame(given.pop("data"), **given)
                self.assertIn(member, str(caught.exception))
        self.assertEqual(buffers.wrapped, {})

    def test_messages_say_what_would_be_right(self) -> None:
        whole = dict(format="RGBA", coded_width=2, coded_height=2, timestamp=0)
        for member, value, wanted in [
            ("format", "rgba", "format is 'rgba'; use 'I420', .*'NV12', 'RGBA', 'RGBX', .* or 'GRAY8'"),
            ("coded_width", "wide", "coded_width is 'wide'; use a whole number from 0 to 4294967295"),
            ("timestamp", 33.3, "timestamp is 33.3; use a whole number from -9223372036854775808 to 922337203685477"),
            ("duration", -1, "duration is -1; use a whole number from 0 to 18446744073709551615"),
            ("flip", "no", "flip is 'no'; use True or False"),
            ("rotation", "90", "rotation is '90'; use a number"),
            ("visible_rect", 7, r"visible_rect is 7; use \(x, y, width, height\)"),
            ("visible_rect", (0, -1, 2, 2), r"visible_rect.y is -1; use a whole number from 0"),
            ("layout", 5, r"layout is 5; use a list with \(offset, stride\) for each plane"),
            ("layout", [(0, "x")], r"layout\[0\].stride is 'x'; use a whole number"),
            ("metadata", "text", "metadata is 'text'; use bytes"),
            ("color_space", {"fullRange": True}, "color_space has no member 'fullRange'; did you mean 'full_range'"),
            ("color_space", {"matrix": "bt601"}, r"color_space\.matrix is 'bt601'; use 'bt709', .* or 'rgb'$"),
        ]:
            with self.subTest(member=member, value=value), self.assertRaisesRegex(wcenc.TypeError_, f"^{wanted}"):
                wcenc.VideoFrame(bytes(16), **{**whole, member: value})

    def test_messages_stay_short_whatever_the_value(self) -> None:
        for value in (bytes(10**6), "x" * 10**6, list(range(10**5)), {number: bytes(1000) for number in range(1000)}):
            for member in ("timestamp", "metadata", "visible_rect", "color_space", "alpha"):
                if member == "metadata" and isinstance(value, bytes):
                    continue
                with self.subTest(member=member, kind=type(value)), self.assertRaises(wcenc.TypeError_) as caught:
                    frame(**{member: value})
                self.assertRegex(str(caught.exception), rf"\A{member}[^\n]*\Z")
                self.assertLess(len(str(caught.exception)), 200, str(caught.exception))

    def test_a_dict_may_stand_for_a_color_space(self) -> None:
        made = frame(color_space=dict(primaries="bt2020", transfer="pq", matrix="bt2020-ncl", full_range=True))
        self.assertEqual(made.color_space, SPACE)

    def test_a_frame_of_a_frame_takes_no_pixels(self) -> None:
        for member, value in (("format", "RGBA"), ("coded_width", 0), ("layout", []), ("copy", True)):
            with self.assertRaisesRegex(wcenc.TypeError_, "of a frame of a frame are inherited"):
                wcenc.VideoFrame(frame(), **{member: value})
        with self.assertRaisesRegex(wcenc.TypeError_, "alpha is 'drop'"):
            wcenc.VideoFrame(frame(), alpha="drop")


if __name__ == "__main__":
    unittest.main()
