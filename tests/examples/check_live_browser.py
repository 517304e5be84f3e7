#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long examples/live takes from drawing a numbered pattern to its pixels in a page, 1280x720 at 30 frames a second.

A headless Chromium is measured while 19 viewers over sockets receive and check the order of their chunks: the test scene
with VP8, VP9, H.264 and AV1, then an X11 screen. A slow viewer is there too, and must not be noticed.

usage: check_live_browser.py WCENC_LIVE LIVE_PATTERN FOLDER [--seconds N] [--report] [CODEC|screen]...
FOLDER is where playwright-core is installed and screenshots are left. --report prints what is measured, without limits.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import live_client
from live_client import Client, Server, check, problems, run

MEDIAN_MS, P99_MS = 50, 100
OTHERS = 18  # and a slow one
CONTROL = "a-token-to-control-0123456789"


def skip(why: str) -> None:
    print(f"skipped: {why}")
    sys.exit(77)


def find_programs(folder: pathlib.Path) -> str:
    """Installs what is missing of playwright-core, and returns the browser."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        skip("chromium is not installed")
    for program in ("node", "npm"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules/playwright-core").exists():
        # Newer versions of 1 do without Node 18, which Debian 12 has.
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        version = "1.58" if int(node.lstrip("v").split(".")[0]) < 20 else "1"
        installed = subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--prefix", folder,
                                    f"playwright-core@{version}"], capture_output=True, text=True)
        if installed.returncode != 0:
            print(installed.stderr)
            skip("npm does not install playwright-core")
    return chromium


class Slow(threading.Thread):
    """A viewer that reads less than there is."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.client, self.is_done = Client(port, budget=20000), False
        self.start()

    def run(self) -> None:
        run([self.client], 600, lambda: self.is_done)

    def stop(self) -> None:
        self.is_done = True
        self.join()
        self.client.kill()


def measure(server: Server, chromium: str, folder: pathlib.Path, name: str, seconds: float, hash_: str = "") -> dict:
    here = pathlib.Path(__file__).parent
    others = subprocess.Popen([sys.executable, here / "live_client.py", str(server.port), str(OTHERS), "600"],
                              stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    slow = Slow(server.port)
    try:
        out = subprocess.run(["node", here / "live_browser.mjs", folder, chromium,
                              f"http://127.0.0.1:{server.port}/#measure=1{hash_}", str(seconds), folder / f"{name}.png"],
                             capture_output=True, text=True, timeout=seconds + 120)
    finally:
        slow.stop()
        others_out = others.communicate()[0]
    check(out.returncode == 0, f"{name}: the browser fails: {out.stderr[-2000:]}")
    result = json.loads(out.stdout) if out.returncode == 0 else {}
    result["others"] = json.loads(others_out)
    for fault in slow.client.faults():
        check(False, f"{name}: the slow viewer: {fault}")
    return result


def judge(name: str, result: dict, seconds: float, has_limits: bool) -> None:
    print(name, json.dumps(result), "load", os.getloadavg()[0], flush=True)
    if "frames" not in result:
        return
    for what in ("errors", "problems"):
        check(not result[what], f"{name}: the page has {result[what]}")
    check(not result["others"]["faults"], f"{name}: the viewers over sockets have {result['others']['faults']}")
    check(result["others"]["fewest"] > 0, f"{name}: a viewer over a socket has received nothing")
    check(result["ordered"], f"{name}: pictures come out of order")
    check(result["unreadable"] <= result["frames"] / 50, f"{name}: {result['unreadable']} pictures are unreadable")
    if has_limits:
        check(result["frames"] >= seconds * 27, f"{name}: {result['frames']} frames in {seconds} s")
        check(result["median"] <= MEDIAN_MS, f"{name}: the median is {result['median']} ms, above {MEDIAN_MS}")
        check(result["p99"] <= P99_MS, f"{name}: 99 % are within {result['p99']} ms, above {P99_MS}")


def measure_screen(options: argparse.Namespace, chromium: str) -> None:
    if not shutil.which("Xvfb"):
        print("skipped: the screen, since Xvfb is not installed")
        return
    reader, writer = os.pipe()
    display = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x720x24", "-nolisten", "tcp"],
                               pass_fds=(writer,), stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as file:
        name = f":{file.readline().strip()}"
    try:
        program = subprocess.Popen([options.pattern], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "DISPLAY": name})
        server = Server(options.program, "--display", name, "--control-token", CONTROL, "--codec", "vp8",
                        secrets=(CONTROL,))
        result = measure(server, chromium, options.folder, "screen", options.seconds, f"&control={CONTROL}")
        server.stop()
        lines = program.communicate(timeout=10)[0].splitlines()
        judge("screen", result, options.seconds, not options.report)
        check(result.get("mayControl"), "the page may not control")
        for line in ("button down 1 ", "key down a", "key down B", "key down Return", "key up Return"):
            check(any(other.startswith(line) for other in lines), f"the screen lacks \"{line}\": {lines}")
    finally:
        display.terminate()
        display.wait()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("pattern")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("what", nargs="*", default=["vp8", "vp9", "h264", "av1", "screen"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_intermixed_args()
    chromium = find_programs(options.folder)
    for what in options.what:
        if what == "screen":
            measure_screen(options, chromium)
            continue
        server = Server(options.program, "--codec", what)
        judge(what, measure(server, chromium, options.folder, what, options.seconds), options.seconds,
              not options.report)
        server.stop()
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
