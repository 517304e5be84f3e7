#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/abi.json from the public headers, and what the bindings in examples/ take from it.

usage: make_abi.py [--check] [--cc COMPILER]

Names and types come from the text of the headers, sizes, offsets and values of enums from a program that the compiler
builds with them. Run it without options after each change of a public header. With --check it writes nothing: it fails
if a file is not what it would write. The status is 77 if pointers do not have 8 bytes here, since the numbers of
docs/abi.json are those of such machines.
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = "python3 tests/abi/make_abi.py"
FUNCTION = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)\s*WCENC_API ([^;]*?)(\bwcenc_\w+)\(([^;]*)\);", re.S)
CALLBACK = re.compile(r"typedef ([^;()]*?)\(\*(wcenc_\w+)\)\(([^;]*)\);")
STRUCT = re.compile(r"typedef struct (wcenc_\w+) \{(.*?)\} \1;", re.S)
OPAQUE = re.compile(r"typedef struct (wcenc_\w+) \1;")
SCALAR = re.compile(r"typedef (u?int\d+_t) (wcenc_\w+);")
ENUM = re.compile(r"enum (wcenc_\w+) \{(.*?)\};", re.S)
# The words of ctypes' types in the Python module, which has a type for each.
PYTHON_TYPES = {"int32_t": "i32", "uint32_t": "u32", "int64_t": "i64", "uint64_t": "u64", "double": "f64",
                "size_t": "size", "const char *": "text", "void": "none"}


def fail(text: str) -> None:
    sys.exit(f"make_abi.py: {text}")


# --- The text of the headers ------------------------------------------------------------------------------------------


def plain(declaration: str) -> str:
    return re.sub(r"\s+", " ", declaration).strip()


def typed_name(declaration: str) -> dict[str, object]:
    """{name, type, count}: count is the number of elements of an array."""
    found = re.fullmatch(r"(.*?)(\w+)(?:\[(\d+)\])?", plain(declaration))
    if not found or not found[1]:
        fail(f"not a declaration of one name: {declaration!r}")
    member: dict[str, object] = {"name": found[2], "type": found[1].strip()}
    if found[3]:
        member["count"] = int(found[3])
    return member


def arguments_of(text: str) -> list[dict[str, object]]:
    return [] if plain(text) == "void" else [typed_name(argument) for argument in text.split(",")]


def enum_domain(tag: str, scalars: dict[str, str]) -> str:
    """The type of the values of an enum: wcenc_state of wcenc_state_value, wcenc_capabilities of ..._capability_bit."""
    for domain in (tag.removesuffix("_value"), tag.removesuffix("_bit") + "s", tag.removesuffix("y_bit") + "ies"):
        if domain in scalars:
            return domain
    fail(f"enum {tag} has no type")


def node_of(name: str, nodes: list[tuple[str, list[str]]]) -> str:
    """The version node that exports a symbol: the one that names it, or the one whose pattern matches."""
    for matches in (lambda pattern: pattern == name, lambda pattern: fnmatch.fnmatchcase(name, pattern)):
        for node, patterns in nodes:
            if any(matches(pattern) for pattern in patterns):
                return node
    fail(f"src/wcenc.map exports no {name}")


def version_nodes() -> list[tuple[str, list[str]]]:
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "src/wcenc.map").read_text(), flags=re.S)
    return [(node, re.findall(r"[\w*]+(?=;)", body.partition("global:")[2].partition("local:")[0]))
            for node, body in re.findall(r"(\w[\w.]*) \{(.*?)\}", text, re.S)]


def read_headers() -> dict[str, object]:
    sources = [path.read_text() for path in sorted((ROOT / "include/wcenc").glob("*.h"))]
    text = "\n".join(sources)
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    scalars = {name: kind for kind, name in SCALAR.findall(bare)}
    enums = {}
    for tag, body in ENUM.findall(bare):
        domain = enum_domain(tag, scalars)
        enums[domain] = {"tag": tag, "type": scalars[domain], "values": re.findall(r"\bWCENC_\w+(?=\s*[=,\n]|\s*$)", body)}
    structs = {name: {"members": [typed_name(member) for member in body.split(";") if member.strip()]}
               for name, body in STRUCT.findall(bare)}
    callbacks = {name: {"returns": plain(result), "arguments": arguments_of(arguments)}
                 for result, name, arguments in CALLBACK.findall(bare)}
    symbols, nodes = {}, version_nodes()
    for comment, result, name, arguments in FUNCTION.findall(text):
        since = re.search(r"Since: (\d+\.\d+)", comment)
        symbols[name] = {"version": node_of(name, nodes), "since": since[1] if since else fail(f"{name} has no Since:"),
                         "returns": plain(result), "arguments": arguments_of(arguments)}
    if len(symbols) != len(re.findall(r"WCENC_API\s+[^;#]*?\bwcenc_\w+\(", bare)):
        fail("a function of the headers is not understood: each has a comment of its own")
    version = ".".join(re.search(rf"#define WCENC_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))
    return {"version": version, "pointer_size": 8, "objects": sorted(OPAQUE.findall(bare)), "scalars": scalars,
            "enums": enums, "structs": structs, "callbacks": callbacks, "symbols": symbols}


# --- The compiler's numbers -------------------------------------------------------------------------------------------


def ask_compiler(questions: list[str], compiler: str) -> list[int]:
    """The values of constant expressions of C."""
    lines = "\n".join(f'    printf("%lld\\n", (long long)({question}));' for question in questions)
    program = f"#include <stddef.h>\n#include <stdio.h>\n#include <wcenc/wcenc.h>\nint main(void)\n{{\n{lines}\n    return 0;\n}}\n"
    with tempfile.TemporaryDirectory() as directory:
        source, binary = pathlib.Path(directory) / "abi.c", pathlib.Path(directory) / "abi"
        source.write_text(program)
        subprocess.run([compiler, "-std=c11", "-I", ROOT / "include", source, "-o", binary], check=True, timeout=120)
        answers = subprocess.run([binary], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
    return [int(answer) for answer in answers.split()]


def add_numbers(abi: dict, compiler: str) -> bool:
    questions = ["sizeof(void *)"]
    for enum in abi["enums"].values():
        questions += enum["values"]
    for name, struct in abi["structs"].items():
        questions += [f"sizeof({name})", f"_Alignof({name})"]
        for member in struct["members"]:
            questions += [f"offsetof({name}, {member['name']})", f"sizeof((({name} *)0)->{member['name']})"]
    answers = iter(ask_compiler(questions, compiler))
    if next(answers) != abi["pointer_size"]:
        return False
    for enum in abi["enums"].values():
        enum["values"] = {name: next(answers) for name in enum["values"]}
    for name, struct in abi["structs"].items():
        members = struct.pop("members")
        struct.update(size=next(answers), align=next(answers), members=members)
        for member in members:
            member.update(offset=next(answers), size=next(answers))
    return True


# --- The files --------------------------------------------------------------------------------------------------------


def dump(value: object, indent: int = 0, lines_to: int = 3) -> str:
    """JSON with one line for each member, argument list and value, so that a change of one is a change of one line."""
    is_nested = isinstance(value, (dict, list)) and any(isinstance(v, (dict, list)) for v in
                                                        (value.values() if isinstance(value, dict) else value))
    if not value or not isinstance(value, (dict, list)) or not (is_nested or indent <= lines_to):
        return json.dumps(value)
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        if "arguments" in value:
            return json.dumps(value)
        items = [f"{json.dumps(key)}: {dump(item, indent + 1, lines_to)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + item for item in items) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(inner + dump(item, indent + 1, lines_to) for item in value) + "\n" + " " * indent + "]"


def python_type(abi: dict, member: dict, *, is_argument: bool = False) -> str:
    """A word of ffi.py: a kind of number, text, ptr, a struct by value or behind a pointer; with [n] so many of it."""
    kind = abi["scalars"].get(member["type"], member["type"])
    target = re.sub(r"^const | ?\*$", "", kind)
    if kind in PYTHON_TYPES:
        word = PYTHON_TYPES[kind]
    elif kind in abi["structs"] or kind in abi["callbacks"]:
        word = kind
    elif kind.endswith("*") and target in abi["structs"] and not is_argument:
        word = target + "*"
    elif kind.endswith("*"):
        word = "ptr"
    else:
        fail(f"ffi.py has no type for {kind}")
    if is_argument and ("count" in member or kind in abi["callbacks"]):
        return "ptr"
    return f"{word}[{member['count']}]" if "count" in member else word


def python_function(abi: dict, function: dict, *, is_callback: bool) -> str:
    result = python_type(abi, {"type": function["returns"]})
    if function["returns"] == "wcenc_status":
        result = "status"
    arguments = [python_type(abi, argument, is_argument=not is_callback) for argument in function["arguments"]]
    return repr((result, *arguments))


def python_module(abi: dict) -> str:
    lines = ["# SPDX-License-Identifier: MIT", f'"""The binary interface of libwcenc {abi["version"]}, as ffi.py reads it.',
             "", f"Made from docs/abi.json by `{COMMAND}`; do not edit.", '"""', "",
             f'VERSION = "{abi["version"]}"', "", "# The values of each type, bits of sets included.", "ENUMS = {"]
    for name, enum in abi["enums"].items():
        lines += [f'    "{name}": {{']
        lines += [f'        "{constant}": {value},' for constant, value in enum["values"].items()] + ["    },"]
    lines += ["}", "", "# Each struct, behind those that it contains: (name, type of ffi.py, type of C) of each member.", "STRUCTS = {"]
    for name, struct in abi["structs"].items():
        lines += [f'    "{name}": [']
        lines += [f'        ("{m["name"]}", "{python_type(abi, m)}", "{m["type"]}"),' for m in struct["members"]] + ["    ],"]
    lines += ["}", "", "# The result and the arguments of what the library invokes.", "CALLBACKS = {"]
    lines += [f'    "{name}": {python_function(abi, each, is_callback=True)},' for name, each in abi["callbacks"].items()]
    lines += ["}", "", "# The result and the arguments of each function.", "FUNCTIONS = {"]
    lines += [f'    "{name}": {python_function(abi, each, is_callback=False)},' for name, each in abi["symbols"].items()]
    return "\n".join(lines + ["}", ""])


def node_header(abi: dict) -> str:
    lines = ["/* SPDX-License-Identifier: MIT */", "#ifndef WCENC_NODE_ABI_H", "#define WCENC_NODE_ABI_H", "", "/*",
             f" * Checks that the headers fit libwcenc {abi['version']}, which the add-on was written for. Structs may be longer.",
             f" * Made from docs/abi.json by `{COMMAND}`; do not edit.", " */", "",
             "#include <stddef.h>", "#include <stdint.h>", "", "#include <wcenc/wcenc.h>", "", "/* clang-format off */"]
    for enum in abi["enums"].values():
        lines += [f'_Static_assert({name} == {value}, "{name}");' for name, value in enum["values"].items()]
    lines += ["", "#if UINTPTR_MAX == UINT64_MAX"]
    for name, struct in abi["structs"].items():
        lines += [f'_Static_assert(sizeof({name}) >= {struct["size"]}, "{name}");']
        lines += [f'_Static_assert(offsetof({name}, {m["name"]}) == {m["offset"]}, "{name}.{m["name"]}");' for m in struct["members"]]
    return "\n".join(lines + ["#endif", "/* clang-format on */", "", "#endif", ""])


def order_structs(structs: dict) -> dict:
    """Each struct behind those that it contains or points to."""
    ordered: dict = {}

    def add(name: str) -> None:
        for member in structs[name]["members"]:
            target = re.sub(r"^const | ?\*$", "", member["type"])
            if target in structs and target not in ordered and target != name:
                add(target)
        ordered.setdefault(name, structs[name])

    for name in structs:
        add(name)
    return ordered


def is_current(path: pathlib.Path, text: str) -> bool:
    old = path.read_text() if path.exists() else ""
    if old == text:
        return True
    name = str(path.relative_to(ROOT))
    difference = list(difflib.unified_diff(old.splitlines(), text.splitlines(), name, "of the headers", "", "", 0, ""))
    print("\n".join(difference[:40]))
    print(f"{name} is not what the headers say; run: {COMMAND}")
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--cc", default="cc", help="the compiler")
    options = parser.parse_args()
    abi = read_headers()
    abi["structs"] = order_structs(abi["structs"])
    if not add_numbers(abi, options.cc):
        print("skipped: pointers do not have 8 bytes")
        return 77
    files = {"docs/abi.json": dump(abi) + "\n", "examples/python/wcenc/abi.py": python_module(abi),
             "examples/node/addon/abi.h": node_header(abi)}
    if options.check:
        current = [is_current(ROOT / name, text) for name, text in files.items()]
        print(f"{len(abi['symbols'])} symbols, {len(abi['structs'])} structs, {len(abi['enums'])} enums")
        return 0 if all(current) else 1
    for name, text in files.items():
        (ROOT / name).write_text(text)
    return 0


sys.exit(main())
