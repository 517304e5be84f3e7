#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prose of the public headers and of the documentation.

Each function has the fields of its comment, in their order, and a first sentence that says what it does. No sentence of
a header is too long, and each enum has a type. No text, source or name of a test uses a word that has a better one.
Links lead to files, and each test that docs/api-changes.md names exists.

usage: check_prose.py PROJECT_DIRECTORY
"""

from __future__ import annotations

import pathlib
import re
import sys

# A word that is not used, and what is said instead.
WORDS = {
    r"told|tells?": "reported, delivered, invoked; shows",
    r"hand(?:s|ed|ing)? over": "deliver",
    r"l(?:ies?|ay) ready": "be pending",
    r"lent|lends?|lending": "borrowed, wrapped",
    r"owed|owes?": "pending completion",
    r"wish(?:es|ed)?": "request",
    r"c(?:omes?|ame) to nothing": "be discarded",
    r"(?:could not|cannot) be had|is short": "out of memory, the system refused, not supported",
    r"anew": "again, reopen, restart",
    r"is none of|that is none|that are none": "is not valid, is not one of",
    r"truth values?": "boolean",
    r"orphan(?:s|ed)?": "detached",
    r"lets? go of|gives? up": "release",
    r"at hand": "available, installed",
    r"whoever|whichever": "a subject that acts",
}
FIELDS = ("Blocks:", "Thread:", "Since:")
FUNCTION = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)?\s*WCENC_API ([^;]*?)(wcenc_\w+)\(([^;]*)\);", re.S)
COMMENT = re.compile(r"/\*\*?(.*?)\*/", re.S)
MAX_BRIEF, MAX_WORDS = 100, 25


def text_of(comment: str) -> str:
    """A comment without its stars."""
    return re.sub(r"^[ \t]*(?:/\*\*|\*/|\*) ?|\s*\*/$", "", comment, flags=re.M).strip()


def names_of(arguments: str) -> list[str]:
    found = (re.search(r"(\w+)(?:\[\d+\])?$", argument.strip()) for argument in arguments.split(","))
    return [match[1] for match in found if match and match[1] != "void"]


def check_brief(name: str, text: str) -> list[str]:
    brief = re.split(r"(?<=\.)\s", text, maxsplit=1)[0]
    problems = []
    if not re.match(r"[A-Z][a-z]+s\b", brief) or not brief.endswith("."):
        problems.append(f"{name}: its comment begins with \"{brief[:30]}\"; use a sentence that begins with a verb, as "
                        "in \"Returns the state.\"")
    if len(" ".join(brief.split())) >= MAX_BRIEF:
        problems.append(f"{name}: its first sentence has {len(brief)} characters; use fewer than {MAX_BRIEF}")
    return problems


def check_function(comment: str | None, result: str, name: str, arguments: str) -> list[str]:
    if not comment:
        return [f"{name} has no comment"]
    text = text_of(comment)
    wanted = [f"@param {parameter}" for parameter in names_of(arguments)]
    if result.strip() == "wcenc_status":
        wanted.append("@return")
    wanted += FIELDS
    places = [re.search(rf"{re.escape(field)}(?!\w)", text) for field in wanted]
    problems = [f"{name}: its comment lacks {field}" for field, place in zip(wanted, places) if not place]
    starts = [place.start() for place in places if place]
    if starts != sorted(starts):
        problems.append(f"{name}: the fields of its comment are not in the order {', '.join(wanted)}")
    table = re.search(r"^@return.*?(?=\n\n|^Blocks:|\Z)", text, re.M | re.S)
    for line in table[0].split("\n")[1:] if table else []:
        if not line.startswith("        "):
            problems.append(f"{name}: a line of its @return is not indented: \"{line[:40]}\"")
    return problems + check_brief(name, text)


def check_words(project: pathlib.Path, path: pathlib.Path) -> list[str]:
    problems, is_code = [], False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if path.suffix == ".md" and line.startswith("```"):
            is_code = not is_code
        for word, better in WORDS.items():
            found = None if is_code else re.search(rf"\b(?:{word})\b", line, re.I)
            if found:
                problems.append(f"{path.relative_to(project)}:{number}: \"{found[0]}\"; say: {better}")
    return problems


def sources_of(project: pathlib.Path) -> list[pathlib.Path]:
    """Comments and messages are prose too; this file has to name the words."""
    return [path for folder in ("src", "tests", "examples") for path in sorted((project / folder).rglob("*"))
            if path.suffix in (".c", ".h", ".cpp", ".py", ".mjs", ".sh") and "node_modules" not in path.parts
            and path.resolve() != pathlib.Path(__file__).resolve()]


def check_test_names(project: pathlib.Path) -> list[str]:
    """The words of a test's name are those of a claim."""
    problems = []
    for path in sorted((project / "tests").rglob("*.c")):
        for name in re.findall(r"^static void (\w+)\(void \*\*\w+\)$", path.read_text(), re.M):
            for word, better in WORDS.items():
                found = re.search(rf"\b(?:{word})\b", name.replace("_", " "))
                if found:
                    problems.append(f"{path.relative_to(project)}: {name} has \"{found[0]}\"; say: {better}")
    return problems


def check_sentences(path: pathlib.Path) -> list[str]:
    """Lists, tables and programs are indented, so they are no sentences."""
    problems = []
    for comment in COMMENT.findall(path.read_text()):
        lines = [re.sub(r"^[ \t]*\* ?", "", line) for line in comment.split("\n")]
        prose = "\n".join("" if re.match(r"\s{4}|\s*[-+] |-{3}|\s*@", line) else line for line in lines)
        for paragraph in re.split(r"\n\s*\n|\n(?= ?\*? ?- )", prose):
            for sentence in re.split(r"(?<=[.;:?])\s+", paragraph):
                if len(sentence.split()) > MAX_WORDS:
                    problems.append(f"{path.name}: a sentence of {len(sentence.split())} words; use at most "
                                    f"{MAX_WORDS}: \"{' '.join(sentence.split())[:60]}\"")
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


def check_links(project: pathlib.Path, path: pathlib.Path) -> list[str]:
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text())
    name = path.relative_to(project)
    return [f"{name}: there is no {target}" for target in targets if not (path.parent / target).exists()]


def main() -> int:
    project = pathlib.Path(sys.argv[1])
    headers = sorted((project / "include/wcenc").glob("*.h"))
    texts = [project / "README.md", *sorted((project / "docs").rglob("*.md"))]
    texts += [path for path in sorted((project / "examples").rglob("*.md")) if "node_modules" not in path.parts]
    problems, count = check_named_tests(project) + check_test_names(project), 0
    for path in headers + texts:
        problems += check_words(project, path)
    for path in sources_of(project):
        problems += check_words(project, path)
    for path in texts:
        problems += check_links(project, path)
    for path in headers:
        problems += check_enums(path) + check_sentences(path)
        for found in FUNCTION.finditer(path.read_text()):
            problems += check_function(*found.groups())
            count += 1
    for problem in problems:
        print(problem)
    print(f"{count} functions in {len(headers)} headers, {len(texts)} texts, {len(problems)} problems")
    return 1 if problems or not count else 0


sys.exit(main())
