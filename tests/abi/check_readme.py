#!/usr/bin/env python3
"""Builds and runs the first program of the README, with the compiler line that the README gives for linking.

usage: check_readme.py README BUILD_DIRECTORY CMAKE; 77 under sanitizers

The program has at most 40 lines of at most 80 columns, and writes a stream of which ffprobe decodes every picture. The
library is installed to a temporary place, so that the line means what it means to a reader. The line is the first
one outside that program which begins with cc, c99, gcc or clang and asks pkg-config for wcenc; the names of the source and
of the program in it do not matter.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

MAX_LINES, MAX_COLUMNS = 40, 80
STREAM, PICTURES = "out.h264", 60
PROGRAM = re.compile(r"^```c[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMPILER_LINE = re.compile(r"^\s*\$?\s*((?:cc|c99|gcc|clang)\s.*pkg-config\s.*\bwcenc\b.*)$", re.MULTILINE)


def fail(reason):
    print(reason)
    sys.exit(1)


def first_program(text):
    match = PROGRAM.search(text)
    return match.group(1) if match else fail("the README has no ```c block")


def check_size(program):
    lines = program.rstrip("\n").split("\n")
    if len(lines) > MAX_LINES or max(map(len, lines)) > MAX_COLUMNS:
        fail(f"the program has {len(lines)} lines of up to {max(map(len, lines))} columns; use at most {MAX_LINES} of "
             f"{MAX_COLUMNS}")


def check_stream(path):
    """What the program writes has as many pictures as its loop."""
    if not shutil.which("ffprobe"):
        print("not decoded: ffprobe is not installed")
        return
    count = run("ffprobe", ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of",
                            "default=nokey=1:noprint_wrappers=1", path])
    if count.strip() != str(PICTURES):
        fail(f"{os.path.basename(path)} has {count.strip()} pictures, not {PICTURES}")


def compiler_line(text):
    match = COMPILER_LINE.search(PROGRAM.sub("", text).replace("\\\n", " "))
    return match.group(1) if match else fail("the README has no line such as: cc program.c $(pkg-config --libs wcenc)")


def with_names(line, source, program):
    """The line with the names of our files in it."""
    line = re.sub(r"\s-o\s*\S+", " ", line)
    line, count = re.subn(r"(?<=\s)[\w./-]+\.c(?=\s|$)", lambda _: shlex.quote(source), line, count=1)
    if count == 0:
        fail("no source file in the line: " + line)
    return line + " -o " + shlex.quote(program)


def library_directory(prefix):
    for directory, _, names in os.walk(prefix):
        if "wcenc.pc" in names:
            return os.path.dirname(directory)
    fail("the installation has no wcenc.pc")


def run(what, command, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                            timeout=60, check=False, **options)
    if result.returncode != 0:
        fail(f"{what}: status {result.returncode}\n{result.stdout}")
    return result.stdout


def main():
    readme, build, cmake = sys.argv[1:4]
    if os.environ.get("WCENC_SANITIZE"):
        print("skipped: a library with sanitizers is not for programs without them")
        return 77
    if not os.path.exists(readme):
        fail("there is no README.md")
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as work:
        source, program = os.path.join(work, "program.c"), os.path.join(work, "program")
        with open(source, "w", encoding="utf-8") as file:
            file.write(first_program(text))
        check_size(first_program(text))
        line = with_names(compiler_line(text), source, program)
        for component in ("runtime", "development"):
            run("installation", [cmake, "--install", build, "--prefix", os.path.join(work, "prefix"), "--component",
                                 component])
        library = library_directory(work)
        environment = dict(os.environ, LD_LIBRARY_PATH=library, PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"))
        print(line.replace(work + "/", ""))
        print(run("the compiler", line, shell=True, env=environment, cwd=work), end="")
        run("the program", [program], env=environment, cwd=work)
        check_stream(os.path.join(work, STREAM))
        print("the README's first program runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
