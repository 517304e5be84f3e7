#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/live as viewers over plain sockets meet it.

Whom it refuses, what each viewer receives and in which order, what a slow viewer loses and that a fast one does not
notice, which bitrate follows, and what is left of connections that are killed.

usage: check_live.py WCENC_LIVE [ROUNDS]
ROUNDS of five connections are killed, 6 by default.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile

import live_client
from live_client import Client, Server, check, problems, run, wait_for

PROGRAM = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 6
TOKEN = "a-token-to-watch-0123456789"
TOKENS = f", token.{TOKEN}"
LISTED_ORIGIN = "https://live.example.org"
IS_SLOW_BUILD = bool(os.environ.get("WCENC_SANITIZE"))
def check_command_line() -> None:
    wrong = (["--listen", "0.0.0.0"], ["--listen", "::"], ["--token", "short"], ["--token", "with space 0123456789"],
             ["--control-token", "a-token-to-control-0123"], ["--codec", "mp3"], ["--size", "641x480"],
             ["--origin", "live.example.org"], ["--port", "70000"], ["--bitrate", "none"], ["file"])
    for options in wrong:
        run_ = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=20)
        check(run_.returncode == 1 and run_.stderr and not run_.stdout, f"{options} is accepted: {run_}")


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def check_page(server: Server) -> None:
    def get(path: str, method: str = "GET") -> bytes:
        return live_client.request(server.port, f"{method} {path} HTTP/1.1\nHost: 127.0.0.1\n\n")

    page = get("/")
    for part in (b"200 OK", b"content-security-policy: default-src 'none'", b"x-content-type-options: nosniff",
                 b"<canvas"):
        check(part in page, f"the page lacks {part}")
    for path in ("/live.js", "/live.css", "/protocol.js", "/input.js", "/charts.js"):
        check(status_of(get(path)) == 200, f"{path} is not there")
    for path in ("/../../../../etc/passwd", "/%2e%2e/etc/passwd", "/page_files.c", "/live"):
        check(status_of(get(path)) in (400, 403, 404), f"{path} is answered with {status_of(get(path))}")
    check(status_of(get("/", "POST")) in (0, 405), "POST is answered")


def check_refusals(server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}"
    name = live_client.SUBPROTOCOL
    for subprotocols, origin, status in ((name + TOKENS, None, 403), (name + TOKENS, "http://evil.example", 403),
                                         (name + TOKENS, "null", 403), (name, own, 401),
                                         (name + TOKENS + "0", own, 401), (name + ", token.x", own, 401),
                                         (name + TOKENS + ", control.none-was-set-0123", own, 401),
                                         ("", own, 400), ("other", own, 400)):
        answer = live_client.request(server.port, live_client.handshake(server.port, subprotocols, origin))
        check(status_of(answer) in (status, 0) and b"101" not in answer[:12],
              f"{subprotocols.replace(TOKEN, 'TOKEN')!r} of {origin} is answered with {answer[:40]}, not {status}")
    text = live_client.handshake(server.port, name + TOKENS, own).replace("/live", "/other", 1)
    check(status_of(live_client.request(server.port, text)) in (404, 0), "a WebSocket elsewhere is answered")
    answer = live_client.request(server.port, live_client.handshake(server.port, name + TOKENS, LISTED_ORIGIN),
                                 has_body=False)
    check(status_of(answer) == 101, f"a listed origin is answered with {answer[:40]}")
    with open(f"/proc/{server.process.pid}/cmdline", "rb") as file:
        check(TOKEN.encode() not in file.read(), "a token is in the list of processes")


def check_bad_messages(server: Server) -> None:
    """Each is the end of a connection, with the reason in its code."""
    good = struct.pack("<BBHI", 1, live_client.PING, 0, 7)
    for message, opcode, code in ((b"\1" * 9, 0x82, 1009), (b"\1" * 1000, 0x82, 1009),
                                  (good, 0x81, 1002), (b"\1\x63" + good[2:], 0x82, 1002), (b"", 0x82, 1002),
                                  (struct.pack("<BBHI", 1, live_client.POINTER, 0, 7), 0x82, 1008),
                                  (struct.pack("<BBHI", 1, live_client.KEY, 1, 0x61), 0x82, 1008)):
        client = Client(server.port, TOKENS)
        run([client], 5, lambda: client.is_open)
        client.send(message, opcode)
        run([client], 5, lambda: client.has_ended or client.close_code is not None)
        check(client.close_code == code, f"{message[:8]!r} in {opcode:#x} closes with {client.close_code}, not {code}")
        client.socket.close()
    pieces = Client(server.port, TOKENS)
    run([pieces], 5, lambda: pieces.is_open)
    for piece, opcode in ((good[:3], 0x02), (good[3:7], 0x00), (good[7:], 0x80)) * 20:
        pieces.send(piece, opcode)
    run([pieces], 5, lambda: pieces.pongs == 20)
    check(pieces.pongs == 20, f"{pieces.pongs} of 20 messages in pieces are answered, {pieces.close_code}")
    pieces.kill()
    flood = Client(server.port, TOKENS)
    run([flood], 5, lambda: flood.is_open)
    for _ in range(2000):
        flood.send(good)
    run([flood], 5, lambda: flood.has_ended or flood.close_code is not None)
    check(flood.close_code == 1008 or flood.has_ended, "a flood of messages is accepted")
    flood.socket.close()


def check_number_of_viewers(server: Server, most: int) -> None:
    clients = [Client(server.port, TOKENS) for _ in range(most)]
    run(clients, 5, lambda: all(client.states for client in clients))
    answer = live_client.request(server.port, live_client.handshake(
        server.port, live_client.SUBPROTOCOL + TOKENS, f"http://127.0.0.1:{server.port}"))
    check(status_of(answer) in (503, 0), f"viewer {most + 1} of {most} is answered with {answer[:20]}")
    for client in clients:
        client.socket.close()


def decoded(chunks: list[live_client.Chunk], folder: str, name: str) -> dict[int, str] | None:
    """The decoded frames of VP8, as checksums by sequence; None without FFmpeg's program."""
    if not shutil.which("ffmpeg"):
        return None
    path = pathlib.Path(folder) / name
    with path.open("wb") as file:
        file.write(struct.pack("<4sHHIHHIIII", b"DKIF", 0, 32, int.from_bytes(b"VP80", "little"), 320, 180, 30, 1,
                               len(chunks), 0))
        for chunk in chunks:
            file.write(struct.pack("<IQ", len(chunk.data), chunk.sequence) + chunk.data)
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-copyts", "-fps_mode", "passthrough", "-f", "framemd5", "-"],
                         capture_output=True, text=True, check=True).stdout
    rows = [line.split(",") for line in out.splitlines() if not line.startswith("#")]
    return {int(row[2]): row[5].strip() for row in rows}


def check_layers(server: Server, folder: str) -> None:
    """Two fast viewers and a slow one, then a fast one and two slow ones."""
    fast, second = Client(server.port, TOKENS), Client(server.port, TOKENS)
    slow = Client(server.port, TOKENS, budget=25000)
    run([fast, second, slow], 1.8)
    bitrate = fast.states[0].bitrate
    check(fast.states[-1].bitrate >= bitrate, f"one slow viewer of three lowers the bitrate to {fast.states[-1].bitrate}")
    check(fast.states[-1].viewers == 3, f"{fast.states[-1].viewers} viewers of 3")
    second.kill()
    other = Client(server.port, TOKENS, budget=25000)
    run([fast, slow, other], 5, lambda: fast.states[-1].bitrate < bitrate * 0.8)
    check(fast.states[-1].bitrate < bitrate * 0.8, f"the bitrate stays at {fast.states[-1].bitrate}")
    fast.say(live_client.PING, 0, 0, 5)
    run([fast, slow, other], 5, lambda: fast.pongs)
    check(fast.pongs == 1, "no answer to a ping")
    for client in (fast, second, slow, other):
        for fault in client.faults():
            check(False, fault)
        client.kill()
    stream = {chunk.sequence: chunk for chunk in fast.chunks}
    check(sorted(stream) == list(range(min(stream), max(stream) + 1)), "the fast viewer lacks chunks")
    check({chunk.layer for chunk in fast.chunks} == {0, 1, 2}, "there are no three layers")
    check(len(fast.configs) == 1, f"{len(fast.configs)} configs: the bitrate is not changed live")
    delay = statistics.median(chunk.delay for chunk in fast.chunks)
    check(delay < (0.5 if IS_SLOW_BUILD else 0.1), f"chunks come {delay:.3f} s late to the fast viewer")
    print(f"fast: {len(fast.chunks)} chunks, median delay {delay * 1000:.1f} ms; slow: {len(slow.chunks)} chunks, "
          f"{slow.states[-1].left_out if slow.states else 0} left out; bitrate {bitrate} to {fast.states[-1].bitrate}")
    for client in (slow, other):  # the other one may have had no time to fall behind
        missing = [stream[n].layer for n in range(client.chunks[0].sequence, client.chunks[-1].sequence)
                   if n in stream and n not in {chunk.sequence for chunk in client.chunks}]
        check(missing or client is other, "the slow viewer has received everything")
        check(missing.count(2) >= missing.count(0), f"layers left out: {missing}")
        for fault in live_client.dependency_faults(stream, client.chunks):
            check(False, fault)
        all_frames, its_frames = decoded(fast.chunks, folder, "fast.ivf"), decoded(client.chunks, folder, "slow.ivf")
        for sequence, checksum in (its_frames or {}).items():
            check(all_frames.get(sequence, checksum) == checksum, f"frame {sequence} decodes to another picture")


def check_killed_connections(server: Server) -> None:
    generator = random.Random(17)
    for _ in range(ROUNDS):
        clients = [Client(server.port, TOKENS, generator.choice((None, 20000))) for _ in range(5)]
        run(clients, generator.random() * 0.15)
        for client in clients:
            if generator.random() < 0.3:
                client.send(generator.randbytes(generator.randrange(60)), generator.choice((0x82, 0x81, 0x02, 0x88, 0x89)))
            client.kill()
    check(wait_for(lambda: server.connections() == 0), f"{server.connections()} connections are left")
    last = Client(server.port, TOKENS)
    run([last], 5, lambda: len(last.chunks) >= 3 and last.states)
    check(last.chunks and last.states[-1].viewers == 1, "after killed connections a viewer is not served")
    check(last.states[-1].bitrate >= 800000, f"a new viewer has the bitrate of earlier ones, {last.states[-1].bitrate}")
    last.kill()
    check(sum("eventpoll" in name for name in server.descriptors()) == 1, "there is another loop than one")


def check_one_layer() -> None:
    """An encoder without layers serves too, with a description for its decoder."""
    try:
        server = Server(PROGRAM, "--codec", "h264", "--encoder", "libx264", "--size", "320x180")
    except SystemExit as reason:  # a build of FFmpeg without it
        print(reason)
        return
    client = Client(server.port)
    run([client], 5, lambda: len(client.chunks) >= 5)
    check({chunk.layer for chunk in client.chunks} == {0}, "an encoder without layers has some")
    check(client.configs and client.descriptions[0][:1] == b"\1", "the config of H.264 has no description")
    client.kill()
    server.stop()


def main() -> int:
    check_command_line()
    check_one_layer()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PROGRAM, "--token", TOKEN, "--origin", LISTED_ORIGIN, "--codec", "vp8", "--size", "320x180",
                        "--bitrate", "800k", "--max-viewers", "5", secrets=(TOKEN,))
        check_page(server)
        check_refusals(server)
        check_bad_messages(server)
        check(wait_for(lambda: server.connections() == 0), "connections of refused viewers are left")
        check_number_of_viewers(server, 5)
        check(wait_for(lambda: server.connections() == 0), "connections of viewers that left are left")
        check_layers(server, folder)
        check_killed_connections(server)
        staying = [Client(server.port, TOKENS), Client(server.port, TOKENS, budget=1000)]
        run(staying, 5, lambda: staying[0].chunks)
        server.stop()  # with viewers
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
