#!/usr/bin/env python3
"""Counts the files of src/ that one frame passes from wcenc_encoder_encode to on_output, in THREAD mode.

usage: count_files.py [--build DIR] [--most N]

The frame is I420 of the encoder's size, borrowed, the fourth of a stream of libx264 in realtime with one thread, so that
nothing is opened and nothing converted. A library is built in DIR (build/files) in which each function reports when it is
entered and left, and a program that receives that: tests/abi/pass_frame.c. Looked at are the functions that the calling
thread enters inside encode, and those that threads of the library enter from there until on_output is invoked.

A file passes the frame on if one of its functions enters a function of another file. What frames and chunks are
themselves (`media`), locks, clocks and memory (`base`) are not counted as another file, nor are headers. All others only
answer a question, and send control back to where it came from. Both kinds are printed in the order in which the frame
comes to them, with the functions that were entered.

The last lines are how many files there are of each kind, and how often one file enters another. With --most the status
is 1 if more than N files pass the frame on.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = "-O0 -g -w -finstrument-functions -fno-inline"

Entry = collections.namedtuple("Entry", "function file thread depth")


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def build(directory):
    """The program over the static library, at fixed addresses."""
    program = directory / "pass_frame"
    run("cmake", "-S", ROOT, "-B", directory, "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS={FLAGS}",
        "-DWCENC_BUILD_TESTS=OFF", "-DWCENC_BUILD_EXAMPLES=OFF", "-DWCENC_VPX=OFF", "-DWCENC_AOM=OFF",
        "-DWCENC_OPENH264=OFF")
    run("cmake", "--build", directory, "-j", os.cpu_count(), "--target", "wcenc_static")
    libraries = run("pkg-config", "--libs", "libavcodec", "libavutil", "libswscale").split()
    run(os.environ.get("CC", "cc"), "-std=c11", "-g", "-no-pie", "-I", ROOT / "include",
        ROOT / "tests" / "abi" / "pass_frame.c", directory / "libwcenc.a", *libraries, "-pthread", "-lm", "-o", program)
    return program


def entries_of(program):
    """What the frame has entered, in order."""
    rows = [line.split() for line in run(program).splitlines()]
    places = run("addr2line", "-f", "-e", program, *[row[0] for row in rows]).splitlines()
    for (_, thread, depth), function, place in zip(rows, places[0::2], places[1::2]):
        path = pathlib.PurePath(os.path.normpath(place.rsplit(":", 1)[0]))
        if path.is_relative_to(ROOT / "src"):
            yield Entry(function, str(path.relative_to(ROOT)), int(thread), int(depth))


def is_counted(file):
    return file.endswith(".c") and not file.startswith(("src/base/", "src/media/"))


def enter(entries):
    """By file, in order: the functions that were entered; and for each entry of another file the two files."""
    files, steps, stacks = {}, [], collections.defaultdict(list)
    for entry in entries:
        stack = stacks[entry.thread]
        while stack and stack[-1].depth >= entry.depth:
            stack.pop()
        if stack and stack[-1].file != entry.file and is_counted(stack[-1].file) and is_counted(entry.file):
            steps.append((stack[-1].file, entry.file))
        stack.append(entry)
        files.setdefault(entry.file, {})[entry.function] = None
    return files, steps


def main():
    parser = argparse.ArgumentParser(description="Counts the files of src/ that one frame passes.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "files", help="where it is built")
    parser.add_argument("--most", type=int, help="fail where more files pass the frame on")
    arguments = parser.parse_args()
    files, steps = enter(entries_of(build(arguments.build.resolve())))
    passing = [file for file in files if file in {first for first, _ in steps}]
    others = [file for file in files if file not in passing and file.endswith(".c")]
    for title, listed in (("pass it on", passing), ("answer a question", others)):
        print(f"files that {title}:")
        for file in listed:
            print(f"  {file}: {', '.join(files[file])}")
    print(f"{len(passing)} files pass the frame on, {len(others)} others answer a question")
    print(f"{len(steps)} times a file enters another one")
    return 1 if not passing or (arguments.most is not None and len(passing) > arguments.most) else 0


if __name__ == "__main__":
    sys.exit(main())
