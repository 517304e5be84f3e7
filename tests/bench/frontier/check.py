#!/usr/bin/env python3
"""Checks a smoke run of frontier.py, and the arithmetic behind its report.

usage: check.py PROGRAM CONTENT_FOLDER JSON
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile

import arithmetic
import competitors
import verdict

PROGRAM, FOLDER, DOCUMENT = sys.argv[1:]


def near(left, right, tolerance=1e-9):
    assert abs(left - right) <= tolerance, f"{left} is not {right}"


def check_curves():
    # A cubic through points of a line is the line.
    line = arithmetic.Curve([(0, 1), (1, 3), (4, 9)])
    near(line.at(2.5), 6)
    near(line.integral(4), 20)
    near(line.mean(1, 4), 6)
    # Never beyond the points that it goes through.
    steep = arithmetic.Curve([(0, 0), (1, 0), (2, 10), (3, 10)])
    assert all(0 <= steep.at(x / 50) <= 10 for x in range(151))
    near(steep.at(1.5), 5)


def check_bd_rate():
    reference = [(86, 31.42), (157, 34.24), (310, 37.18), (687, 40.28)]
    near(arithmetic.bd_rate(reference, reference), 0)
    near(arithmetic.bd_rate([(size * 0.9, quality) for size, quality in reference], reference), -10)
    near(arithmetic.bd_rate([(size * 2, quality) for size, quality in reversed(reference)], reference), 100)
    # Ten times the bytes for each 10 dB and for each 20 dB: between 30 and 40 dB the means of the exponents are 2.5 and 2.
    near(arithmetic.bd_rate([(10 ** (q / 20 + 0.25), q) for q in (30, 34, 37, 40)],
                            [(10 ** (q / 10 - 1), q) for q in (30, 33, 38, 40)]), 100 * (10 ** -0.5 - 1))
    # Matlab's cubic polynomials make -11.84 of these published points; piecewise cubics differ by less than a half.
    near(arithmetic.bd_rate([(822.0064, 45.7215), (1608.9144, 47.6227), (3086.912, 50.1394), (5784.7696, 52.3339)],
                            [(937.0112, 45.5074), (1405.4792, 47.0002), (3438.7128, 49.9565), (6448.6368, 52.1459)]),
         -11.835, 0.5)
    assert arithmetic.bd_rate([(1, 10), (2, 20)], [(1, 30), (2, 40)]) is None
    # A point that costs more and is worse says nothing.
    near(arithmetic.bd_rate([*reference, (700, 30)], reference), 0)


def check_equal_bytes():
    ours, theirs = [(100, 30), (1000, 40)], [(100, 29), (10000, 49)]
    left, right, moved = arithmetic.at_equal_bytes(ours, theirs, math.sqrt(100000))
    near(left, 35)
    near(right, 34)
    assert not moved
    left, right, moved = arithmetic.at_equal_bytes(ours, theirs, 5000)  # beyond ours: at 1000
    near(left, 40)
    near(right, 39)
    assert moved
    left, right, moved = arithmetic.at_equal_bytes([(10, 1), (20, 2)], [(30, 3), (40, 4)], 35)
    assert (left, right, moved) == (2, 3, True)


def check_statistics():
    near(arithmetic.median([3, 1, 2]), 2)
    near(arithmetic.median([4, 1, 2, 3]), 2.5)
    near(arithmetic.percentile(range(1, 101), 99), 99)
    near(arithmetic.percentile([7], 50), 7)
    # 30 frames of 10 bytes, but for one of 310: 600 bytes in its second.
    near(arithmetic.worst_second([10] * 40 + [310] + [10] * 40, 30, 4800), 1)
    near(arithmetic.worst_second([10] * 15, 30, 2400), 1)
    near(arithmetic.ssim_of_db(arithmetic.ssim_db(0.987)), 0.987)
    near(arithmetic.ssim_db(0.99), 20)


def check_distortion():
    """PSNR and SSIM are those that FFmpeg's filters say of the same pictures."""
    cell = {"codec": "h264", "latency": "realtime", "mode": "constant", "bitrate": 60000, "size": "128x96",
            "format": "I420", "frames": 6}
    program, source = competitors.Program(PROGRAM), os.path.join(FOLDER, "synth-128x96.i420")
    with tempfile.TemporaryDirectory() as folder:
        stream, decoded = os.path.join(folder, "stream"), os.path.join(folder, "decoded")
        competitors.Wcenc(program).run(cell, source, stream)
        judged = program.call("judge", "--codec", "h264", "--size", "128x96", "--content", source, "--frames", 6,
                              "--stream", stream, "--decoded", decoded)
        raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", "128x96", "-i"]
        text = subprocess.run(
            ["ffmpeg", "-hide_banner", *raw, decoded, *raw, source, "-lavfi", "[0][1]psnr;[0][1]ssim", "-f", "null", "-"],
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stderr
    near(judged["psnr"], float(re.search(r"PSNR .*average:([\d.]+)", text)[1]), 1e-5)
    near(judged["ssim"], float(re.search(r"SSIM .*All:([\d.]+)", text)[1]), 1e-5)
    assert 20 < judged["psnr"] < 60, judged


def check_document():
    with open(DOCUMENT, encoding="utf-8") as file:
        document = json.load(file)
    cells = document["cells"]
    kinds = {kind: [cell for cell in cells if cell["kind"] == kind] for kind in ("rd", "speed", "latency", "bounds")}
    has_browser = "browser" in document["machine"]
    for codec in competitors.CODECS:
        for kind in kinds:
            found = {cell["who"].split()[0] for cell in kinds[kind] if cell["codec"] == codec}
            assert "wcenc" in found and ("plain" in found or kind in ("rd", "bounds")), (codec, kind, found)
            assert ("chromium" in found) == has_browser, (codec, kind, found)
    for cell in kinds["rd"]:
        assert cell["frames"] == len(cell["sizes"]) and cell["bytes"] == sum(cell["sizes"]) and cell["sizes"][0] > 0, cell
        assert 10 < cell["psnr"] < 100 and 0.3 < cell["ssim"] <= 1, cell
    for cell in kinds["speed"]:
        assert min(cell["rates"]) > 0 and len(cell["cpu_ms"]) == len(cell["rates"]), cell
    assert all(cell["spent"] > 0 and cell["worst_second"] > 0 for cell in kinds["bounds"])
    assert all(cell["p99"][0] >= cell["p50"][0] > 0 for cell in kinds["latency"])
    figures = verdict.Figures([DOCUMENT])
    row = verdict.compare(figures, "wcenc", "wcenc", "realtime", *figures.subjects("realtime")[0])
    assert row.psnr == row.ssim == 0 and row.bd_psnr in (None, 0.0) and row.times["I420"] == 1, row
    print(len(cells), "cells of the frontier")


for check in (check_curves, check_bd_rate, check_equal_bytes, check_statistics, check_distortion, check_document):
    check()
