#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Extracts the programs of docs/guides, compiles and runs them, and verifies what they have written.

usage: check_guides.py PROJECT_DIRECTORY LIBRARY CC CXX; 77 under sanitizers, which programs without them cannot link

Each guide but the first page has a program, and each program a function below that verifies it.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

WARNINGS = ["-Wall", "-Wextra", "-Werror"]
BLOCK = re.compile(r"^```(c|c\+\+|python)\n(.*?)^```", re.M | re.S)
TIMEOUT = 120


class Failure(Exception):
    pass


def require(is_so: object, claim: str) -> None:
    if not is_so:
        raise Failure(claim)


def run(command: list[str], directory: pathlib.Path, *, is_silent: bool = False) -> str:
    result = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            errors="replace", timeout=TIMEOUT)
    require(result.returncode == 0, f"{command[0]}: status {result.returncode}\n{result.stdout}{result.stderr}")
    require(not is_silent or not result.stderr, f"{' '.join(command)}: {result.stderr}")
    return result.stdout


def probe(path: pathlib.Path) -> tuple[dict, list[dict]]:
    """The video stream of a file as ffprobe decodes it, and its frames."""
    require(path.exists() and path.stat().st_size, f"{path.name} is empty")
    entries = "stream=codec_name,width,height,pix_fmt,color_space,color_transfer,color_primaries,chroma_location"
    entries += ":frame=pts_time,key_frame,pict_type,side_data_list:frame_side_data"
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", str(path)]
    answer = json.loads(run(command, path.parent, is_silent=True))
    return answer["streams"][0], answer["frames"]


def keys(frames: list[dict]) -> list[int]:
    return [number for number, frame in enumerate(frames) if frame["key_frame"]]


def verify(path: pathlib.Path, codec: str, count: int) -> list[dict]:
    stream, frames = probe(path)
    require((stream["codec_name"], stream["width"], stream["height"]) == (codec, 320, 240), f"{path.name}: {stream}")
    require(len(frames) == count, f"{path.name} has {len(frames)} frames, not {count}")
    require(keys(frames)[:1] == [0], f"{path.name} begins without a key frame")
    return frames


# --- What each program has to do --------------------------------------------------------------------------------------


def getting_started(directory: pathlib.Path, output: str, number: int) -> None:
    verify(directory / "out.h264", "h264", 60)
    require(number == 1 or "decode with avc1.42" in output, f"no codec string: {output}")


def hashes(path: pathlib.Path) -> dict[str, str]:
    """Of each decoded picture, by its time."""
    output = run(["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough", "-f", "framemd5", "-"], path.parent,
                 is_silent=True)
    lines = [line.split(",") for line in output.splitlines() if not line.startswith("#")]
    return {line[2].strip(): line[-1].strip() for line in lines}


def recovery(directory: pathlib.Path, output: str) -> None:
    if "this build of libwcenc is without native-vpx" in output or "libvpx chooses the references" in output:
        return
    require("frame 24 references frame 15" in output, output)
    require(keys(verify(directory / "sent.ivf", "vp8", 60)) == [0], "a second key frame")
    sent, received = hashes(directory / "sent.ivf"), hashes(directory / "received.ivf")
    require(sorted(set(sent) - set(received), key=int) == ["20", "21", "22", "23"], f"received: {sorted(received)}")
    require(all(sent[time] == picture for time, picture in received.items()), "other pictures were received than sent")


def realtime(directory: pathlib.Path, output: str, number: int) -> None:
    if number == 1:
        recovery(directory, output)
        return
    frames = verify(directory / "out.h264", "h264", 60)
    require(keys(frames) == [0, 30], f"key frames at {keys(frames)}, not at 0 and 30")
    require("key chunk at 1000000 us" in output and "libx264 delays 0 frames" in output, output)
    require("encoded with libx264" in output, output)


def quality(directory: pathlib.Path, output: str, number: int) -> None:
    sizes = dict(re.findall(r"(\S+): (\d+) bytes", output))
    for name, size in sizes.items():
        verify(directory / name, "h264", 48)
        require((directory / name).stat().st_size == int(size), f"{name} has another size than {size}")
    fine, coarse, rated = (int(sizes[name]) for name in ("quality20.h264", "quality32.h264", "bitrate.h264"))
    require(fine > 2 * coarse, f"a quality of 20 takes {fine} bytes, one of 32 {coarse}")
    require(30000 < rated < 75000, f"two seconds at 200 kbit/s are {rated} bytes, not about 50000")


def memory(directory: pathlib.Path, output: str, number: int) -> None:
    verify(directory / "out.h264", "h264", 120)
    require("120 frames in, 120 chunks out, 4 of 4 buffers free" in output, output)


def codec_strings(directory: pathlib.Path, output: str, number: int) -> None:
    lines = output.splitlines()
    guide = (directory / "guide.md").read_text()
    for line in lines[:5]:
        require(f"| `{line}` |" in guide, f"the guide's table lacks {line}")
    require(lines[0] == "avc1.640034" and "avc1.640034 is encoded by libx264, to avc1.640034" in lines, output)
    require("encoder libx264 of h264" in lines, output)


def color_and_hdr(directory: pathlib.Path, output: str, number: int) -> None:
    stream, frames = probe(directory / "out.hevc")
    names = ("pix_fmt", "color_space", "color_transfer", "color_primaries", "chroma_location")
    tags = [stream.get(name) for name in names]
    require(tags == ["yuv420p10le", "bt2020nc", "smpte2084", "bt2020", "topleft"], f"the stream says {tags}")
    require(len(frames) == 24, f"{len(frames)} frames")
    data = {each["side_data_type"]: each for each in frames[0].get("side_data_list", [])}
    display = data.get("Mastering display metadata", {})
    light = data.get("Content light level metadata", {})
    require(eval_ratio(display.get("max_luminance")) == 1000 and eval_ratio(display.get("red_x")) == 0.68, f"{data}")
    require((light.get("max_content"), light.get("max_average")) == (1000, 400), f"{data}")


def eval_ratio(text: str | None) -> float | None:
    numerator, _, denominator = (text or "").partition("/")
    return int(numerator) / int(denominator) if denominator else None


def muxing(directory: pathlib.Path, output: str, number: int) -> None:
    for name in ("out.mp4", "out.mkv"):
        frames = verify(directory / name, "h264", 60)
        stream, _ = probe(directory / name)
        tags = [stream.get(name) for name in ("color_space", "color_transfer", "color_primaries")]
        require(tags == ["bt709"] * 3, f"{name}: {stream}")
        times = [float(frame["pts_time"]) for frame in frames]
        require(all(abs(time - n / 30) < 0.002 for n, time in enumerate(times)), f"{name}: frames at {times}")
        require(any(frame["pict_type"] == "B" for frame in frames), f"{name} has no B-frames")


def event_loops(directory: pathlib.Path, output: str, number: int) -> None:
    verify(directory / "out.h264", "h264", 60)
    require("60 pictures" in output, output)


def binding(directory: pathlib.Path, output: str, number: int) -> None:
    times = [int(line.split()[0]) for line in output.splitlines()]
    require(times == [number * 33333 for number in range(10)], output)


def from_libavcodec(directory: pathlib.Path, output: str, number: int) -> None:
    verify(directory / "out.h264", "h264", 60)
    require("60 chunks" in output, output)


def from_a_browser(directory: pathlib.Path, output: str, number: int) -> None:
    codec = "vp9" if "vp09.00.10.08 320x240" in output else "vp8"
    frames = verify(directory / "out.ivf", codec, 60)
    require({0, 30} <= set(keys(frames)), f"key frames at {keys(frames)}, not at 0 and 30")


def errors(directory: pathlib.Path, output: str, number: int) -> None:
    for line in ("fork: both processes encode", "signal: the recording ends well", "error: "):
        require(line in output, output)


def untrusted_input(directory: pathlib.Path, output: str, number: int) -> None:
    require("1 of 5 messages accepted" in output, output)


# --- Running them -----------------------------------------------------------------------------------------------------


def build(directory: pathlib.Path, language: str, source: str, tools: dict) -> list[str]:
    """The command that runs the program, compiled with what its guide says beside wcenc."""
    if language == "python":
        (directory / "program.py").write_text(source)
        return [sys.executable, "program.py", str(tools["project"] / "docs/abi.json"), str(tools["library"])]
    name, compiler = "program.c", [tools["cc"], "-std=c11", "-D_POSIX_C_SOURCE=200809L"]
    if language == "c++":
        name, compiler = "program.cpp", [tools["cxx"], "-std=c++17"]
    (directory / name).write_text(source)
    libraries = sorted(set(re.findall(r"<(libav\w+)/", source)))
    if "libavformat" in libraries:
        libraries += ["libavcodec", "libavutil"]
    flags = run(["pkg-config", "--cflags", "--libs", *libraries], directory).split() if libraries else []
    library = tools["library"].parent
    run([*compiler, *WARNINGS, "-I", str(tools["project"] / "include"), name, "-o", "program", "-L", str(library),
         "-lwcenc", *flags, "-lm", "-pthread", f"-Wl,-rpath,{library}"], directory)
    return ["./program"]


def check(guide: pathlib.Path, number: int, language: str, source: str, tools: dict) -> str:
    """An empty string, or what is wrong with a program."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "guide.md").write_text(guide.read_text())
        try:
            output = run(build(directory, language, source, tools), directory)
            globals()[guide.stem.replace("-", "_")](directory, output, number)
        except (Failure, subprocess.TimeoutExpired, KeyError) as failure:
            return f"{guide.name}, program {number}: {failure}"
    print(f"{guide.name}, program {number}: {time.monotonic() - began:.1f} s")
    return ""


def main() -> int:
    project, library, cc, cxx = sys.argv[1:5]
    if os.environ.get("WCENC_SANITIZE"):
        print("skipped: a library with sanitizers is not for programs without them")
        return 77
    if not shutil.which("ffprobe"):
        print("skipped: ffprobe is not installed")
        return 77
    tools = {"project": pathlib.Path(project).resolve(), "library": pathlib.Path(library).resolve(), "cc": cc}
    tools["cxx"] = cxx
    jobs, problems = [], []
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for guide in sorted((tools["project"] / "docs/guides").glob("*.md")):
            programs = BLOCK.findall(guide.read_text())
            if not programs and guide.name != "README.md":
                problems.append(f"{guide.name} has no program")
            for number, (language, source) in enumerate(programs):
                if language != "c++" or cxx:
                    jobs.append(pool.submit(check, guide, number, language, source, tools))
        problems += [problem for problem in (job.result() for job in jobs) if problem]
    print("\n".join(problems) if problems else f"{len(jobs)} programs")
    return 1 if problems or len(jobs) < 13 else 0


if __name__ == "__main__":
    sys.exit(main())
