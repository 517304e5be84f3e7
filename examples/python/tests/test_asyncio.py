# SPDX-License-Identifier: MIT
"""Encoders of an asyncio loop: nothing blocks it, nobody who waits is forgotten, and nothing is left in it."""

import asyncio
import unittest
from typing import Any, List

from support import config, decode_ivf, encode_numbers, frame, wcenc


class Loop(unittest.IsolatedAsyncioTestCase):
    async def test_tasks_feed_and_take(self) -> None:
        chunks: List[wcenc.EncodedVideoChunk] = []
        async with wcenc.AsyncVideoEncoder(max_queued_frames=4, max_pending_results=2) as encoder:
            encoder.configure(config())

            async def feed() -> None:
                for number in range(50):
                    while encoder.encode_queue_size == 4:
                        await encoder.dequeue()
                    with frame(number) as given:
                        encoder.encode(given)
                await encoder.flush()
                encoder.close()

            feeding = asyncio.create_task(feed())
            async for chunk in encoder:
                chunks.append(chunk)
            await feeding
            self.assertFalse(asyncio.get_running_loop().remove_reader(encoder.fileno()))
        wanted = [number * 33333 for number in range(50)]
        self.assertEqual([chunk.timestamp for chunk in chunks], wanted)
        self.assertEqual(decode_ivf(b"VP80", chunks), wanted)

    async def test_flush_ends_behind_all_chunks(self) -> None:
        async with wcenc.AsyncVideoEncoder() as encoder:
            encoder.configure(config())
            for _ in range(3):
                wanted = encode_numbers(encoder, 10)
                await encoder.flush()
                self.assertEqual(encoder.stats()["frames_out"] % 10, 0)
                self.assertEqual([(await encoder.__anext__()).timestamp for _ in range(10)], wanted)
            wanted = encode_numbers(encoder, 10)
            await encoder.flush()
            encoder.close()
            self.assertEqual([chunk.timestamp async for chunk in encoder], wanted)

    async def test_the_loop_runs_while_frames_are_encoded(self) -> None:
        """It turns at least once for each frame encoded meanwhile; a flush that blocked would let it turn once."""
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.001)
                turns += 1

        async with wcenc.AsyncVideoEncoder() as encoder:
            encoder.configure(config(width=1280, height=720))
            for number in range(20):
                encoder.encode(frame(number, 1280, 720, copy=True))
            turning = asyncio.create_task(turn())
            await asyncio.sleep(0)
            waiting, before = encoder.encode_queue_size, turns
            await encoder.flush()
            self.assertGreater(waiting, 5)
            self.assertGreaterEqual(turns - before, waiting)
            turning.cancel()

    async def test_many_may_wait_for_one_encoder(self) -> None:
        async with wcenc.AsyncVideoEncoder() as encoder:
            encoder.configure(config())
            taking = [asyncio.create_task(encoder.__anext__()) for _ in range(5)]
            flushing = []
            for number in range(5):
                encoder.encode(frame(number))
                flushing.append(asyncio.create_task(encoder.flush()))
                await asyncio.sleep(0)
            chunks = await asyncio.wait_for(asyncio.gather(*taking), 60)
            await asyncio.wait_for(asyncio.gather(*flushing), 60)
            self.assertEqual(sorted(chunk.timestamp for chunk in chunks), [number * 33333 for number in range(5)])

    async def test_a_flush_that_is_given_up_loses_nothing(self) -> None:
        async with wcenc.AsyncVideoEncoder() as encoder:
            encoder.configure(config(width=1280, height=720))
            wanted = encode_numbers(encoder, 20)
            flushing = asyncio.create_task(encoder.flush())
            await asyncio.sleep(0)
            flushing.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await flushing
            self.assertFalse(asyncio.get_running_loop().remove_reader(encoder.fileno()))
            await encoder.flush()
            encoder.close()
            self.assertEqual([chunk.timestamp async for chunk in encoder], wanted)

    async def test_an_error_reaches_everybody_who_waits(self) -> None:
        encoder = wcenc.AsyncVideoEncoder()
        encoder.configure(config(codec="avc1.42000a", width=4096, height=2160))
        flushing, taking = asyncio.create_task(encoder.flush()), asyncio.create_task(encoder.__anext__())
        for waiting in (taking, flushing):
            with self.assertRaisesRegex(wcenc.NotSupportedError, "level 1.0"):
                await asyncio.wait_for(waiting, 60)
        self.assertEqual(encoder.state, "closed")
        self.assertEqual([chunk async for chunk in encoder], [])

    async def test_close_and_reset_wake_those_who_wait(self) -> None:
        encoder = wcenc.AsyncVideoEncoder()
        encoder.configure(config(width=640, height=480))
        for number in range(20):
            encoder.encode(frame(number, 640, 480))
        flushing = asyncio.create_task(encoder.flush())
        await asyncio.sleep(0)
        encoder.reset()
        with self.assertRaises(wcenc.AbortError):
            await asyncio.wait_for(flushing, 60)
        encoder.close()

        encoder = wcenc.AsyncVideoEncoder()
        waiting: List[Any] = [asyncio.create_task(encoder.__anext__()), asyncio.create_task(encoder.dequeue())]
        await asyncio.sleep(0)
        self.assertEqual(len(encoder._waiters), 2)
        encoder.close()
        ends = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 60)
        self.assertEqual([type(end) for end in ends], [StopAsyncIteration, wcenc.AbortError])

    async def test_the_end_is_awaited_and_not_blocked_for(self) -> None:
        pixels = bytearray(640 * 480 * 4)
        async with wcenc.AsyncVideoEncoder() as encoder:
            encoder.configure(config(width=640, height=480))
            for number in range(20):
                made = wcenc.VideoFrame(pixels, format="RGBA", coded_width=640, coded_height=480, timestamp=number)
                with made:
                    encoder.encode(made)
        self.assertEqual((encoder.state, encoder.stats()["busy_ns"]), ("closed", 0))
        pixels.append(0)
        with self.assertRaises(wcenc.InvalidStateError):
            await encoder.aclose()

    async def test_several_encoders_share_a_loop(self) -> None:
        async def run() -> List[int]:
            async with wcenc.AsyncVideoEncoder() as encoder:
                encoder.configure(config())
                encode_numbers(encoder, 20)
                await encoder.flush()
                encoder.close()
                return [chunk.timestamp async for chunk in encoder]

        for timestamps in await asyncio.gather(*(run() for _ in range(8))):
            self.assertEqual(timestamps, [number * 33333 for number in range(20)])

    def test_callbacks_are_not_for_a_loop(self) -> None:
        with self.assertRaisesRegex(TypeError, "output"):
            wcenc.AsyncVideoEncoder(output=print)


if __name__ == "__main__":
    unittest.main()
