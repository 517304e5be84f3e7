#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks how src/ is laid out: the walls between its modules, cycles of includes, and the plainest rules of style.

The modules and what each may use stand in CMakeLists.txt, as calls of wcenc_module.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LICENCE = "/* SPDX-License-Identifier: MIT */"
FILE_LINES = 400  # of a file in src/
FUNCTION_LINES = 60
FFMPEG_MODULES = {"ffmpeg", "convert", "backend/lavc"}
# Folders of native backends, and their libraries: as CMakeLists.txt calls them, the folder of headers, the name.
NATIVE_MODULES = {
    "backend/vpx": ("VPX", "vpx/", "libvpx"),
    "backend/aom": ("AOM", "aom/", "libaom"),
    "backend/openh264": ("OPENH264", "wels/", "OpenH264"),
}
PTHREAD_FILES = {"src/base/thread.h", "src/base/thread.c", "src/base/process.c"}
# Where a lock of an encoder is released. All others go through wcenc__encoder_unlock.
UNLOCKING_FILES = {
    "src/encoder/lifetime.c",
    "src/encoder/delivery_dispatch.c",
    "src/encoder/lane.c",
    "src/encoder/lanes.c",
    "src/encoder/prefetch.c",
}

faults = []


def fault(what, place):
    faults.append(f"{place}: {what}")


def name_of(path):
    return str(path.relative_to(ROOT))


def read_modules():
    """{folder: (sources, uses, libraries whose headers it includes)} in the order of CMakeLists.txt."""
    modules = {}
    text = re.sub(r"#.*", "", (ROOT / "CMakeLists.txt").read_text())
    for call in re.findall(r"wcenc_module\(([^)]*)\)", text):
        words = call.split()
        head, sources = words[1 : words.index("SOURCES")], words[words.index("SOURCES") + 1 :]
        uses = head[head.index("USES") + 1 :] if "USES" in head else []
        modules[words[0]] = (sources, uses, {"FFMPEG", *(library for library, *_ in NATIVE_MODULES.values())} & set(head))
    return modules


def module_of(path):
    return str(path.parent.relative_to(ROOT / "src"))


def check_modules(modules):
    known = []
    for folder, (sources, uses, libraries) in modules.items():
        for used in uses:
            if used not in known:
                fault(f"{folder} uses {used}, which does not stand before it", "CMakeLists.txt")
            if "/" in used:
                fault(f"{folder} uses {used}, the inside of a module", "CMakeLists.txt")
        if "FFMPEG" in libraries and folder not in FFMPEG_MODULES:
            fault(f"{folder} may not include FFmpeg's headers", "CMakeLists.txt")
        for own, (library, _, name) in NATIVE_MODULES.items():
            if library in libraries and folder != own:
                fault(f"{folder} may not include {name}'s headers", "CMakeLists.txt")
        there = {path.name for path in (ROOT / "src" / folder).glob("*.c")}
        for missing in sorted(there - set(sources)):
            fault(f"{folder}/{missing} is not built", "CMakeLists.txt")
        known.append(folder)
    for path in (ROOT / "src").rglob("*.[ch]"):
        if module_of(path) not in modules:
            fault("stands in no module", name_of(path))


def includes_of(path):
    """(line number, quoted, name) of each include."""
    for number, line in enumerate(path.read_text().split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match[1] == '"', match[2]


def check_includes(modules):
    headers = {}
    for path in (ROOT / "src").rglob("*.h"):
        if path.name in headers:
            fault(f"has the name of {name_of(headers[path.name])}", name_of(path))
        headers[path.name] = path
    graph = {}
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        own = module_of(path)
        uses = modules.get(own, ([], [], set()))[1]
        graph[path] = []
        for number, quoted, name in includes_of(path):
            place = f"{name_of(path)}:{number}"
            if not quoted:
                if re.match(r"lib(av|sw)", name) and own not in FFMPEG_MODULES:
                    fault(f"only {', '.join(sorted(FFMPEG_MODULES))} include FFmpeg's headers", place)
                for native, (_, headers_folder, library) in NATIVE_MODULES.items():
                    if name.startswith(headers_folder) and own != native:
                        fault(f"only {native} includes {library}'s headers", place)
                if name == "pthread.h" and name_of(path) not in PTHREAD_FILES:
                    fault("only base/thread.h, base/thread.c and base/process.c include pthread.h", place)
                continue
            target = headers.get(name)
            if target is None:
                fault(f'there is no header "{name}"', place)
                continue
            graph[path].append(target)
            if module_of(target) not in (own, *uses):
                fault(f"{own} may not use {module_of(target)}", place)
            if name.endswith("_priv.h") and module_of(target) != own:
                fault(f"{name} is private to {module_of(target)}", place)
    check_cycles(graph)


def check_cycles(graph):
    done = set()

    def visit(path, above):
        if path in above:
            fault("includes itself by way of " + ", ".join(name_of(p) for p in above[above.index(path) + 1 :]),
                  name_of(path))
            return
        if path in done:
            return
        for target in graph[path]:
            visit(target, above + [path])
        done.add(path)

    for path in graph:
        visit(path, [])


def check_functions(path, lines):
    """A function runs from the line with its opening brace in column 0 to the one with its closing brace."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start + 1 > FUNCTION_LINES:
                fault(f"the function has {number - start + 1} lines, more than {FUNCTION_LINES}",
                      f"{name_of(path)}:{start}")
            start = None


def check_style():
    sources = [p for d in ("src", "include", "examples", "tests") for p in sorted((ROOT / d).rglob("*.[ch]"))]
    texts = [p for d in ("src", "include", "examples", "tests", "cmake") for p in sorted((ROOT / d).rglob("*"))
             if p.is_file() and (p.suffix in (".c", ".h", ".sh", ".py", ".cmake", ".in") or p.name == "CMakeLists.txt")]
    texts += [ROOT / "CMakeLists.txt", ROOT / ".ci/run"]
    for path in texts:
        if "node_modules" in path.parts:
            continue
        text = path.read_text()
        if "\t" in text:
            fault("has a tab", name_of(path))
        if re.search(r"[ \t]+$", text, re.M):
            fault("has white space at the end of a line", name_of(path))
        if not text.endswith("\n"):
            fault("has no line break at the end", name_of(path))
    for path in sources:
        if "node_modules" in path.parts:
            continue
        lines = path.read_text().split("\n")
        name = name_of(path)
        if lines[0] != LICENCE:
            fault("the first line is not the licence", name)
        if name != "src/ffmpeg/compat.h" and not (name.startswith("examples/") and name.endswith("compat.h")):
            for number, line in enumerate(lines, 1):
                if re.match(r"\s*#.*LIB(AV|SW)[A-Z]*_VERSION", line):
                    fault("conditions on FFmpeg's version stand in ffmpeg/compat.h", f"{name}:{number}")
        if name.startswith("src/encoder/") and name not in UNLOCKING_FILES:
            for number, line in enumerate(lines, 1):
                if re.search(r"\bmutex_unlock\(", line):
                    fault("an encoder is unlocked by wcenc__encoder_unlock only", f"{name}:{number}")
        if name.startswith(("src/", "include/")):
            for number, line in enumerate(lines, 1):
                if re.search(r"\b(_WIN32|_MSC_VER|__declspec)\b", line):
                    fault("the library is for POSIX systems only", f"{name}:{number}")
        if name.startswith("src/"):
            if len(lines) - 1 > FILE_LINES:
                fault(f"has {len(lines) - 1} lines, more than {FILE_LINES}", name)
            check_functions(path, lines)
    for path in (ROOT / "include/wcenc").glob("*.h"):
        for number, quoted, name in includes_of(path):
            if re.match(r"lib(av|sw)", name):
                fault("a public header includes one of FFmpeg's", f"{name_of(path)}:{number}")
    return len(sources)


modules = read_modules()
check_modules(modules)
check_includes(modules)
count = check_style()
print("\n".join(faults) if faults else f"{len(modules)} modules, {count} sources")
sys.exit(bool(faults))
