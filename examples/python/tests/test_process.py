# SPDX-License-Identifier: MIT
"""The interpreter: its lock, its collector, its threads, forks and its end. Each test is a program of its own, which
prints where its threads stand if it hangs."""

import unittest

from support import ChildTest, run_child

# An encoder of each kind with frames in its queue, whose pixels belong to objects of Python.
BUSY = """
import random, threading, weakref
WRAPPED = []
def wrap(number, width=320, height=240):
    WRAPPED.append(bytearray(width * height * 4))
    return wcenc.VideoFrame(WRAPPED[-1], format="RGBA", coded_width=width, coded_height=height, timestamp=number)
def busy(kind, frames=10, output=lambda chunk, metadata: chunk.data, **options):
    options.setdefault("log", lambda level, message: None)
    options["log_level"] = "debug"
    if kind == "callbacks":
        encoder = wcenc.VideoEncoder(output, lambda error: None, dequeue=lambda: None, **options)
    else:
        encoder = {"pull": wcenc.VideoEncoder, "async": wcenc.AsyncVideoEncoder}[kind](**options)
    encoder.configure(config(width=320, height=240))
    for number in range(frames):
        with wrap(number) as given:
            encoder.encode(given)
    return encoder
"""


class InterpreterLock(ChildTest):
    def test_pixels_are_released_on_the_thread_of_the_codec(self) -> None:
        self.child(
            BUSY
            + """
threads = []
class Pixels(bytearray):
    def __del__(self):
        threads.append(threading.get_ident())
with wcenc.VideoEncoder() as encoder:
    encoder.configure(config(width=320, height=240))
    for number in range(30):
        with wcenc.VideoFrame(Pixels(320 * 240 * 4), format="RGBA", coded_width=320, coded_height=240,
                              timestamp=number) as given:
            encoder.encode(given)
        del given
    encoder.flush()
    assert len(threads) == 30 and len(set(threads) - {threading.get_ident()}) == 1, threads
"""
        )

    def test_close_reset_flush_and_forgetting_from_any_thread(self) -> None:
        """While the codec's thread releases pixels, logs and calls back, all of which need the interpreter's lock."""
        self.child(
            BUSY
            + """
sys.setswitchinterval(1e-5)
def ends(seed):
    chance = random.Random(seed)
    for turn in range(25):
        encoder = busy(chance.choice(["callbacks", "pull"]), chance.randrange(4))
        calls = [chance.choice(["close", "reset", "flush", "encode", "forget"]) for _ in range(3)]
        for call in calls:
            try:
                if call == "forget":
                    break
                if call == "encode":
                    encoder.encode(wrap(99))
                else:
                    getattr(encoder, call)()
            except (wcenc.InvalidStateError, wcenc.AbortError):
                pass
        del encoder
        if turn % 8 == 0:
            gc.collect()
import gc
threads = [threading.Thread(target=ends, args=(seed,)) for seed in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
gc.collect()
assert not buffers.wrapped, buffers.wrapped
for pixels in WRAPPED: pixels.append(0)
"""
        )

    def test_several_threads_share_an_encoder(self) -> None:
        self.child(
            BUSY
            + """
sys.setswitchinterval(1e-5)
for kind in ("callbacks", "pull"):
    for turn in range(10):
        encoder = busy(kind, 2)
        def call(names):
            for name in names:
                try:
                    if name == "encode": encoder.encode(wrap(7))
                    elif name == "configure": encoder.configure(config(width=320, height=240))
                    elif name == "list": kind == "pull" and list(encoder)
                    else: getattr(encoder, name)()
                except (wcenc.InvalidStateError, wcenc.AbortError):
                    pass
        threads = [threading.Thread(target=call, args=(names,)) for names in (
            ["flush"] * 5, ["reset", "configure"] * 5, ["encode"] * 10, ["list", "stats"] * 20,
            ["encode", "flush", "close"])]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert encoder.state == "closed"
del encoder, call
assert not buffers.wrapped
"""
        )

    def test_an_encoder_may_end_in_its_own_callback(self) -> None:
        """By close, and by the last reference to it, which a callback drops."""
        self.child(
            BUSY
            + """
for way in ("close", "forget"):
    for turn in range(10):
        box, done = [], threading.Event()
        started = threading.Event()
        def output(chunk, metadata):
            started.wait()
            if box:
                encoder = box.pop()
                if way == "close":
                    encoder.close()
                done.set()
        box.append(busy("callbacks", 5, output))
        seen = weakref.ref(box[0])
        started.set()
        assert done.wait(60)
        while buffers.wrapped:      # the thread of the library goes on for a moment
            threading.Event().wait(0.001)
        assert seen() is None, way
"""
        )

    def test_the_collector_may_end_an_encoder_while_a_lock_is_held_that_its_callbacks_take(self) -> None:
        """The collector may run anywhere, so that it must not wait for code of the program's."""
        self.child(
            BUSY
            + """
import gc
lock = threading.Lock()
gc.disable()
for turn in range(20):
    called = threading.Event()
    def output(chunk, metadata):
        called.set()
        with lock:
            pass
    encoder = busy("callbacks", 20, output)
    encoder.itself = encoder
    called.wait()
    seen = weakref.ref(encoder)
    with lock:
        del encoder
        gc.collect()            # a callback may be inside of the encoder: then it lives until that is over
    while seen():
        gc.collect()
while buffers.wrapped:
    threading.Event().wait(0.001)
"""
        )

    def test_a_thread_that_computes_does_not_stop_the_encoder(self) -> None:
        self.child(
            BUSY
            + """
stop = []
def compute():
    while not stop:
        sum(range(1000))
threads = [threading.Thread(target=compute) for _ in range(2)]
for thread in threads: thread.start()
chunks = []
with busy("callbacks", 30, lambda chunk, metadata: chunks.append(chunk)) as encoder:
    encoder.flush()
    assert len(chunks) == 30
stop.append(True)
for thread in threads: thread.join()
"""
        )


class Ends(ChildTest):
    KINDS = ("callbacks", "pull", "async")

    def test_a_program_may_end_with_encoders_at_work(self) -> None:
        """They have released everything by then: no thread of the library calls an interpreter that is gone."""
        last = "import atexit; atexit.register(lambda: print('still wrapped:', len(buffers.wrapped)))\n"
        for kind in self.KINDS:
            for end in ("pass", "sys.exit()", "del encoder", "encoder.close()", "encoder.flush"):
                for _ in range(2):
                    with self.subTest(kind=kind, end=end):
                        code = f"encoder = busy({kind!r})\nprint('at work', flush=True)\n{end}\n"
                        self.assertEqual(self.child(last + BUSY + code), "at work\nstill wrapped: 0\n")

    def test_a_program_may_end_by_an_exception(self) -> None:
        for kind in self.KINDS:
            result = run_child(BUSY + f"encoder = busy({kind!r})\n1 / 0\n")
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertRegex(result.stderr, r"^Traceback[^\0]*ZeroDivisionError: division by zero\n$")

    def test_a_program_may_end_while_other_threads_wait(self) -> None:
        for _ in range(3):
            self.child(
                BUSY
                + """
full = busy("pull", 3, max_queued_frames=4, max_pending_results=1, queue_policy="wait", queue_timeout=None)
flushed, empty = busy("callbacks", 50), wcenc.VideoEncoder()
def fill():
    while True:
        with wrap(1) as given:
            full.encode(given)
about_to_wait = threading.Barrier(4)
def wait(call):
    about_to_wait.wait()
    try:
        call()
    except (wcenc.AbortError, wcenc.InvalidStateError):
        pass
for call in (fill, flushed.flush, empty.receive):
    threading.Thread(target=wait, args=(call,), daemon=True).start()
about_to_wait.wait()
"""
            )

    def test_a_program_may_end_while_other_threads_go_on_calling(self) -> None:
        for kind in ("callbacks", "pull"):
            for _ in range(3):
                self.child(
                    BUSY
                    + f"""
sys.setswitchinterval(1e-5)
encoder = busy({kind!r}, 3, max_queued_frames=5, queue_policy="wait", queue_timeout=0.01)
pixels = bytes(320 * 240 * 4)
def go_on():
    while True:
        try:
            with wcenc.VideoFrame(pixels, format="RGBA", coded_width=320, coded_height=240, timestamp=0) as given:
                encoder.encode(given)
            encoder.stats(), encoder.encode_queue_size
            encoder.flush()
        except wcenc.InvalidStateError:
            return
        except wcenc.Error:
            pass
for _ in range(3):
    threading.Thread(target=go_on, daemon=True).start()
while encoder.stats()["frames_out"] < 3 and {kind!r} == "callbacks":
    pass
"""
                )

    def test_a_loop_may_end_with_an_encoder_at_work(self) -> None:
        self.child(
            BUSY
            + """
import asyncio
async def main():
    encoder = busy("async")
    tasks.append(asyncio.create_task(encoder.flush()))
    await asyncio.sleep(0)
tasks = []
asyncio.run(main())
assert tasks[0].cancelled()
"""
        )


class Forks(ChildTest):
    def test_a_forked_child_only_forgets_and_may_encode_by_itself(self) -> None:
        """Neither the interpreter nor FFmpeg bears a fork in any moment: no thread of the library calls Python here
        while the fork comes, and none is about to open a codec."""
        for quiet in ("encoder.flush()", "encoder = copying(encoder)"):
            with self.subTest(quiet):
                self.child(
                    BUSY
                    + f"""
import os, signal, warnings
warnings.simplefilter("ignore")  # later interpreters warn of any fork among threads
faulthandler.cancel_dump_traceback_later()  # whose thread a forked child would wait for
def copying(encoder):
    encoder = wcenc.VideoEncoder()
    encoder.configure(config(width=320, height=240, latency_mode="realtime"))
    for number in range(20):
        encoder.encode(frame(number, 320, 240, copy=True))
    encoder.receive()
    return encoder
encoder = busy("callbacks", 20)
{quiet}
child = os.fork()
signal.alarm(60)
if child == 0:
    assert encoder.state == "closed"
    for call in (encoder.flush, encoder.close, lambda: encoder.encode(frame()), encoder.reset):
        try:
            call()
        except wcenc.InvalidStateError:
            continue
        sys.exit(3)
    del encoder, call
    with wcenc.VideoEncoder() as own:
        own.configure(config())
        encode_numbers(own, 5)
        own.flush()
        assert len(list(own)) == 5
    sys.exit(4)
_, status = os.waitpid(child, 0)
assert os.WEXITSTATUS(status) == 4, status
encoder.flush()
encoder.close()
"""
                )


if __name__ == "__main__":
    unittest.main()
