#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/live with an X11 screen: the picture comes from it, and a viewer with the control token moves its mouse and keys.

Starts an Xvfb of its own, and a program in it that draws a numbered pattern and prints what it gets.

usage: check_live_screen.py WCENC_LIVE LIVE_PATTERN
"""

from __future__ import annotations

import os
import pathlib
import select
import shutil
import struct
import subprocess
import sys
import tempfile

import live_client
from live_client import Client, Server, check, problems, run

PROGRAM, PATTERN = sys.argv[1:3]
TOKEN, CONTROL = "a-token-to-watch-0123456789", "a-token-to-control-0123456789"
WIDTH, HEIGHT, BLOCKS = 640, 360, 34


def skip(why: str) -> None:
    print(f"skipped: {why}")
    sys.exit(77)


def start_display() -> tuple[subprocess.Popen, str]:
    reader, writer = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten",
                                "tcp"], pass_fds=(writer,), stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as file:
        number = file.readline().strip()
    if not number:
        process.wait()
        skip("Xvfb does not start")
    return process, f":{number}"


def read_pattern(picture: bytes) -> int | None:
    """The number in a grey picture; None if there is no pattern in it."""
    size = min(WIDTH // BLOCKS, HEIGHT // 8) // 2 * 2
    row = (HEIGHT - size // 2) * WIDTH
    bits = [picture[row + i * size + size // 2] > 128 for i in range(BLOCKS)]
    return int("".join("01"[bit] for bit in bits[2:18]), 2) if bits[:2] == [True, False] else None


def check_picture(chunks: list[live_client.Chunk], folder: str) -> None:
    if not shutil.which("ffmpeg"):
        return
    path = pathlib.Path(folder) / "screen.ivf"
    with path.open("wb") as file:
        file.write(struct.pack("<4sHHIHHIIII", b"DKIF", 0, 32, int.from_bytes(b"VP90", "little"), WIDTH, HEIGHT, 30, 1,
                               len(chunks), 0))
        for chunk in chunks:
            file.write(struct.pack("<IQ", len(chunk.data), chunk.sequence) + chunk.data)
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f",
                          "rawvideo", "-"], capture_output=True, check=True).stdout
    size = WIDTH * HEIGHT
    numbers = [read_pattern(out[i:i + size]) for i in range(0, len(out), size)]
    check(len(numbers) == len(chunks), f"{len(numbers)} pictures of {len(chunks)} chunks")
    # The first pictures of a stream are coarse. Of the others none may be unreadable, nor older than the one before it.
    numbers = numbers[2:]
    check(None not in numbers, f"{numbers.count(None)} of {len(numbers)} pictures have no pattern")
    read = [number for number in numbers if number is not None]
    check(read == sorted(read) and len(set(read)) > len(read) / 3, f"the numbers of the pictures: {read}")


def next_line(program: subprocess.Popen) -> str:
    """The next line that the program prints; none comes within five seconds: an empty one."""
    if not select.select([program.stdout], [], [], 5)[0]:
        return ""
    return program.stdout.readline().decode().strip()


def check_control(server: Server, program: subprocess.Popen) -> None:
    client = Client(server.port, f", token.{TOKEN}, control.{CONTROL}")
    run([client], 5, lambda: client.states)
    check(client.states and client.states[0].may_control, "the viewer may not control")
    x, y = 65535 * 100 // (WIDTH - 1), 65535 * 50 // (HEIGHT - 1)
    client.say(live_client.POINTER, 0, 0, 0)
    client.say(live_client.BUTTON, 1, 1, x | y << 16)
    client.say(live_client.BUTTON, 1, 0, x | y << 16)
    for keysym in (ord("a"), 0xFF0D):
        client.say(live_client.KEY, 0, 1, keysym)
        client.say(live_client.KEY, 0, 0, keysym)
    client.say(live_client.KEY, 0, 1, 0x1F600 + 0x1000000)  # a key that the keyboard does not have
    client.say(live_client.KEY, 0, 1, 0xFFE1)
    lines = [next_line(program) for _ in range(7)]
    expected = ["button down 1", "button up 1", "key down a", "key up a", "key down Return", "key up Return",
                "key down Shift_L"]
    check([line[:len(name)] for line, name in zip(lines, expected)] == expected, f"the screen gets {lines}")
    place = [int(number) for number in lines[0].split()[3:]]
    check(len(place) == 2 and abs(place[0] - 100) <= 1 and abs(place[1] - 50) <= 1, f"the click is at {place}")
    client.kill()
    line = next_line(program)  # the viewer that held it has left
    check(line == "key up Shift_L", f"after the viewer has left the screen gets {line}")


def main() -> int:
    if not shutil.which("Xvfb"):
        skip("Xvfb is not installed")
    process, display = start_display()
    try:
        program = subprocess.Popen([PATTERN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                   env={**os.environ, "DISPLAY": display})
        check(next_line(program) == "ready", "the program on the screen does not start")
        server = Server(PROGRAM, "--display", display, "--token", TOKEN, "--control-token", CONTROL, "--codec", "vp9",
                        secrets=(TOKEN, CONTROL))
        viewer = Client(server.port, f", token.{TOKEN}")
        run([viewer], 10, lambda: len(viewer.chunks) >= 30)
        check(viewer.configs and viewer.configs[0]["codedWidth"] == WIDTH, f"the configs are {viewer.configs}")
        check(viewer.states and not viewer.states[0].may_control, "a viewer without the control token may control")
        viewer.kill()
        with tempfile.TemporaryDirectory() as folder:
            check_picture(viewer.chunks, folder)
        check_control(server, program)
        server.stop()
        program.communicate(timeout=10)
        check(program.returncode == 0, f"the program on the screen ends with {program.returncode}")
    finally:
        process.terminate()
        process.wait()
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
