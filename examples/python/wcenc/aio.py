# SPDX-License-Identifier: MIT
"""The encoder of an asyncio loop."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, AsyncIterator, Callable, Deque, Dict, List, Optional, Union

from .buffers import keys
from .codec import EncodedVideoChunk, Encoder
from .ffi import AbortError, C, Error, InvalidStateError, TypeError_, error_of, lib


class AsyncVideoEncoder(Encoder):
    """An encoder of an asyncio loop. `async for` returns its chunks, and ends when the encoder is closed. Chunks that
    come while something else of the encoder is awaited are kept for it. Both raise the encoder's error.

    It belongs to one loop and its thread. Calls that are not awaited never block, unless queue_policy is "wait".
    """

    def __init__(self, **options: Any) -> None:
        """Options are those of VideoEncoder, but for `output` and `error`."""
        for callback in ("output", "error"):
            if callback in options:
                raise TypeError_(f"{callback} is not for AsyncVideoEncoder; take chunks and errors by `async for`")
        super().__init__(None, None, **options)
        self._taken: Deque[Union[EncodedVideoChunk, Error]] = deque()
        self._waiters: List[asyncio.Future[None]] = []
        self._ends: Dict[int, int] = {}  # flushes and closes that have ended, and how
        self._failure: Optional[Error] = None
        self._dequeues = 0

    async def __aenter__(self) -> AsyncVideoEncoder:
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(InvalidStateError):
            await self.aclose()

    def __aiter__(self) -> AsyncIterator[EncodedVideoChunk]:
        return self

    async def __anext__(self) -> EncodedVideoChunk:
        try:
            await self._until(lambda: bool(self._taken))
        except AbortError:
            raise StopAsyncIteration from None
        item = self._taken.popleft()
        if isinstance(item, Error):
            raise item
        return item

    async def flush(self) -> None:
        """Returns when every frame so far has become a chunk, and all of these have been received."""
        await self._ended(lambda key: self._call(lib.wcenc_encoder_flush_async, None, key))

    async def dequeue(self) -> None:
        """Returns when encode_queue_size has gone down: `while encoder.encode_queue_size > 4: await encoder.dequeue()`."""
        seen = self._dequeues
        await self._until(lambda: self._dequeues != seen)

    async def aclose(self) -> None:
        """Closes the encoder and returns when the codec is freed, so nothing keeps the loop waiting."""
        await self._ended(self._close_async)

    def close(self) -> None:
        """Discards as reset does, and closes the encoder for good; the chunks that `async for` has not had are lost."""
        super().close()
        self._wake()

    def _close_async(self, key: int) -> None:
        self._call(lib.wcenc_encoder_close_async, None, key)
        self._wake()

    async def _ended(self, ask: Callable[[int], object]) -> None:
        key = next(keys)
        ask(key)
        await self._until(lambda: key in self._ends)
        status = self._ends.pop(key)
        if self._failure is not None and status == self._failure.status:
            raise self._failure
        if status < 0:
            raise error_of(status, b"a reset or a close came first")

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Receives events one by one, and waits for more. A task that receives one wakes the others."""
        while not is_so():
            status, _ = self._receive(0)
            if status == C.WCENC_AGAIN:
                await self._something_to_take()
            elif status == C.WCENC_END:
                raise AbortError("the encoder is closed")
            else:
                self._wake()

    def _on_event(self, event: Any) -> None:
        if event.type == C.WCENC_EVENT_ERROR:
            self._failure = error_of(event.error.contents.status, event.error.contents.message)
            self._taken.append(self._failure)
            return
        if event.type in (C.WCENC_EVENT_FLUSH_DONE, C.WCENC_EVENT_CLOSE_DONE):
            self._ends[event.user] = event.status
        elif event.type == C.WCENC_EVENT_DEQUEUE:
            self._dequeues += 1
        chunk = super()._on_event(event)
        if chunk is not None:
            self._taken.append(chunk)

    async def _something_to_take(self) -> None:
        loop, fd = asyncio.get_running_loop(), self.fileno()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        loop.add_reader(fd, self._wake)
        try:
            await waiter
        finally:
            self._waiters = [other for other in self._waiters if other is not waiter]
            if not self._waiters:
                loop.remove_reader(fd)

    def _wake(self) -> None:
        """Lets every waiting task look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
