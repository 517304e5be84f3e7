#!/usr/bin/env python3
"""Rate, distortion and speed of every codec as a user meets it, beside a browser and plain loops over libavcodec.

Forms: "smoke" takes seconds and says nothing of speed, "short" is the whole grid in more than an hour, "long" has
300 frames, 2160p and more rounds. --choice compares libwcenc's own encoders with libavcodec's, by name. Figures go to
a JSON file every few seconds; verdict.py prints rows beside the browser, and ../plot.py draws the page.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import arithmetic
import browser
import competitors
import content

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
FRAMERATE = content.FRAMERATE
TINY, HD, FULL, ULTRA = "128x96", "1280x720", "1920x1080", "3840x2160"
NOMINAL = {TINY: 100000, HD: 2500000, FULL: 5000000, ULTRA: 15000000}
# Of a desktop and of a still picture less is enough.
DESK = 0.6
FACTORS = (0.6, 1.0, 1.4, 2.0)
BOUNDS_FRAMES = 300
SAVE_SECONDS = 10
PARTS = ("rd", "speed", "latency", "bounds")


class Form:
    """How much is measured. By size: frames in realtime, in quality and at speed, and pictures of RGBA."""

    def __init__(self, sizes, frames, quality_frames, speed_frames, pictures, rounds, quality_rounds, paced, curve_contents,
                 factors=FACTORS):
        self.sizes = sizes
        self.frames, self.quality_frames, self.speed_frames = frames, quality_frames, speed_frames
        self.pictures = pictures  # which are played there and back
        self.rounds, self.quality_rounds = rounds, quality_rounds
        self.paced = paced  # frames of a paced run
        self.curve_contents = curve_contents  # on which all presets of the plain loops run in quality, at the first size
        self.factors = factors  # of the nominal bitrate


FORMS = {
    "smoke": Form([TINY], {TINY: 6}, {TINY: 6}, {TINY: 6}, {TINY: 4}, 1, 1, 4, ["synth"], (1.0, 2.0)),
    "short": Form([HD, FULL], {HD: 150, FULL: 45}, {HD: 45}, {HD: 90, FULL: 45}, {HD: 60, FULL: 40}, 3, 1, 45, ["photo"]),
    "long": Form([HD, FULL, ULTRA], {HD: 300, FULL: 300, ULTRA: 90}, {HD: 150, FULL: 90}, {HD: 150, FULL: 90, ULTRA: 45},
                 {HD: 60, FULL: 60, ULTRA: 30}, 5, 3, 150, list(content.CONTENTS)),
}


def nominal(name, size):
    return int(NOMINAL[size] * (DESK if name in ("desk", "still") else 1))


def words(cell):
    names = ("latency", "mode", "codec", "size", "content", "format", "bitrate", "pace")
    return " ".join(str(cell[name]) for name in names if cell.get(name))


class Log:
    def __init__(self, path, machine):
        self.path, self.lock = path, threading.Lock()
        self.document = {"frontier": 1, "machine": machine, "cells": [], "skipped": []}
        self.saved = time.monotonic()

    def save(self):
        self.saved = time.monotonic()
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.document, file, indent=None, separators=(",", ":"))
            file.write("\n")
        os.replace(self.path + ".new", self.path)

    def add(self, cell):
        with self.lock:
            self.document["cells"].append(cell)
            if time.monotonic() - self.saved > SAVE_SECONDS:
                self.save()

    def skip(self, cell, who, why):
        with self.lock:
            entry = {"codec": cell["codec"], "latency": cell["latency"], "size": cell["size"], "who": who, "why": why}
            if entry not in self.document["skipped"]:
                self.document["skipped"].append(entry)
                print(f"left out: {who}, {words(cell)}: {why}", flush=True)


class Frontier:
    def __init__(self, options):
        self.options, self.form = options, FORMS[options.form]
        self.program = competitors.Program(options.program)
        self.folder = options.content
        self.browser = None
        self.browser_lock = threading.Lock()
        self.others = []
        self.is_warm = False
        self.log = Log(options.json, self.machine())
        self.reused = self.read_reused()

    def machine(self):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        system = os.uname()
        machine = {"cpu": models[0] if models else "unknown", "cpus": os.cpu_count(),
                   "system": f"{system.sysname} {system.machine}", "date": time.strftime("%Y-%m-%d"),
                   "load": round(os.getloadavg()[0], 2), "form": self.options.form}
        machine.update(self.program.call("version"))
        return machine

    def read_reused(self):
        found = {}
        for path in self.options.reuse:
            with open(path, encoding="utf-8") as file:
                for cell in json.load(file)["cells"]:
                    if cell["kind"] == "rd" and not cell["who"].startswith("wcenc"):
                        found[self.key(cell, cell["who"])] = cell
        return found

    @staticmethod
    def key(cell, who):
        return who, words(cell), cell["frames"]

    def start_browser(self):
        path = browser.find()
        if "chromium" not in self.options.who:
            return
        if not path:
            print("left out: chromium, which is not installed", flush=True)
            self.log.document["skipped"].append({"who": "chromium", "why": "it is not installed"})
            return
        self.browser = browser.Browser(path, self.folder)
        self.log.document["machine"]["browser"] = self.browser.version()
        self.others = [competitors.Chromium(self.browser, browser.Failed)]

    def picture_file(self, cell, least=0):
        """The path; None where a package is missing."""
        form, size = self.form, cell["size"]
        frames = max(form.frames.get(size, 0), form.quality_frames.get(size, 0), self.options.frames or 0, least)
        count = frames if cell["format"] == "I420" else min(frames, form.pictures[size])
        try:
            return content.make(self.folder, cell["content"], size, count, cell["format"])
        except content.Missing as missing:
            self.log.skip(dict(cell, codec="", latency=""), cell["content"], f"needs the package {missing}")
            return None

    def defaults(self):
        """libwcenc as it comes, and the browser."""
        own = [competitors.Wcenc(self.program, None, self.options.options)] if "wcenc" in self.options.who else []
        return own + self.others

    def has_curve(self, latency, name, size):
        """Whether all presets of the plain loops run. At 2160p they would take hours."""
        if latency == "realtime" and self.options.form != "smoke":
            return size in (HD, FULL)
        return size == self.form.sizes[0] and name in self.form.curve_contents

    def lines(self, codec, latency, name, size, part):
        """The competitors of a cell."""
        who, out = self.options.who, self.defaults()
        if "named" in who and part != "latency":
            out += [competitors.Wcenc(self.program, encoder) for encoder in competitors.NAMED[codec]]
        out += [competitors.Wcenc(self.program, entry.partition(":")[2]) for entry in who if entry.startswith("wcenc:")]
        if "plain" in who:
            plain = competitors.PLAIN[codec, latency]
            has_all = part != "latency" and self.has_curve(latency, name, size)
            out += [competitors.Plain(self.program, *entry) for entry in (plain if has_all else plain[:1])]
        return out

    def cells(self, latency, formats):
        """Of one latency mode, without bitrates; in an order that changes pictures rarely."""
        frames = self.form.frames if latency == "realtime" else self.form.quality_frames
        sizes = [size for size in self.options.sizes if size in frames]
        for size, name, fmt, codec in itertools.product(sizes, self.options.contents, formats, self.options.codecs):
            # A smoke run has each codec and each content once.
            turn = self.options.codecs.index(codec) % len(self.options.contents)
            if self.options.form == "smoke" and self.options.contents[turn] != name:
                continue
            yield {
                "codec": codec, "content": name, "size": size, "latency": latency, "format": fmt,
                "mode": "constant" if latency == "realtime" else "variable",
                "frames": self.options.frames or frames[size],
            }

    def run_one(self, line, cell, path, stream=None):
        if line.who == "chromium":
            with self.browser_lock:
                return line.run(cell, path, stream)
        return line.run(cell, path, stream)

    def distortion(self, line, cell, path):
        reused = self.reused.get(self.key(cell, line.who))
        if reused:
            self.log.add(reused)
            return
        with tempfile.NamedTemporaryFile(suffix=".stream") as stream:
            try:
                result = self.run_one(line, cell, path, stream.name)
                judged = self.program.judge(cell, path, stream.name)
            except competitors.Refused as refused:
                self.log.skip(cell, line.who, str(refused))
                return
        sizes = result["sizes"]
        self.log.add(dict(
            cell, kind="rd", who=line.who, encoder=result["encoder"], bytes=sum(sizes), key_bytes=sizes[0],
            worst_second=arithmetic.worst_second(sizes, FRAMERATE, cell["bitrate"]), psnr=judged["psnr"],
            ssim=judged["ssim"], sizes=sizes))

    def rd(self, latency):
        """No clock runs: as many at a time as there are CPUs."""
        jobs = []
        for cell in self.cells(latency, ["I420"]):
            path = self.picture_file(cell)
            for line in self.lines(cell["codec"], latency, cell["content"], cell["size"], "rd") if path else []:
                # A plain loop is drawn as a curve where all of its presets run, or not at all.
                if line.who.startswith("plain") and not self.has_curve(latency, cell["content"], cell["size"]):
                    continue
                for factor in self.form.factors:
                    bitrate = int(nominal(cell["content"], cell["size"]) * factor)
                    jobs.append((line, dict(cell, bitrate=bitrate), path))
        # The browser does one job at a time: its jobs are spread among the others.
        browsers = [job for job in jobs if job[0].who == "chromium"]
        alone = [job for job in jobs if self.waits_busily(job)]
        others = [job for job in jobs if job[0].who != "chromium" and not self.waits_busily(job)]
        jobs = [job for pair in itertools.zip_longest(browsers, others) for job in pair if job]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda job: self.distortion(*job), jobs))
        for job in alone:
            self.distortion(*job)

    @staticmethod
    def waits_busily(job):
        """Whether its threads wait in loops, which takes ten times as long beside another job."""
        line, cell, _ = job
        return cell["codec"] == "vp8" and line.who.startswith("plain")

    def bounds(self, latency):
        """How far both bitrate modes keep the bitrate over ten seconds, at the first size."""
        for cell in self.cells(latency, ["I420"]):
            if cell["size"] != self.options.sizes[0]:
                continue
            frames = cell["frames"] if self.options.form == "smoke" else BOUNDS_FRAMES
            path = self.picture_file(cell, frames)
            for mode, line in itertools.product(("constant", "variable"), self.defaults() if path else ()):
                wanted = dict(cell, mode=mode, frames=frames, bitrate=nominal(cell["content"], cell["size"]))
                try:
                    result = self.run_one(line, wanted, path)
                except competitors.Refused as refused:
                    self.log.skip(wanted, line.who, str(refused))
                    continue
                spent = sum(result["sizes"]) * 8 * FRAMERATE / frames / wanted["bitrate"]
                self.log.add(dict(wanted, kind="bounds", who=line.who, encoder=result["encoder"], spent=spent,
                                  worst_second=arithmetic.worst_second(result["sizes"], FRAMERATE, wanted["bitrate"])))

    def rounds_of(self, latency):
        return self.options.rounds or (self.form.rounds if latency == "realtime" else self.form.quality_rounds)

    def take_turns(self, cell, path, lines, note, rounds=None):
        """Rounds of one cell: every competitor once in each, and another begins than in the round before."""
        samples = {}
        for number in range(rounds or self.rounds_of(cell["latency"])):
            for turn in range(len(lines)):
                line = lines[(turn + number) % len(lines)]
                try:
                    result = self.run_one(line, cell, path)
                except competitors.Refused as refused:
                    self.log.skip(cell, line.who, str(refused))
                    continue
                entry = samples.setdefault(line.who, dict(cell, who=line.who, encoder=result["encoder"]))
                for name, value in note(result).items():
                    entry.setdefault(name, []).append(value)
        return samples.values()

    def speed(self, latency):
        def note(result):
            timed = len(result["sizes"]) - 1
            return {"rates": timed * 1e9 / result["wall_ns"], "cpu_ms": result["cpu_ns"] / 1e6 / timed}

        for cell in self.cells(latency, self.options.formats):
            if latency == "quality" and (cell["content"], cell["format"]) not in self.slow_subjects():
                continue
            path = self.picture_file(cell)
            cell["bitrate"] = nominal(cell["content"], cell["size"])
            if latency == "realtime" and not self.options.frames:
                cell["frames"] = self.form.speed_frames[cell["size"]]
            lines = self.lines(cell["codec"], latency, cell["content"], cell["size"], "speed") if path else []
            # The plain loops' other presets convert no faster.
            if cell["format"] != "I420":
                lines = [line for line in lines if not line.who.startswith("plain")] + [
                    line for line in lines if line.who.startswith("plain")][:1]
            if not self.is_warm:
                # The browser starts for a while, and pictures come from the disk the first time.
                self.take_turns(cell, path, lines, note, 1)
                self.is_warm = True
            for entry in self.take_turns(cell, path, lines, note):
                self.log.add(dict(entry, kind="speed"))

    def slow_subjects(self):
        """(content, format) whose speed is measured in quality, where encoders are slow and contents differ little."""
        contents = [self.usual_content()] if self.options.form == "short" else self.options.contents
        formats = self.options.formats if self.options.form == "long" else self.options.formats[:1]
        return list(itertools.product(contents, formats))

    def usual_content(self):
        """That of measurements which run on one content only."""
        return "photo" if "photo" in self.options.contents else self.options.contents[0]

    def latency(self, latency):
        def note(result):
            times = [time / 1e6 for time in result["latencies_ns"][1:]]
            return {"p50": arithmetic.percentile(times, 50), "p99": arithmetic.percentile(times, 99)}

        if latency != "realtime":
            return
        for cell in self.cells(latency, self.options.formats if self.options.form == "long" else ["RGBA"]):
            if cell["content"] != self.usual_content() and self.options.form != "smoke":
                continue
            if cell["size"] != self.options.sizes[0] and self.options.form != "long":
                continue
            path = self.picture_file(cell)
            for pace in (30, 60) if path else ():
                paced = dict(cell, frames=self.form.paced, pace=pace, bitrate=nominal(cell["content"], cell["size"]))
                lines = self.lines(cell["codec"], latency, cell["content"], cell["size"], "latency")
                for entry in self.take_turns(paced, path, lines, note):
                    self.log.add(dict(entry, kind="latency"))

    def run(self):
        start = time.time()
        self.start_browser()
        try:
            for latency, part in itertools.product(self.options.latency, self.options.parts):
                getattr(self, part)(latency)
                self.log.save()
                print(f"{latency} {part}: {len(self.log.document['cells'])} cells, {time.time() - start:.0f} s", flush=True)
        finally:
            if self.browser:
                self.browser.close()
        self.log.document["machine"]["seconds"] = round(time.time() - start)
        self.log.save()


def comma(known):
    def read(text):
        values = text.split(",")
        for value in values:
            if known and value not in known and not value.startswith("wcenc:"):
                raise argparse.ArgumentTypeError(f'"{value}" is not one of {", ".join(known)}')
        return values
    return read


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=FORMS, default="short")
    parser.add_argument("--choice", action="store_true", help="libwcenc's encoders by name, at the first size: --who named")
    parser.add_argument("--codecs", type=comma(competitors.CODECS), default=list(competitors.CODECS))
    parser.add_argument("--contents", type=comma(content.CONTENTS))
    parser.add_argument("--sizes", type=comma(NOMINAL))
    parser.add_argument("--formats", type=comma(("I420", "RGBA")), default=["I420", "RGBA"])
    parser.add_argument("--latency", type=comma(("realtime", "quality")), default=["realtime", "quality"])
    parser.add_argument("--parts", type=comma(PARTS), help="default: all, bounds in the long form only")
    parser.add_argument("--who", type=comma(("wcenc", "chromium", "plain", "named")), default=["wcenc", "chromium", "plain"],
                        help="wcenc, chromium, plain, named (each encoder of libwcenc by name), wcenc:ENCODER")
    parser.add_argument("--options", help="encoder_options for wcenc, to try others than its defaults")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--reuse", action="append", default=[], metavar="JSON",
                        help="take the browser's and the plain loops' distortion from an earlier run")
    parser.add_argument("--program", default=f"{ROOT}/build/bench/tests/bench/wcenc-bench-frontier")
    parser.add_argument("--content", default=f"{ROOT}/build/bench/content", help="the folder that keeps the pictures")
    parser.add_argument("--json", default=f"{ROOT}/build/bench/frontier.json")
    options = parser.parse_args()
    form = FORMS[options.form]
    options.sizes = options.sizes or (form.sizes[:1] if options.choice else form.sizes)
    options.parts = options.parts or [part for part in PARTS if options.form != "short" or part != "bounds"]
    if not options.contents:
        # A smoke run has all codecs on any machine.
        options.contents = [name for name in content.CONTENTS if options.form != "smoke" or content.is_possible(name)]
    if options.choice:
        options.who, options.parts, options.formats = ["named"], ["rd", "speed"], ["I420"]
    return options


def main():
    Frontier(read_options()).run()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[0]} failed with status {error.returncode}")
