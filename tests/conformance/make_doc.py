#!/usr/bin/env python3
"""Writes down which tests hold the library to which row of the conformance table.

usage: make_doc.py [--check] ROWS TESTS_DIRECTORY OUT

ROWS has a line for each row: its id, what is asked for, and its kind, with tabs between. The kind is `test`,
`n/a: REASON` or `decided: REASON`. Ids of rows stand in comments beside assertions, in C and Python below
TESTS_DIRECTORY, and in JavaScript in examples/node/test beside it. OUT is written in Markdown. With --check it is
compared instead, and what is wrong is printed: a row of the kind `test` without a test, an id that is no row, too many
rows that are not applicable, or an OUT that is not what would be written.

A test of C is a function `static void NAME(void **state)`. An id that stands elsewhere, in a helper or a table, belongs
to those tests of its file that reach the helper or table; where there are none, as in programs of many files, to the
function itself. An id outside of all belongs to what ends on its line or else follows it. What is in support/ is no
test. A test of JavaScript is a call of `test` at the beginning of a line, up to the next.
"""

import ast
import difflib
import io
import os
import re
import sys
import tokenize

NOT_APPLICABLE_MAX = 60
TESTS_NAMED_MAX = 3  # of one file beside a row; of more their helper is named

SECTIONS = {
    "CON": "Making an encoder",
    "ST": "States",
    "CFG": "Configure",
    "VAL": "Valid configurations",
    "SUP": "Supported configurations",
    "STR": "Codec strings",
    "ENC": "Encode",
    "QUE": "The queue and its size",
    "FLU": "Flush",
    "RST": "Reset",
    "CLO": "Close",
    "ERR": "Errors",
    "OUT": "Chunks that come out",
    "DCF": "Decoder configs",
    "SVC": "Temporal layers",
    "ALP": "Alpha",
    "RC": "Rate control",
    "LAT": "Latency",
    "HNT": "Content hints",
    "HWA": "Hardware",
    "QP": "Quantizers",
    "AVC": "H.264 streams",
    "HEV": "HEVC streams",
    "VP8": "VP8 streams",
    "VP9": "VP9 streams",
    "AV1": "AV1 streams",
    "SCL": "Scaling",
    "HBD": "High bit depth",
    "COL": "Colour",
    "ORI": "Orientation of a stream",
    "CHK": "Chunks of one's own",
    "VFB": "Frames of memory",
    "VFF": "Frames of frames",
    "VFA": "Attributes of frames",
    "VFL": "Clone and close",
    "VFM": "Metadata of frames",
    "VFO": "Rotation and flip",
    "CPY": "Pixels out of frames",
    "FMT": "Pixel formats",
    "VCS": "Colour spaces",
    "MEM": "Memory",
    "THR": "Threads",
    "RCL": "Reclaiming codecs",
    "SEC": "Security",
    "NA": "What belongs to browsers",
    "DEF": "Where the specification contradicts itself",
    "WPT": "What the web-platform tests ask of the binding for Node",
}

PREFACE = """\
# What WebCodecs asks for, and what holds the library to it

Each row is one behaviour of encoding video with WebCodecs, as the W3C specification, the registrations of its codecs
and the tests of browsers have it, in the terms of [this library](../include/wcenc). Beside it stand the tests that
assert it, in files below `tests/` or of the binding for Node; or why it has no counterpart in C; or what was decided
instead, and why. Where a helper or a table serves many tests, it is named in their place.

`tests/conformance/make_doc.py` makes this file of `tests/conformance/rows.tsv` and of the ids in comments beside
assertions. With `--check` it fails where a row has no test, a test names no row, or this file is not what the two make.

{total} rows: {tested} are tested, {decided} decided otherwise, {absent} not applicable.
"""

ID = re.compile(r"\b[A-Z][A-Z0-9]{1,2}-[0-9]{2,3}\b")
IDENTIFIER = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")  # no member of something
PIECES = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
POINTER_NAME = re.compile(r"\(\s*\*\s*(?:const\s+)?(\w+)")
VARIABLE_NAME = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*[=;]")
MODULE_TEST = re.compile(r"""^test\((['"])(.*?)\1,""", re.MULTILINE)
MODULES = os.path.join("examples", "node", "test")
TEST_HEAD = re.compile(r"\bvoid\s+(\w+)\s*\(\s*void\s*\*\s*\*\s*\w+\s*\)\s*$")


class Row:
    def __init__(self, fields):
        self.id, self.behaviour, self.kind = fields
        self.kind, _, self.reason = (part.strip() for part in self.kind.partition(":"))


def read_rows(path, problems):
    rows = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.rstrip("\n").split("\t")
            row = Row(fields) if len(fields) == 3 else None
            if not row or not ID.fullmatch(row.id) or not row.behaviour or row.id in rows:
                problems.append(f"{os.path.basename(path)}, line {number}: not a new id, a behaviour and a kind")
            elif (row.kind, bool(row.reason)) not in (("test", False), ("n/a", True), ("decided", True)):
                problems.append(f"{row.id}: the kind is neither `test` nor `n/a` nor `decided` with a reason")
            elif section_of(row.id) not in SECTIONS:
                problems.append(f"{row.id}: make_doc.py has no title for {section_of(row.id)}")
            else:
                rows[row.id] = row
    return rows


def section_of(identifier):
    return identifier.partition("-")[0]


class Item:
    """Something at the outermost level of a C file: a function, a table, an enum, a macro."""

    def __init__(self, start, end, code):
        self.start, self.end = start, end
        self.names, self.is_test = names_of(code)
        self.used = set(IDENTIFIER.findall(code))


def names_of(code):
    """What an item declares, and whether it is a test."""
    stripped = code.strip()
    if stripped.startswith("#"):
        match = re.match(r"#\s*define\s+(\w+)", stripped)
        return ({match.group(1)} if match else set()), False
    head = stripped.partition("{")[0]
    if head.rstrip().endswith(")"):
        test = TEST_HEAD.search(head)
        return {re.search(r"(\w+)\s*\(", head).group(1)}, bool(test)
    if re.match(r"(typedef\s+)?enum\b", stripped):
        return {match.group(1) for match in re.finditer(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[=,}])", stripped)}, False
    outside = without_braces(stripped)
    match = POINTER_NAME.search(outside) or VARIABLE_NAME.search(outside)
    return ({match.group(1)} if match else set()), False


def without_braces(code):
    """A declaration without its members and values."""
    parts, depth = [], 0
    for part in re.split(r"([{}])", code):
        depth += (part == "{") - (part == "}")
        if depth == 0 and part != "}":
            parts.append(part)
    return " ".join(parts)


def blank(match):
    """Comments and texts as white space of the same shape, so that places stay what they are."""
    return re.sub(r"[^\n]", " ", match.group(0))


def items_of(code):
    """The items of C code without comments and texts."""
    items, start, depth, place, opened = [], None, 0, 0, None
    while place < len(code):
        char = code[place]
        if start is None and char == "#":
            end = place
            while (line_end := code.find("\n", end)) > 0 and code[line_end - 1] == "\\":
                end = line_end + 1
            end = line_end if line_end >= 0 else len(code)
            items.append(Item(place, end, code[place:end]))
            place = end
            continue
        if start is None and not char.isspace():
            start = place
        if char in "({[":
            if char == "{" and depth == 0:
                opened = code[start:place].rstrip()
            depth += 1
        elif char in ")}]":
            depth -= 1
        ends_function = char == "}" and depth == 0 and opened is not None and opened.endswith(")")
        if start is not None and depth == 0 and (char == ";" or ends_function):
            items.append(Item(start, place + 1, code[start:place + 1]))
            start, opened = None, None
        place += 1
    return items


def item_at(items, text, start, end):
    """The item that a comment belongs to; None if there is none."""
    for item in items:
        if item.start <= start < item.end:
            return item
        if item.end <= start and "\n" not in text[item.end:start]:
            return item
        if item.start >= end and item.names:
            return item
    return None


def reached_from(test, items):
    """Everything of the file that a test makes use of, itself included."""
    owners = {}
    for item in items:
        for name in item.names:
            owners.setdefault(name, []).append(item)
    reached, waiting = {id(test)}, [test]
    while waiting:
        for name in waiting.pop().used:
            for item in owners.get(name, []):
                if id(item) not in reached and not item.is_test:
                    reached.add(id(item))
                    waiting.append(item)
    return reached


def name_of(item):
    return f"`{min(item.names)}`"


def tests_of(item, reached):
    """In words, those tests that an id belongs to which stands in the item; none if it stands nowhere."""
    if not item or not item.names:
        return []
    tests = [name_of(test) for test, parts in reached if id(item) in parts]
    if len(tests) > TESTS_NAMED_MAX:
        return [f"{name_of(item)} of {len(tests)} tests"]
    return tests or [name_of(item)]


def ids_of_c(text):
    """Pairs of an id and the tests that it belongs to."""
    items = items_of(PIECES.sub(blank, text))
    reached = [(item, reached_from(item, items)) for item in items if item.is_test]
    for piece in PIECES.finditer(text):
        ids = ID.findall(piece.group(0)) if piece.group(0).startswith("/") else []
        tests = tests_of(item_at(items, text, piece.start(), piece.end()), reached) if ids else []
        for identifier in ids:
            yield identifier, tests


def ids_of_python(text):
    """The same for Python, where the outermost function counts."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        ids = ID.findall(token.string) if token.type == tokenize.COMMENT else []
        around = [node.name for node in functions if node.lineno <= token.start[0] <= node.end_lineno]
        for identifier in ids:
            yield identifier, [f"`{around[0]}`" if around else "all"]


def ids_of_module(text):
    """The same for JavaScript."""
    tests = [(match.start(), match.group(2)) for match in MODULE_TEST.finditer(text)]
    for comment in re.finditer(r"//[^\n]*", text):
        before = [title for start, title in tests if start <= comment.start()]
        for identifier in ID.findall(comment.group(0)):
            yield identifier, [f"`{title}`" for title in before[-1:]]


READERS = {".c": ids_of_c, ".h": ids_of_c, ".mjs": ids_of_module, ".py": ids_of_python}


def sources(directory):
    yield from files_below(directory, (".c", ".h", ".py"), directory)
    root = os.path.dirname(os.path.abspath(directory))
    yield from files_below(os.path.join(root, MODULES), (".mjs",), root)


def files_below(directory, endings, origin):
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            if name.endswith(endings):
                path = os.path.join(folder, name)
                yield path, os.path.relpath(path, origin).replace(os.sep, "/")


def find_tests(directory, rows, problems):
    """By id: by file: tests, in the order in which they stand there."""
    found = {}
    for path, relative in sources(directory):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for identifier, tests in READERS[os.path.splitext(path)[1]](text):
            if identifier not in rows:
                problems.append(f"{relative}: {identifier} is no row")
            elif not tests:
                problems.append(f"{relative}: {identifier} stands beside nothing")
            elif not relative.startswith("support/"):
                known = found.setdefault(identifier, {}).setdefault(relative, [])
                known.extend(test for test in tests if test not in known)
    return found


def where(tests):
    """The tests of a row in words."""
    return "; ".join(f"{', '.join(names)} in `{file}`" for file, names in sorted(tests.items()))


def cell(row, tests):
    if row.kind == "test":
        return where(tests) if tests else "none"
    reason = ("Not applicable: " if row.kind == "n/a" else "Decided otherwise: ") + row.reason
    return reason + (f" ({where(tests)})" if tests else "")


def make_document(rows, found):
    kinds = [row.kind for row in rows.values()]
    parts = [PREFACE.format(total=len(kinds), tested=kinds.count("test"), decided=kinds.count("decided"),
                            absent=kinds.count("n/a"))]
    section = None
    for row in rows.values():
        if section_of(row.id) != section:
            section = section_of(row.id)
            parts.append(f"\n## {SECTIONS[section]}\n\n| row | behaviour | tests |\n|---|---|---|\n")
        texts = (row.id, row.behaviour, cell(row, found.get(row.id, {})))
        parts.append("| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |\n")
    return "".join(parts)


def check_rows(rows, found, problems):
    problems += [f"{row.id}: no test, but it should have one: {row.behaviour}"
                 for row in rows.values() if row.kind == "test" and row.id not in found]
    absent = sum(row.kind == "n/a" for row in rows.values())
    if absent > NOT_APPLICABLE_MAX:
        problems.append(f"{absent} rows are not applicable, {NOT_APPLICABLE_MAX} may be")


def check_document(path, document, problems):
    present = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            present = file.read()
    if present == document:
        return
    lines = difflib.unified_diff(present.splitlines(), document.splitlines(), "as it is", "as it would be made", "", "",
                                 0, "")
    problems.append(f"{os.path.basename(path)} is not what make_doc.py makes:\n" + "\n".join(lines))


def main():
    arguments = sys.argv[1:]
    is_check = arguments[:1] == ["--check"]
    if len(arguments) - is_check != 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    rows_path, directory, out = arguments[is_check:]
    problems = []
    rows = read_rows(rows_path, problems)
    found = find_tests(directory, rows, problems)
    document = make_document(rows, found)
    check_rows(rows, found, problems)
    if is_check:
        check_document(out, document, problems)
    else:
        with open(out, "w", encoding="utf-8", newline="\n") as file:
            file.write(document)
    for problem in problems:
        print(problem)
    print(f"{len(rows)} rows, {len(found)} of them with tests, {len(problems)} problems")
    return 1 if is_check and problems else 0


if __name__ == "__main__":
    sys.exit(main())
