#!/usr/bin/env python3
"""Makes docs/performance.md and its plots of what wcenc-bench and wcenc-bench-convert have measured.

usage: plot.py TEMPLATE OUT_DIRECTORY JSON...

TEMPLATE is Markdown. OUT_DIRECTORY receives performance.md and performance/*.svg. Lines of TEMPLATE of the form

    @machine                        where it was measured
    @versus MEASURE METRIC [WHO]    a table with a column for each competitor, how many times the first the last is, and how
                                    many times what WHO came to with the same codec and size
    @list MEASURE                   a table with a column for each metric
    @conversions                    a table with a column for each way to convert
    @plot MEASURE METRIC... | TITLE bars of the medians with whiskers from the smallest to the largest
    @plot-each-size MEASURE METRIC | TITLE
                                    one for each size
    @source PATH                    a file of the repository
    @frontier-...                   what frontier/page.py knows

are replaced, METRIC being written with _ for spaces. Where nothing was measured they say so.
"""

import json
import os
import re
import sys

from svg import COLOURS, bars, number

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "frontier"))
# pylint: disable=wrong-import-position
import page

NOT_MEASURED = "(Not measured in this run.)"


def spread(row):
    """The median, and the smallest and largest where there are several."""
    # Of decibels a tenth is already a difference.
    write = (lambda value: f"{value:.2f}") if row["unit"] == "dB" else number
    if row["samples"] == 1 or row["min"] == row["max"]:
        return write(row["median"])
    return f"{write(row['median'])} ({write(row['min'])}–{write(row['max'])})"


def conversion_rows(document):
    """What wcenc-bench-convert has written, as rows like those of wcenc-bench."""
    rows = []
    for conversion in document["conversions"]:
        same = conversion["from"] == conversion["to"]
        for who, times in conversion["ways"].items():
            rows.append({
                "measure": "convert", "codec": None, "format": None, "metric": "time", "unit": "ms",
                "size": conversion["from"] if same else f"{conversion['from']} to {conversion['to']}",
                "setting": conversion["name"], "who": who.replace("-", " "), "samples": document["rounds"],
                "median": times["median_ms"], "min": times["min_ms"], "max": times["max_ms"],
            })
    return rows


class Results:
    def __init__(self, paths):
        self.machine = {}
        self.rows = []
        self.frontier = []  # paths of what frontier.py wrote
        for path in paths:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
            if "conversions" in document:
                self.rows += conversion_rows(document)
                continue
            if "frontier" in document:
                self.frontier.append(path)
                self.machine = document["machine"] | self.machine
                continue
            self.machine = self.machine | document["machine"]
            self.rows += document["rows"]

    def select(self, measure, metrics=None, size=None):
        return [
            row
            for row in self.rows
            if row["measure"] == measure
            and (metrics is None or row["metric"] in metrics)
            and (size is None or row["size"] == size)
        ]


def distinct(values):
    """In the order in which they come first."""
    return list(dict.fromkeys(values))


def subject(row, names):
    return tuple(row[name] or "" for name in names)


def used(rows, names):
    """Those of the names that any row has something to say of."""
    return [name for name in names if any(row[name] for row in rows)]


def markdown_table(header, lines):
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(out + ["| " + " | ".join(line) + " |" for line in lines])


def times(row, other):
    return f"{row['median'] / other['median']:.2f}" if other and other is not row and other["median"] else ""


def versus(results, measure, metric, reference=None):
    """Rows that differ in nothing but who: one line, the last competitor beside the first, and beside the reference."""
    rows = results.select(measure, [metric])
    if not rows:
        return NOT_MEASURED
    names = used(rows, ["codec", "size", "format", "setting"])
    groups = {}
    for row in rows:
        groups.setdefault(subject(row, names), []).append(row)
    references = {subject(row, ["codec", "size"]): row for row in rows if row["who"] == reference}
    most = max(len(cells) for cells in groups.values())
    lines = []
    for what, cells in groups.items():
        line = list(what) + [f"{row['who']}: {spread(row)}" for row in cells] + [""] * (most - len(cells))
        line.append(times(cells[-1], cells[0]))
        if reference:
            line.append(times(cells[-1], references.get(subject(cells[-1], ["codec", "size"]))))
        lines.append(line)
    title = f"{metric}, {rows[0]['unit']}"
    header = names + [title] + [""] * (most - 1) + ["times"] + ([f"times {reference}"] if reference else [])
    return markdown_table(header, lines)


def listing(results, measure):
    rows = results.select(measure)
    if not rows:
        return NOT_MEASURED
    names = used(rows, ["codec", "size", "format", "setting", "who"])
    metrics = distinct((row["metric"], row["unit"]) for row in rows)
    lines = []
    for what in distinct(subject(row, names) for row in rows):
        cells = {(row["metric"], row["unit"]): row for row in rows if subject(row, names) == what}
        lines.append(list(what) + [spread(cells[metric]) if metric in cells else "" for metric in metrics])
    return markdown_table(names + [", ".join(filter(None, metric)) for metric in metrics], lines)


def conversions(results):
    """A line for each conversion, a column for each way, and how many times as fast as the first each of them is."""
    rows = results.select("convert")
    if not rows:
        return NOT_MEASURED
    ways = distinct(row["who"] for row in rows)
    lines = []
    for what in distinct((row["setting"], row["size"]) for row in rows):
        cells = {row["who"]: row for row in rows if (row["setting"], row["size"]) == what}
        slow = cells[ways[0]]["median"]
        line = list(what)
        for way in ways:
            if way not in cells:
                line.append("")
                continue
            factor = f" **{slow / cells[way]['median']:.1f}×**" if way != ways[0] else ""
            line.append(spread(cells[way]) + factor)
        lines.append(line)
    return markdown_table(["conversion", "size"] + ways, lines)


def group(rows, metrics):
    """What sets the rows apart, in two levels: the last that differs, and the rest."""
    names = [name for name in ("codec", "size", "format", "setting") if len({row[name] for row in rows}) > 1]
    groups = {}
    for row in rows:
        words = [row[name] or "" for name in names] + ([row["metric"]] if len(metrics) > 1 else [])
        groups.setdefault((" ".join(words[:-1]), words[-1] if words else ""), []).append(row)
    # Competitors in the order of the legend, groups that belong together side by side.
    order = distinct(common for common, _ in groups)
    for members in groups.values():
        members.sort(key=lambda row: list(COLOURS).index(row["who"]))
    return dict(sorted(groups.items(), key=lambda item: order.index(item[0][0])))


class Writer:
    def __init__(self, results, directory, root):
        self.results = results
        self.directory = directory
        self.root = root
        self.frontier = page.Page(results.frontier, self.draw)

    def draw(self, name, svg, title):
        """Writes a plot; returns the Markdown that shows it."""
        os.makedirs(os.path.join(self.directory, "performance"), exist_ok=True)
        with open(os.path.join(self.directory, "performance", name), "w", encoding="utf-8") as file:
            file.write(svg)
        return f"![{title}](performance/{name})"

    def plot(self, title, measure, *metrics, size=None):
        rows = [row for row in self.results.select(measure, metrics, size) if row["who"] in COLOURS]
        if not rows:
            return NOT_MEASURED
        name = "-".join([measure, metrics[0].replace(" ", "-").lower()] + ([size] if size else [])) + ".svg"
        fixed = [rows[0][key] for key in ("codec", "size", "format") if len({row[key] for row in rows}) == 1]
        title = ", ".join([title, *filter(None, fixed)])
        label = f"{metrics[0] if len(metrics) == 1 else metrics[0].split()[0]}, {rows[0]['unit']}"
        return self.draw(name, bars(title, label, group(rows, metrics)), title)

    def plot_each_size(self, title, measure, metric):
        sizes = distinct(row["size"] for row in self.results.select(measure, [metric]))
        return "\n\n".join(self.plot(title, measure, metric, size=size) for size in sizes) or NOT_MEASURED

    def machine(self):
        machine = self.results.machine
        # "Chromium 156.0.1 built on Debian GNU/Linux 12 (bookworm)"
        beside = ", " + machine["browser"].partition(" built on ")[0] if "browser" in machine else ""
        return (
            f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}; FFmpeg {machine['ffmpeg']}{beside}, "
            f"libwcenc {machine['wcenc']}."
        )

    def source(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return f"```c\n{file.read()}```"

    def replace(self, line):
        """What stands for a line of the template."""
        command, _, title = (part.strip() for part in line.partition("|"))
        words = command.split()
        arguments = [word.replace("_", " ") for word in words[1:]]
        if words[0] == "@machine":
            return self.machine()
        if words[0] == "@versus":
            return versus(self.results, *arguments)
        if words[0] == "@list":
            return listing(self.results, *arguments)
        if words[0] == "@conversions":
            return conversions(self.results)
        if words[0] == "@plot":
            return self.plot(title, *arguments)
        if words[0] == "@plot-each-size":
            return self.plot_each_size(title, *arguments)
        if words[0].startswith("@frontier-"):
            return self.frontier.replace(words[0].removeprefix("@frontier-"), words[1:])
        if words[0] == "@source":
            return self.source(words[1])
        raise ValueError(f"the template has no {words[0]}")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    template, directory, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    writer = Writer(Results(paths), directory, root)
    with open(template, encoding="utf-8") as file:
        lines = file.read().split("\n")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "performance.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(writer.replace(line) if re.match(r"@\w", line) else line for line in lines))


if __name__ == "__main__":
    main()
