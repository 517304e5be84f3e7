#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prose of the public headers: each function has the fields of its comment, each enum a type, and no word has a
better one. And each test that docs/api-changes.md names is there.

usage: check_prose.py PROJECT_DIRECTORY
"""

from __future__ import annotations

import pathlib
import re
import sys

# A word that is not used, and what is said instead.
WORDS = {
    r"told|tells? (?:of|that)|tell": "reported, delivered, invoked",
    r"hand(?:s|ed)? over": "deliver",
    r"lies? ready": "be pending",
    r"lent|lends?": "borrowed, wrapped",
    r"owed|owes": "pending completion",
    r"wish(?:es)?": "request",
    r"comes? to nothing": "be discarded",
    r"could not be had|is short": "out of memory, the system refused",
    r"anew": "again",
    r"is none of|that is none|that are none": "is not valid",
    r"truth values?": "boolean",
    r"whoever|whichever": "a subject that acts",
}
FIELDS = ("Thread:", "Blocks:", "Since:")
FUNCTION = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)?\s*WCENC_API ([^;]*?)(wcenc_\w+)\(([^;]*)\);", re.S)


def check_function(comment: str | None, name: str, arguments: str) -> list[str]:
    if not comment:
        return [f"{name} has no comment"]
    problems = [] if "Since:" in comment else [f"{name}: its comment lacks Since:"]
    if re.search(r", as wcenc_\w+ does", comment):
        return problems
    problems += [f"{name}: its comment lacks {field}" for field in FIELDS if field not in comment]
    names = [re.search(r"(\w+)(?:\[\d+\])?$", argument.strip()) for argument in arguments.split(",")]
    for parameter in (found.group(1) for found in names if found and found.group(1) != "void"):
        if not re.search(rf"@param {parameter}\b", comment):
            problems.append(f"{name}: its comment lacks @param {parameter}")
    return problems


def check_words(path: pathlib.Path) -> list[str]:
    problems = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for word, better in WORDS.items():
            found = re.search(rf"\b(?:{word})\b", line, re.I)
            if found:
                problems.append(f"{path.name}:{number}: \"{found.group()}\"; say: {better}")
    return problems


def check_enums(path: pathlib.Path) -> list[str]:
    text, problems = path.read_text(), []
    for tag in re.findall(r"^enum (\w*) ?\{", text, re.M):
        domain = re.sub("_value$", "", re.sub("_bit$", "s", re.sub("y_bit$", "ies", tag)))
        if domain == tag or not re.search(rf"^typedef u?int32_t {domain};", text, re.M):
            problems.append(f"{path.name}: enum {tag or 'without a tag'} has no type of 32 bits")
    return problems


def check_named_tests(project: pathlib.Path) -> list[str]:
    text = (project / "docs/api-changes.md").read_text()
    named = {name for group in re.findall(r"\[(`[^\]]*)\]", text) for name in re.findall(r"`(\w+)`", group)}
    sources = [path for end in ("c", "txt") for path in (project / "tests").rglob(f"*.{end}")]
    sources.append(project / "examples/CMakeLists.txt")
    sources += (project / "examples").glob("*/CMakeLists.txt")
    there = " ".join([path.stem for path in sources] + [path.read_text() for path in sources])
    return [f"api-changes.md: there is no test {name}" for name in sorted(named) if not re.search(rf"\b{name}\b", there)]


def main() -> int:
    project = pathlib.Path(sys.argv[1])
    headers = sorted((project / "include/wcenc").glob("*.h"))
    problems, count = check_named_tests(project), 0
    for path in headers:
        problems += check_words(path) + check_enums(path)
        for found in FUNCTION.finditer(path.read_text()):
            problems += check_function(found.group(1), found.group(3), found.group(4))
            count += 1
    for problem in problems:
        print(problem)
    print(f"{count} functions in {len(headers)} headers, {len(problems)} problems")
    return 1 if problems or not count else 0


sys.exit(main())
