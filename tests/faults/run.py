#!/usr/bin/env python3
"""Holds the tests against faults: small changes of src/, each of which a test with a fitting id has to notice.

usage: run.py [--build DIR] [--jobs N] [--check] [--only NAME...]

faults.tsv has a line for each fault, with tabs between: its name; the file; a pattern of the code that it changes; the
code that replaces what the pattern matches; the rows of tests/conformance/rows.tsv that it breaks; and the tests, as
ctest calls them, that are to catch it, the quickest first. Faults of a file stand together.

A pattern is C code that the file has exactly once. White space does not count, so the code may be wrapped, and it may
be a part of a line or several lines. `...` in a pattern matches any code without `;`, `{` and `}`; the first `...` of
the replacement stands for what the first one of the pattern matched, and so on. `;` in the place of a statement removes
it. The shorter a pattern is, the fewer changes of the code break it.

Copies of the tree are built in DIR (build/faults), one for each of N jobs (as many as there are CPUs), with the preset
"dev", whose warnings are no errors here: a fault may well leave a variable unused. First the tests have to pass without
any fault. Then each fault is put in, what its tests need is built, and they are run. It is caught where a test function
fails that one of its rows belongs to, in the sense of tests/conformance/make_doc.py; or where a program crashes, or
does not end in several times the time that it takes, whose source has one of the rows.

With --check nothing is built: the faults are only held against src/, the rows and the tests. A run does this first: a
fault whose place is not found fails, and the others are tried.

The last line is "N passed, N failed"; the status is 0 if nothing failed.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

import make_doc  # noqa: E402

TIMEOUT_WITHOUT_FAULT = 600  # seconds
TIMEOUT_LEAST = 10  # seconds, in which a test has to end that usually takes no time
TIMEOUT_FACTOR = 5  # of the time that it takes without a fault
OUTPUT_LINES = 15  # of a command that failed

# A test that runs many times may say behind its function's name what with.
RUNS = re.compile(r"^\[ RUN      \] (\w+)(?:: .*)?$")
ENDS = re.compile(r"^\[\s+(?:OK|FAILED|SKIPPED)\s+\] (\w+)(?:: .*)?$")
FAILED = re.compile(r"^\[  FAILED  \] (\w+)(?:: .*)?$")

# A part of a program's own, in its folder.
PART = re.compile(r'^#include "(\w+)\.h"$', re.MULTILINE)

# Of C code: strings, characters, `...`, words, and every other character by itself.
TOKEN = re.compile(r"""  "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])+' | \.\.\. | \w+ | \S  """, re.VERBOSE)
ELLIPSIS = "..."
ANY_CODE = "([^;{}]*?)"

Fault = collections.namedtuple("Fault", "name file pattern faulty ids tests")


def read_faults():
    faults = []
    with open(ROOT / "tests" / "faults" / "faults.tsv", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.rstrip("\n").split("\t")
            if len(fields) != len(Fault._fields):
                sys.exit(f"faults.tsv, line {number}: {len(fields)} fields, not {len(Fault._fields)}")
            faults.append(Fault(*fields[:4], fields[4].split(), fields[5].split()))
    return faults


def is_word(token):
    return re.fullmatch(r"\w+", token) is not None


def expression_of(pattern):
    """The regular expression that matches what a pattern does. It has a group for each `...`."""
    tokens = TOKEN.findall(pattern)
    parts = [r"(?<![\w.>])" if is_word(tokens[0]) else ""]  # no end of a longer name, no member of something
    for before, token in zip([""] + tokens, tokens):
        parts.append(r"\s+" if is_word(before) and is_word(token) else r"\s*" if before else "")
        parts.append(ANY_CODE if token == ELLIPSIS else re.escape(token))
    parts.append(r"(?!\w)" if is_word(tokens[-1]) else "")
    return re.compile("".join(parts))


def place_of(text, fault):
    """The match of the fault's pattern in a file's text; None if it does not match exactly once."""
    found = list(expression_of(fault.pattern).finditer(text))
    return found[0] if len(found) == 1 else None


def replacement_of(place, fault):
    """What the fault has in its place."""
    kept = iter(place.groups())
    return re.sub(re.escape(ELLIPSIS), lambda _: next(kept), fault.faulty)


def with_fault(text, fault):
    place = place_of(text, fault)
    return text[:place.start()] + replacement_of(place, fault) + text[place.end():]


class Program:
    """What the sources of a test say: which of its functions each row belongs to. Rows of its other parts, files of its
    folder whose headers it includes, belong to all of them."""

    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        items = make_doc.items_of(make_doc.PIECES.sub(make_doc.blank, text))
        tests = [(item, make_doc.reached_from(item, items)) for item in items if item.is_test]
        self.functions = collections.defaultdict(set)
        for piece in make_doc.PIECES.finditer(text):
            if not piece.group(0).startswith("/"):
                continue
            item = make_doc.item_at(items, text, piece.start(), piece.end())
            names = [min(test.names) for test, parts in tests if id(item) in parts]
            for identifier in make_doc.ID.findall(piece.group(0)):
                self.functions[identifier].update(names)
        for part in (path.with_name(f"{name}.c") for name in PART.findall(text)):
            for identifier in make_doc.ID.findall(part.read_text(encoding="utf-8")) if part.is_file() else []:
                self.functions[identifier].update(min(test.names) for test, _ in tests)

    def fitting(self, ids):
        return set().union(*(self.functions[identifier] for identifier in ids if identifier in self.functions))

    def has_any(self, ids):
        return any(identifier in self.functions for identifier in ids)


def find_programs(faults):
    """By the name of a test: its source. Names that belong to no source, or to several, are left out."""
    programs = {}
    for name in {name for fault in faults for name in fault.tests}:
        paths = list((ROOT / "tests").glob(f"*/{name}.c"))
        if len(paths) == 1:
            programs[name] = Program(paths[0])
    return programs


def problem_of(fault, rows, programs):
    """What is wrong with the definition of a fault; None if it can be tried."""
    path = ROOT / fault.file
    if not fault.file.startswith("src/") or not path.is_file():
        return f"{fault.file} is no file of src/"
    if not fault.pattern.strip() or fault.faulty.count(ELLIPSIS) > fault.pattern.count(ELLIPSIS):
        return "no pattern, or more `...` in its replacement"
    place = place_of(path.read_text(encoding="utf-8"), fault)
    if place is None:
        return f"{fault.file} does not have this exactly once: {fault.pattern}"
    if TOKEN.findall(replacement_of(place, fault)) == TOKEN.findall(place.group()):
        return "the code is as it was"
    unknown = [identifier for identifier in fault.ids if identifier not in rows]
    if unknown or not fault.ids:
        return f"no row: {' '.join(unknown)}"
    unknown = [name for name in fault.tests if name not in programs]
    if unknown or not fault.tests:
        return f"no test with a source of its own: {' '.join(unknown)}"
    missing = [identifier for identifier in fault.ids
               if not any(programs[name].has_any([identifier]) for name in fault.tests)]
    return f"in none of its tests: {' '.join(missing)}" if missing else None


def split_by_problem(faults):
    """Those that can be tried, and pairs of a fault and what is wrong with it."""
    problems = []
    rows = make_doc.read_rows(ROOT / "tests" / "conformance" / "rows.tsv", problems)
    programs = find_programs(faults)
    good, bad, names = [], [], set()
    for fault in faults:
        problem = "its name is taken" if fault.name in names else problem_of(fault, rows, programs)
        names.add(fault.name)
        if problem:
            bad.append((fault, problem))
        else:
            good.append(fault)
    return good, bad, programs


def files_of_tree():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # a copy without git
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    return [name for name in names if name and not name.startswith("build/") and (ROOT / name).is_file()]


def copy_tree(target):
    """Files that are as they were keep their times, so that a build goes on where the last one ended."""
    names = set(files_of_tree())
    for path in [path for path in target.rglob("*") if path.is_file()] if target.exists() else []:
        if str(path.relative_to(target)) not in names:
            path.unlink()
    for name in names:
        source, copy = ROOT / name, target / name
        if copy.is_file() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        shutil.copymode(source, copy)


def run(command, directory):
    """None if the command succeeds, else the end of what it printed."""
    result = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode == 0:
        return None
    return "\n".join(result.stdout.decode(errors="replace").splitlines()[-OUTPUT_LINES:])


class Outcome:
    """How a test went."""

    def __init__(self):
        self.failed = []  # functions
        self.running = None  # the function that was at work at the end
        self.end = None  # in words, where the program did not come to its own end

    def note(self, line):
        if match := RUNS.match(line):
            self.running = match.group(1)
        elif ENDS.match(line):
            self.running = None
            if (match := FAILED.match(line)) and match.group(1) not in self.failed:
                self.failed.append(match.group(1))


def kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Test:
    """A test as ctest would run it."""

    def __init__(self, described):
        properties = {entry["name"]: entry["value"] for entry in described.get("properties", [])}
        self.command = described["command"]
        self.directory = properties.get("WORKING_DIRECTORY")
        self.environment = dict(entry.split("=", 1) for entry in properties.get("ENVIRONMENT", []))

    def run(self, timeout, wanted=frozenset()):
        """Until it has ended, one of the wanted functions has failed, or the time is over."""
        outcome, is_over = Outcome(), threading.Event()
        with subprocess.Popen(self.command, cwd=self.directory, env={**os.environ, **self.environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              start_new_session=True) as process:
            timer = threading.Timer(timeout, lambda: (is_over.set(), kill(process)))
            timer.start()
            for line in process.stdout:
                outcome.note(line.rstrip("\n"))
                if wanted.intersection(outcome.failed):
                    kill(process)
                    break
            status = process.wait()
            timer.cancel()
        if is_over.is_set():
            outcome.end = f"does not end in {timeout:.0f} s"
        elif status < 0 or (status > 0 and not outcome.failed):
            outcome.end = f"ends with status {status}"
        return outcome


class Workspace:
    """A copy of the tree and its build, for one thread."""

    def __init__(self, directory, cores):
        self.tree, self.build, self.cores = directory / "tree", directory / "build", cores
        self.tests = {}

    def prepare(self, names):
        """None, or what went wrong."""
        copy_tree(self.tree)
        command = ["cmake", "--preset", "dev", "-B", str(self.build), "-DWCENC_WERROR=OFF",
                   "-DWCENC_BUILD_EXAMPLES=OFF"]
        if shutil.which("ninja") and not (self.build / "CMakeCache.txt").exists():
            command += ["-G", "Ninja"]
        problem = run(command, self.tree) or self.make(names)
        if not problem:
            listed = subprocess.run(["ctest", "--test-dir", str(self.build), "--show-only=json-v1"],
                                    stdout=subprocess.PIPE, check=True)
            self.tests = {test["name"]: Test(test) for test in json.loads(listed.stdout)["tests"] if "command" in test}
        return problem

    def make(self, names):
        return run(["cmake", "--build", str(self.build), "-j", str(self.cores), "--target", *names], self.tree)


def in_threads(work, arguments):
    threads = [threading.Thread(target=work, args=each, daemon=True) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def work_off(work, workspace, waiting):
    while True:
        try:
            task = waiting.popleft()
        except IndexError:
            return
        work(workspace, task)


class Trial:
    """All faults over all workspaces. Each workspace has a thread, which takes what is next."""

    def __init__(self, faults, programs):
        self.programs = programs
        self.names = sorted({name for fault in faults for name in fault.tests})
        self.by_file = collections.defaultdict(list)
        for fault in faults:
            self.by_file[fault.file].append(fault)
        self.lock = threading.Lock()
        self.timeouts = {}  # by test, in seconds, of those that pass without a fault
        self.passed, self.failed, self.is_broken = 0, 0, False

    def say(self, text, passed):
        with self.lock:
            self.passed += passed
            self.failed += not passed
            print(text, flush=True)

    def prepare(self, workspace):
        problem = workspace.prepare(self.names)
        if problem:
            self.is_broken = True
            self.say(f"{workspace.tree} cannot be built:\n{problem}", False)

    def measure(self, workspace, name):
        """Without a fault a test has to pass. It gets its timeout."""
        began = time.monotonic()
        outcome = workspace.tests[name].run(TIMEOUT_WITHOUT_FAULT) if name in workspace.tests else None
        if not outcome:
            self.say(f"{name}: no test of this name", False)
        elif outcome.failed or outcome.end:
            self.say(f"{name} does not pass without a fault: {outcome.end or ', '.join(outcome.failed)}", False)
        else:
            self.timeouts[name] = TIMEOUT_LEAST + TIMEOUT_FACTOR * (time.monotonic() - began)

    def try_faults_of_file(self, workspace, faults):
        for fault in faults:
            began = time.monotonic()
            path = workspace.tree / fault.file
            text = path.read_text(encoding="utf-8")
            path.write_text(with_fault(text, fault), encoding="utf-8")
            problem = workspace.make(fault.tests)
            caught, words = (None, f"does not compile:\n{problem}") if problem else self.catch(workspace, fault)
            path.write_text(text, encoding="utf-8")
            verdict = f"caught by {caught}" if caught else f"MISSED: {words}"
            self.say(f"{fault.name} ({fault.file}): {verdict}, {time.monotonic() - began:.1f} s", bool(caught))

    def catch(self, workspace, fault):
        """Who catches a fault, or None; and what was seen instead."""
        seen = []
        for name in fault.tests:
            if name not in self.timeouts:
                seen.append(f"{name} cannot be used")
                continue
            program = self.programs[name]
            fitting = program.fitting(fault.ids)
            outcome = workspace.tests[name].run(self.timeouts[name], fitting)
            by = [function for function in outcome.failed if function in fitting]
            if by:
                return f"{by[0]} of {name}", None
            if outcome.end and program.has_any(fault.ids):
                return f"{name}, which {outcome.end}" + (f" in {outcome.running}" if outcome.running else ""), None
            others = [f"{function} of {name} fails, which has none of its rows" for function in outcome.failed]
            seen += others or [f"{name} {outcome.end or 'passes'}"]
        return None, "; ".join(seen)

    def run(self, workspaces):
        in_threads(self.prepare, [(workspace,) for workspace in workspaces])
        for work, tasks in ((self.measure, self.names), (self.try_faults_of_file, self.by_file.values())):
            if not self.is_broken:
                waiting = collections.deque(tasks)
                in_threads(work_off, [(work, workspace, waiting) for workspace in workspaces])


def parse_arguments():
    parser = argparse.ArgumentParser(description="Holds the tests against faults of src/.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "faults", help="where copies are built")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="how many copies")
    parser.add_argument("--check", action="store_true", help="builds nothing, and looks at the table only")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these faults")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    faults = [fault for fault in read_faults() if not arguments.only or fault.name in arguments.only]
    good, bad, programs = split_by_problem(faults)
    trial = Trial(good, programs)
    for fault, problem in bad:
        trial.say(f"{fault.name}: {problem}", False)
    for name in set(arguments.only or []) - {fault.name for fault in faults}:
        trial.say(f"{name}: no such fault", False)
    if arguments.check:
        trial.passed = len(good)
    elif good:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        jobs = max(1, min(arguments.jobs, len({fault.file for fault in good})))
        cores = max(1, len(os.sched_getaffinity(0)) // jobs)
        trial.run([Workspace(arguments.build.resolve() / str(number), cores) for number in range(jobs)])
    print(f"{trial.passed} passed, {trial.failed} failed")
    return 1 if trial.failed or not faults else 0


if __name__ == "__main__":
    sys.exit(main())
