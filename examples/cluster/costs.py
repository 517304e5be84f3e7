#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What cutting a video into parts and joining them costs: the table of docs/scaling.md.

Encodes a video in one run, and then cut into more and more parts, one process at a time, and joins these. Each file is
compared with that of the single run. Prints seconds of CPU, so that an idle machine is not needed, and seconds of the
clock for the steps that nothing runs beside.

usage: costs.py [--program PROGRAM] [--seconds N] [--size WxH] [PARTS...]
"""

from __future__ import annotations

import argparse
import filecmp
import os
import pathlib
import subprocess
import tempfile
import time

ENCODE = ["-c", "h264", "--gop", "30"]


def run(arguments: list[str]) -> tuple[float, float]:
    """Seconds of CPU and of the clock."""
    started = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)}: status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started


def measure(program: str, clip: str, parts: int, whole: float) -> str:
    index_cpu, index_clock = run([program, "--quiet", "--index", "index", clip, *ENCODE])
    cpu, clocks = 0.0, []
    names = [f"{number}.part" for number in range(1, parts + 1)]
    for number, name in enumerate(names, 1):
        seconds, clock = run([program, "--quiet", "--groups", f"{number}/{parts}", "--index", "index", *ENCODE, clip, "-o", name])
        cpu += seconds
        clocks.append(clock)
    join_cpu, join_clock = run([program, "--quiet", "-y", "--join", "joined.mp4", *names])
    if not filecmp.cmp("single.mp4", "joined.mp4", shallow=False):
        raise SystemExit(f"{parts} parts: the joined file differs from that of one run")
    for name in [*names, "index", "joined.mp4"]:
        os.remove(name)
    return (f"| {parts} | {index_clock:.2f} | {cpu:.2f} | {(cpu - whole) / whole * 100:+.1f} % | {(cpu - whole) / parts:.3f} "
            f"| {max(clocks):.2f} | {join_clock:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=os.environ.get("WCENC_ENCODE", "wcenc-encode"))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("parts", type=int, nargs="*", default=[1, 4, 16, 60])
    options = parser.parse_args()
    program = options.program
    if "/" in program:
        program = str(pathlib.Path(program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([program, "--quiet", "--test-scene", "-t", str(options.seconds), "-s", options.size, "-c", "h264",
                        "--gop", "250", "--b-frames", "2", "-o", "clip.mp4"], check=True)
        whole, clock = run([program, "--quiet", "--parallel-groups", "1", *ENCODE, "clip.mp4", "-o", "single.mp4"])
        print(f"One run of {options.seconds} s at {options.size}: {whole:.2f} s of CPU, {clock:.2f} s of the clock. "
              f"INPUT has {os.path.getsize('clip.mp4')} bytes, OUTPUT {os.path.getsize('single.mp4')}.")
        print("| parts | index, s | all parts, s of CPU | beside one run | more a part, s of CPU | longest part, s | join, s |")
        print("|---|---|---|---|---|---|---|")
        for parts in options.parts:
            print(measure(program, "clip.mp4", parts, whole), flush=True)


if __name__ == "__main__":
    main()
