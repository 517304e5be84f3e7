# SPDX-License-Identifier: MIT
"""Encoders that are iterated and encoders that call back; errors, limits and what a decoder makes of the chunks."""

import array
import builtins
import gc
import select
import sys
import threading
import time
import types
import unittest
import weakref
from typing import Any, List

from support import HEIGHT, WIDTH, buffers, config, decode_ivf, encode_numbers, ffi, frame, supported, wcenc

CODECS = {"vp8": b"VP80", "vp09.00.10.08": b"VP90", "av01.0.04M.08": b"AV01", "avc1.42001f": b"H264"}


class Iterating(unittest.TestCase):
    def test_chunks_come_in_order_and_decode_to_every_frame(self) -> None:
        for codec, fourcc in CODECS.items():
            with self.subTest(codec), wcenc.VideoEncoder() as encoder:
                encoder.configure(supported(codec=codec, bitstream_format="annexb"))
                wanted, chunks = encode_numbers(encoder, 20), list(encoder)
                encoder.flush()
                chunks += encoder
                self.assertEqual([chunk.timestamp for chunk in chunks], wanted)
                self.assertEqual(chunks[0].type, "key")
                self.assertEqual(decode_ivf(fourcc, chunks), wanted)

    def test_a_chunk_has_its_temporal_layer(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            for mode, wanted in (("L1T3", [0, 2, 1, 2] * 3), (None, [None] * 12)):
                encoder.configure(supported(scalability_mode=mode))
                encode_numbers(encoder, 12)
                encoder.flush()
                chunks = list(encoder)
                self.assertEqual([chunk.temporal_layer_id for chunk in chunks], wanted)
                self.assertEqual([chunk.metadata.temporal_layer_id for chunk in chunks], wanted)
        chunk = wcenc.EncodedVideoChunk(type="key", timestamp=0, data=b"1")
        self.assertEqual((chunk.temporal_layer_id, chunk.alpha_side_data), (None, None))

    def test_parallel_groups_reach_the_library(self) -> None:
        self.assertEqual(wcenc.VideoEncoder.is_config_supported(config()).parallel_groups_bytes, 0)
        answer = wcenc.VideoEncoder.is_config_supported(config(width=64, height=64, parallel_groups=2, key_interval=10))
        self.assertEqual(answer.parallel_groups_bytes, 2 * 10 * 64 * 64 * 3 // 2)

    def test_frames_name_their_buffers(self) -> None:
        manual = config(scalability_mode="manual")
        answer = wcenc.VideoEncoder.is_config_supported(manual)
        self.assertEqual(wcenc.VideoEncoder.is_config_supported(config()).reference_buffers, 0)
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            with self.assertRaisesRegex(wcenc.TypeError_, "options.references is 0x1, but scalability_mode"):
                encoder.encode(frame(), references=1)
            if not answer.supported:
                self.skipTest(answer.reason)
            self.assertEqual((answer.reference_buffers, "references" in answer.capabilities), (3, True))
            encoder.configure(manual)
            with self.assertRaisesRegex(wcenc.TypeError_, "options.updates is 0x8, the encoder has 3 buffers"):
                encoder.encode(frame(), updates=8)
            for references, updates in ((0, 0), (1, 2), (2, 0)):
                encoder.encode(frame(), references=references, updates=updates)
            encoder.flush()
            self.assertEqual([chunk.type for chunk in encoder], ["key", "delta", "delta"])

    def test_alpha_comes_beside_the_chunk_and_decodes_alone(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(supported())
            encode_numbers(encoder, 1)
            encoder.flush()
            self.assertEqual([chunk.alpha_side_data for chunk in encoder], [None])
            encoder.configure(supported(alpha="keep"))
            wanted = encode_numbers(encoder, 5)
            encoder.flush()
            chunks = list(encoder)
        views = [chunk.alpha_side_data for chunk in chunks]
        pictures = [
            wcenc.EncodedVideoChunk(type=chunk.type, timestamp=chunk.timestamp, data=view)
            for chunk, view in zip(chunks, views)
        ]
        self.assertTrue(all(view.readonly for view in views))
        self.assertNotEqual(bytes(chunks[0]), views[0])
        del chunks
        gc.collect()
        self.assertEqual([bytes(view) for view in views], [bytes(picture) for picture in pictures])
        self.assertEqual(decode_ivf(b"VP80", pictures), wanted)

    def test_statistics_say_whether_anything_is_to_come(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            self.assertTrue(encoder.stats().is_idle)
            encoder.configure(config())
            encode_numbers(encoder, 5)
            encoder.flush()
            self.assertFalse(encoder.stats().is_idle)  # chunks wait to be taken
            self.assertEqual(len(list(encoder)), 5)
            end = time.monotonic() + 60
            while not encoder.stats().is_idle:  # the thread of the library goes on for a moment
                self.assertLess(time.monotonic(), end)
            stats = encoder.stats()
            self.assertEqual((stats["is_idle"], stats.frames_out), (1, 5))
            self.assertNotIn("reserved", stats)
            with self.assertRaises(AttributeError):
                stats.frames

    def test_iterating_does_not_wait(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            self.assertEqual(list(encoder), [])
            encoder.configure(config())
            encode_numbers(encoder, 1)
            self.assertIn(len(list(encoder)), (0, 1))

    def test_the_next_chunk_can_be_waited_for(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            with self.assertRaises(TimeoutError):
                encoder.receive(0.001)
            encoder.configure(config(latency_mode="realtime"))
            for number in range(5):
                with frame(number) as given:
                    encoder.encode(given)
                self.assertEqual(encoder.receive().timestamp, number * 33333)
        self.assertIsNone(encoder.receive())

    def test_another_thread_may_take_the_chunks(self) -> None:
        taken: List[int] = []
        has_all = threading.Event()

        def take() -> None:
            for chunk in iter(encoder.receive, None):
                taken.append(chunk.timestamp)
                if len(taken) == 30:
                    has_all.set()

        with wcenc.VideoEncoder() as encoder:
            taker = threading.Thread(target=take)
            taker.start()
            encoder.configure(config(latency_mode="realtime"))
            wanted = encode_numbers(encoder, 30)
            encoder.flush()
            self.assertTrue(has_all.wait(60))
        taker.join()
        self.assertEqual(taken, wanted)

    def test_a_descriptor_is_readable_while_events_are_pending(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            self.assertEqual(select.select([encoder], [], [], 0)[0], [])
            encoder.configure(config(latency_mode="realtime"))
            encode_numbers(encoder, 1)
            self.assertEqual(select.select([encoder], [], [], 60)[0], [encoder])

    def test_what_is_not_supported_is_raised_where_it_is_taken(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config(codec="avc1.42000a", width=4096, height=2160))
            with self.assertRaisesRegex(NotImplementedError, "level 1.0"):
                encoder.flush()
            self.assertEqual(encoder.state, "configured")
            with self.assertRaisesRegex(wcenc.NotSupportedError, "level 1.0"):
                list(encoder)
            self.assertEqual(encoder.state, "closed")
            self.assertEqual(list(encoder), [])

    def test_dropped_frames_are_reported(self) -> None:
        drops: List[wcenc.DroppedFrame] = []
        with wcenc.VideoEncoder(queue_policy="drop-newest", max_queued_frames=1, drop=drops.append) as encoder:
            encoder.configure(config(width=640, height=480))
            for number in range(20):
                encoder.encode(frame(number, duration=5), user_tag=number)
            encoder.flush()
            chunks = list(encoder)
        self.assertGreater(len(drops), 0)
        numbers = sorted([chunk.user_tag for chunk in chunks] + [drop.user_tag for drop in drops])
        self.assertEqual(numbers, list(range(20)))
        last = drops[-1]
        self.assertEqual((last.timestamp, last.duration, last.reason), (last.user_tag * 33333, 5, "queued-frames"))

    def test_a_full_queue_says_no_or_waits(self) -> None:
        big = dict(width=640, height=480)
        with wcenc.VideoEncoder(max_queued_frames=2) as encoder:
            encoder.configure(config(**big))
            with self.assertRaisesRegex(wcenc.QuotaExceededError, "max_queued_frames"):
                encode_numbers(encoder, 200)
        limits = dict(max_queued_frames=2, max_pending_results=1)
        with wcenc.VideoEncoder(queue_policy="wait", queue_timeout=0.01, **limits) as encoder:
            encoder.configure(config(**big))
            with self.assertRaises(wcenc.TimedOutError):
                encode_numbers(encoder, 20)

    def test_reset_forgets_and_may_be_followed_by_anything(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            encode_numbers(encoder, 10)
            encoder.reset()
            self.assertEqual((encoder.state, encoder.encode_queue_size, list(encoder)), ("unconfigured", 0, []))
            with self.assertRaises(wcenc.InvalidStateError):
                encoder.flush()
            encoder.configure(config())
            encode_numbers(encoder, 1)
            encoder.flush(60)
            self.assertEqual([chunk.type for chunk in encoder], ["key"])


class CallingBack(unittest.TestCase):
    def test_flush_ends_behind_every_callback(self) -> None:
        seen: List[Any] = []
        threads = set()

        def output(chunk: wcenc.EncodedVideoChunk, metadata: wcenc.EncodedVideoChunkMetadata) -> None:
            threads.add(threading.get_ident())
            seen.append((chunk.timestamp, metadata.decoder_config is not None))

        with wcenc.VideoEncoder(output, seen.append) as encoder:
            encoder.configure(config())
            for turn in range(5):
                seen.clear()
                wanted = encode_numbers(encoder, 8)
                encoder.flush()
                self.assertEqual([timestamp for timestamp, _ in seen], wanted)
                self.assertEqual([has_config for _, has_config in seen], [turn == 0] + [False] * 7)
        self.assertNotIn(threading.get_ident(), threads)

    def test_errors_come_as_exceptions(self) -> None:
        errors: List[wcenc.Error] = []
        is_reported = threading.Event()

        def error(exception: wcenc.Error) -> None:
            errors.append(exception)
            is_reported.set()

        with wcenc.VideoEncoder(lambda *_: None, error) as encoder:
            encoder.configure(config(codec="avc1.42000a", width=4096, height=2160))
            # The error may have closed the encoder before the flush begins.
            with self.assertRaises((wcenc.NotSupportedError, wcenc.InvalidStateError)):
                encoder.flush()
            self.assertEqual(encoder.state, "closed")
            self.assertTrue(is_reported.wait(60))
        (error,) = errors
        self.assertIsInstance(error, wcenc.NotSupportedError)
        self.assertRegex(str(error), "level 1.0")

    def test_dequeue_is_reported_and_a_callback_may_call_anything(self) -> None:
        sizes: List[int] = []
        raised: List[BaseException] = []
        encoder: wcenc.VideoEncoder

        def output(*_: object) -> None:
            try:
                encoder.flush()
            except wcenc.WouldDeadlockError as error:
                raised.append(error)

        def dequeue() -> None:
            sizes.append(encoder.encode_queue_size)

        encoder = wcenc.VideoEncoder(output, self.fail, dequeue=dequeue)
        with encoder:
            encoder.configure(config())
            encode_numbers(encoder, 10)
            encoder.flush()
        self.assertEqual(sizes[-1], 0)
        self.assertEqual(len(raised), 10)

    def test_a_callback_that_raises_is_reported_and_encoding_goes_on(self) -> None:
        reports: List[Any] = []
        previous, sys.unraisablehook = sys.unraisablehook, reports.append
        try:
            with wcenc.VideoEncoder(lambda *_: 1 // 0, self.fail) as encoder:
                encoder.configure(config())
                encode_numbers(encoder, 3)
                encoder.flush()
                self.assertEqual(encoder.stats()["frames_out"], 3)
        finally:
            sys.unraisablehook = previous
        self.assertEqual([report.exc_type for report in reports], [ZeroDivisionError] * 3)

    def test_both_callbacks_are_required(self) -> None:
        with self.assertRaisesRegex(wcenc.TypeError_, "error is missing"):
            wcenc.VideoEncoder(lambda *_: None)
        with self.assertRaisesRegex(wcenc.TypeError_, "output is missing"):
            wcenc.VideoEncoder(error=lambda *_: None)

    def test_a_callback_can_be_called(self) -> None:
        for member in ("output", "error", "drop", "dequeue", "log"):
            for value in (5, "print", config()):
                callbacks = {"output": print, "error": print, member: value}
                with self.assertRaisesRegex(wcenc.TypeError_, rf"^{member} is .*; use a function"):
                    wcenc.VideoEncoder(**callbacks)
        for member in ("output", "error"):
            with self.assertRaisesRegex(wcenc.TypeError_, rf"^{member} is not for AsyncVideoEncoder"):
                wcenc.AsyncVideoEncoder(**{member: print})

    def test_an_encoder_with_callbacks_is_not_iterated(self) -> None:
        with wcenc.VideoEncoder(lambda *_: None, self.fail) as encoder:
            for call in (lambda: list(encoder), encoder.receive, encoder.fileno):
                with self.assertRaisesRegex(wcenc.InvalidStateError, "delivers to its callbacks"):
                    call()

    def test_messages_are_logged(self) -> None:
        lines: List[Any] = []
        with wcenc.VideoEncoder(log=lambda level, message: lines.append((level, message))) as encoder:
            encoder.configure(config())
            encode_numbers(encoder, 1)
            encoder.flush()
        self.assertTrue(any(level == "info" and "vpx opened" in message for level, message in lines), lines)

    def test_an_encoder_that_nobody_has_is_closed_and_collected(self) -> None:
        for mode in ("pull", "callbacks", "cycle"):
            with self.subTest(mode):
                pixels = bytearray(WIDTH * HEIGHT * 4)
                box: List[Any] = []
                output = None if mode == "pull" else lambda *_: box.append(_)
                encoder = wcenc.VideoEncoder(output, output and self.fail)
                if mode == "cycle":
                    box.append(encoder)
                encoder.configure(config())
                for number in range(10):
                    encoder.encode(
                        wcenc.VideoFrame(
                            pixels, format="RGBA", coded_width=WIDTH, coded_height=HEIGHT, timestamp=number
                        )
                    )
                seen = weakref.ref(encoder)
                del encoder, box, output
                gc.collect()
                self.assertIsNone(seen())
                pixels.append(0)
                self.assertEqual(buffers.wrapped, {})


class Members(unittest.TestCase):
    def test_chunks_say_all_that_a_muxer_asks(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(supported(codec="avc1.64001f", max_b_frames=2, framerate=30))
            for number in range(10):
                encoder.encode(frame(number, duration=33333), user_tag=number, key_frame=number == 5)
            encoder.flush()
            chunks = list(encoder)
        del encoder
        gc.collect()
        decoder = chunks[0].metadata.decoder_config
        self.assertEqual((decoder.codec, decoder.coded_width, decoder.coded_height), ("avc1.64001f", WIDTH, HEIGHT))
        self.assertEqual((decoder.description[0], decoder.container_private), (1, decoder.description))
        self.assertEqual(decoder.color_space.full_range, False)
        self.assertGreater(decoder.reorder_depth, 0)
        self.assertEqual([chunk.metadata.decoder_config for chunk in chunks[1:]], [None] * 9)
        self.assertEqual(sorted(chunk.user_tag for chunk in chunks), list(range(10)))
        self.assertEqual([chunk.user_tag for chunk in chunks if chunk.type == "key"], [0, 5])
        self.assertEqual({chunk.duration for chunk in chunks}, {33333})
        self.assertEqual([chunk.dts for chunk in chunks], sorted({chunk.dts for chunk in chunks}))

    def test_the_bytes_of_a_chunk_outlive_it(self) -> None:
        chunk = wcenc.EncodedVideoChunk(type="delta", timestamp=-(2**63), data=b"some bytes", duration=0)
        self.assertEqual((chunk.type, chunk.timestamp, chunk.duration), ("delta", -(2**63), 0))
        self.assertEqual((chunk.byte_length, len(chunk), bytes(chunk)), (10, 10, b"some bytes"))
        seen, data = weakref.ref(chunk), chunk.data
        out = bytearray(12)
        chunk.copy_to(out)
        self.assertEqual(bytes(out), b"some bytes\0\0")
        del chunk
        self.assertTrue(data.readonly)
        self.assertEqual(data.tobytes(), b"some bytes")
        self.assertIsNotNone(seen())
        del data
        self.assertIsNone(seen())

    def test_codec_strings_have_the_lowest_level(self) -> None:
        self.assertEqual(wcenc.codec_string("h264", 1920, 1080, framerate=60), "avc1.64002A")
        self.assertEqual(wcenc.codec_string("h264", 640, 480, profile=66, in_band_parameter_sets=True), "avc3.42E01E")
        self.assertEqual(wcenc.codec_string("vp9", 64, 64, bit_depth=10, chroma_format="444"), "vp09.03.10.10.03")
        self.assertEqual(wcenc.codec_string("av1", 3840, 2160, bitrate=90_000_000, tier=1), "av01.0.12H.08")
        with self.assertRaisesRegex(wcenc.TypeError_, "codec is 'h265'; use 'h264', 'hevc', 'vp8', 'vp9' or 'av1'"):
            wcenc.codec_string("h265", 640, 480)
        with self.assertRaisesRegex(wcenc.NotSupportedError, "level 6.2"):
            wcenc.codec_string("hevc", 8192, 4320, framerate=1000)

    def test_effort_and_screen_tools_reach_the_library(self) -> None:
        answer = wcenc.VideoEncoder.is_config_supported(config(effort=-2, force_screen_content_tools=True))
        self.assertTrue(answer.supported)
        self.assertEqual((answer.config.effort, answer.config.force_screen_content_tools), (-2, True))
        answer = wcenc.VideoEncoder.is_config_supported(config(effort=3))
        self.assertRegex(answer.reason, "effort is 3")

    def test_support_is_answered_with_reasons(self) -> None:
        answer = wcenc.VideoEncoder.is_config_supported(config(bitrate=0, framerate=25, latency_mode="realtime"))
        self.assertEqual((answer.supported, answer.reason, answer.codec), (True, None, "vp8"))
        self.assertIn(answer.encoder_name, ("native-vpx", "libvpx"))
        self.assertEqual(answer.delay_frames, 0)
        self.assertEqual((answer.config.bitrate, answer.config.framerate, answer.config.width), (None, 25, WIDTH))
        self.assertEqual((answer.config.latency_mode, answer.config.display_width), ("realtime", None))
        answer = wcenc.VideoEncoder.is_config_supported(config(codec="avc1.42000a", width=4096, height=2160))
        self.assertEqual((answer.supported, answer.encoder_name), (False, None))
        self.assertRegex(answer.reason, "level")

    def test_what_is_wrong_is_named(self) -> None:
        for member, value in [
            ("codec", ""), ("codec", 5), ("codec", "vp8\0"), ("width", 0), ("height", -1), ("width", 2**32 + 64),
            ("width", "wide"), ("bitrate", -1), ("bitrate", 2.5), ("framerate", "fast"),
            ("latency_mode", "soon"), ("bitrate_mode", 1), ("bitstream_format", "mp4"), ("color_space", "bt709"),
            ("display_width", 0), ("encoder_name", b"x"), ("threads", -1), ("max_b_frames", 2**33), ("codec", None),
            ("width", None), ("width", True), ("framerate", "30"), ("framerate", b"30"), ("framerate", True),
            ("framerate", 1j), ("encoder_options", {"preset": "fast"}), ("codec", "vp8\ud800"),
        ]:  # fmt: skip
            with self.subTest(member=member, value=value), wcenc.VideoEncoder() as encoder:
                with self.assertRaisesRegex(wcenc.TypeError_, member):
                    encoder.configure(config(**{member: value}))
                self.assertEqual(encoder.state, "unconfigured")
        for member, value in [
            ("queue_policy", "lose"), ("max_queued_frames", -1), ("log_level", "all"), ("queue_timeout", "1"),
            ("queue_timeout", float("nan")), ("max_queued_bytes", True),
        ]:  # fmt: skip
            with self.assertRaisesRegex(wcenc.TypeError_, f"^{member}"):
                wcenc.VideoEncoder(**{member: value})
        with wcenc.VideoEncoder() as encoder:
            for call in (encoder.flush, encoder.receive):
                for value in ("5", float("nan"), True, b"1", []):
                    with self.assertRaisesRegex(wcenc.TypeError_, "^timeout is "):
                        call(value)
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            for member, value in [
                ("quantizer", 2**32), ("quantizer", -1), ("user_tag", 2**64), ("key_frame", "no"),
                ("quantizer", 2.5), ("quantizer", True),
            ]:  # fmt: skip
                with self.assertRaisesRegex(wcenc.TypeError_, member):
                    encoder.encode(frame(), **{member: value})
            for given in (None, "frame", bytes(10**6)):
                with self.assertRaisesRegex(wcenc.TypeError_, r"^frame is .{,100}; use a VideoFrame$"):
                    encoder.encode(given)
            closed = frame()
            closed.close()
            with self.assertRaisesRegex(wcenc.TypeError_, "closed"):
                encoder.encode(closed)
        whole = dict(type="key", timestamp=0, data=b"1")
        for member, value, wanted in [
            ("type", "b", "type is 'b'; use 'key' or 'delta'"), ("type", [], r"type is \[\]; use"),
            ("timestamp", None, "timestamp is missing"), ("timestamp", 1.5, "timestamp is 1.5; use a whole number"),
            ("data", "text", "data is 'text'; use bytes"), ("data", 5, "data is 5; use bytes"),
            ("data", array.array("i", [1]), "data has items of the format 'i'; a chunk takes bytes"),
        ]:
            with self.assertRaisesRegex(wcenc.TypeError_, f"^{wanted}"):
                wcenc.EncodedVideoChunk(**{**whole, member: value})
        chunk = wcenc.EncodedVideoChunk(**whole)
        for destination, wanted in [
            (b"1", "destination is read-only"), (array.array("i", [1]), "destination has items of the format 'i'"),
            (memoryview(bytearray(4))[::2], "destination has gaps"), (5, "destination is 5; use a bytearray"),
        ]:
            with self.assertRaisesRegex(wcenc.TypeError_, f"^{wanted}"):
                chunk.copy_to(destination)

    def test_a_dict_may_stand_for_a_configuration(self) -> None:
        given = dict(
            codec="vp8", width=WIDTH, height=HEIGHT, framerate=30, latency_mode="realtime", bitrate=None,
            color_space={"primaries": "bt709", "full_range": False},
        )  # fmt: skip
        for made in (given, types.MappingProxyType(given)):
            answer = wcenc.VideoEncoder.is_config_supported(made)
            self.assertEqual((answer.supported, answer.config.framerate, answer.config.bitrate), (True, 30, None))
            self.assertEqual((answer.config.latency_mode, answer.config.color_space.primaries), ("realtime", "bt709"))
            with wcenc.VideoEncoder() as encoder:
                encoder.configure(made)
                wanted = encode_numbers(encoder, 3)
                encoder.flush()
                self.assertEqual([chunk.timestamp for chunk in encoder], wanted)
        self.assertEqual(given["color_space"], {"primaries": "bt709", "full_range": False})

    def test_hdr_metadata_are_in_the_decoder_config(self) -> None:
        display = dict(red_x=35400, red_y=14600, green_x=8500, green_y=39850, blue_x=6550, blue_y=2300, white_x=15635,
                       white_y=16450, max_luminance=10000000, min_luminance=1)  # fmt: skip
        first = wcenc.HdrMetadata(**display, max_content_light_level=1000, max_frame_average_light_level=0)
        second = wcenc.HdrMetadata(max_content_light_level=4000, max_frame_average_light_level=400)
        config = dict(codec="vp8", width=WIDTH, height=HEIGHT, latency_mode="realtime", hdr_metadata=first)
        answer = wcenc.VideoEncoder.is_config_supported(config)
        self.assertEqual(answer.config.hdr_metadata, first)
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config)
            members = {"max_content_light_level": 4000, "max_frame_average_light_level": 400}
            for number, given in enumerate((None, first, members, wcenc.HdrMetadata())):
                encoder.encode(frame(number), hdr_metadata=given)
            encoder.flush()
            found = [chunk.metadata.decoder_config for chunk in encoder]
        self.assertEqual([config and config.hdr_metadata for config in found], [first, None, second, None])
        self.assertEqual([config is None for config in found], [False, True, False, False])
        with self.assertRaisesRegex(wcenc.TypeError_, "hdr_metadata.red_y is 0"):
            wcenc.VideoEncoder().configure({**config, "hdr_metadata": {"red_x": 1}})
        with self.assertRaisesRegex(wcenc.TypeError_, "hdr_metadata has no member 'redx'"):
            wcenc.VideoEncoder().configure({**config, "hdr_metadata": {"redx": 1}})

    def test_a_configuration_that_is_none_says_what_it_lacks(self) -> None:
        whole = dict(codec="vp8", width=WIDTH, height=HEIGHT)
        for given, wanted in [
            ({**whole, "latencyMode": "realtime"}, "config has no member 'latencyMode'; did you mean 'latency_mode'?"),
            ({**whole, "avc": {"format": "annexb"}}, "config has no member 'avc'; use 'codec'"),
            ({**whole, "bit_rate": 5}, "config has no member 'bit_rate'; did you mean 'bitrate'?"),
            ({**whole, "preset": "fast"}, "config has no member 'preset'; use 'codec', 'width', .* or '[a-z_]+'"),
            ({**whole, 5: 5}, "config has no member 5; use 'codec'"),
            ({"codec": "vp8", "height": 1}, "config.width is missing"), ({}, "config.codec is missing"),
            ({**whole, "codec": None}, "config.codec is missing"), ({**whole, "width": "wide"}, "width is 'wide'"),
            ({**whole, "color_space": {"range": 1}}, "color_space has no member 'range'; .*'full_range'"),
            (None, "config is None; use a VideoEncoderConfig or a dict of its members"),
            ("vp8", "config is 'vp8'; use a VideoEncoderConfig"), (list(whole), r"config is \['codec'.*; use"),
            (wcenc.VideoEncoder.is_config_supported(config()), r"config is VideoEncoderSupport\(.*; use"),
            (wcenc.VideoEncoderConfig, "config is <class .*; use"),
        ]:  # fmt: skip
            with self.subTest(wanted=wanted), wcenc.VideoEncoder() as encoder:
                for call in (encoder.configure, encoder.is_config_supported):
                    with self.assertRaisesRegex(wcenc.TypeError_, f"^{wanted}"):
                        call(given)
                self.assertEqual(encoder.state, "unconfigured")

    def test_a_timeout_may_be_infinite_or_huge(self) -> None:
        for timeout in (float("inf"), 1e30, None, 60):
            with wcenc.VideoEncoder(queue_timeout=timeout) as encoder:
                encoder.configure(config())
                encode_numbers(encoder, 1)
                encoder.flush(timeout)
                self.assertEqual(encoder.receive(timeout).timestamp, 0)

    def test_a_frame_that_contradicts_is_a_data_error(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config())
            encoder.encode(frame(0))
            with self.assertRaisesRegex(wcenc.DataError, "rotation"):
                encoder.encode(frame(1, rotation=90))

    def test_exceptions_are_named_as_in_webcodecs(self) -> None:
        fitting = {
            "TypeError": TypeError, "InvalidStateError": RuntimeError, "NotSupportedError": NotImplementedError,
            "EncodingError": RuntimeError, "DataError": ValueError, "AbortError": RuntimeError,
            "QuotaExceededError": RuntimeError, "OperationError": OSError, "NoMemoryError": MemoryError,
            "TimedOutError": TimeoutError, "WouldDeadlockError": RuntimeError,
        }  # fmt: skip
        seen = set()
        for error in wcenc.Error.__subclasses__():
            name = ffi.lib.wcenc_status_name(error.status).decode()
            self.assertEqual(error.__name__, name + "_" if hasattr(builtins, name) else name)
            self.assertTrue(issubclass(error, fitting[name]))
            seen.add(name)
        self.assertEqual(seen, set(fitting))

    def test_a_chunk_has_the_quantizer_that_was_used(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            encoder.configure(config(bitrate_mode="constant-quality", quality=17))
            encoder.encode(frame(0))
            encoder.flush()
            (chunk,) = encoder
            self.assertEqual(chunk.metadata.quantizer, 17)

    def test_an_available_encoder_has_what_the_list_says(self) -> None:
        encoders = {(encoder.name, encoder.codec): encoder for encoder in wcenc.available_encoders()}
        chosen = wcenc.VideoEncoder.is_config_supported(config())
        info = encoders[chosen.encoder_name, "vp8"]
        self.assertEqual((info.is_native, info.by_name_only), (info.name == "native-vpx", False))
        self.assertEqual(info.latency_modes, {"quality", "realtime"})
        self.assertIn("variable", info.bitrate_modes)
        self.assertEqual(info.capabilities, chosen.capabilities)
        self.assertTrue(wcenc.build_info.startswith(f"libwcenc {wcenc.library_version}; FFmpeg "), wcenc.build_info)

    def test_closing_twice_is_an_invalid_state(self) -> None:
        encoder = wcenc.VideoEncoder()
        encoder.close()
        for call in (encoder.close, encoder.reset, encoder.flush, lambda: encoder.configure(config())):
            with self.assertRaises(wcenc.InvalidStateError):
                call()
        self.assertEqual(encoder.state, "closed")
        with encoder:
            pass


if __name__ == "__main__":
    unittest.main()
