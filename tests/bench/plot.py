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

are replaced, METRIC being written with _ for spaces. Where nothing was measured they say so.
"""

import json
import os
import re
import sys
from xml.sax.saxutils import escape

# Of a middle brightness, so that they can be read on white and on black; the background is left transparent.
INK = "#7a828c"
GRID = "#7a828c55"
COLOURS = {
    "plain": "#d29922",
    "plain I420": "#db6d28",
    "memcpy": "#8b6fd6",
    "wcenc": "#3b82f6",
}

WIDTH, HEIGHT = 920, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 56, 64

NOT_MEASURED = "(Not measured in this run.)"


def number(value):
    """Three digits that count, as people write them."""
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 100:
        return f"{value:,.0f}"
    return f"{value:.{1 if magnitude >= 10 else 2 if magnitude >= 0.095 else 3}f}"


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
        for path in paths:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
            if "conversions" in document:
                self.rows += conversion_rows(document)
                continue
            if "frontier" in document:
                continue
            self.machine = self.machine or document["machine"]
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


def nice_step(top):
    """A step of the axis that makes four to eight ticks."""
    step = 1e-9
    while True:
        for factor in (1, 2, 5):
            if top / (step * factor) <= 8:
                return step * factor
        step *= 10


class Svg:
    def __init__(self, title):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            ' font-family="system-ui, \'DejaVu Sans\', sans-serif">',
            f"<title>{escape(title)}</title>",
        ]

    def text(self, x, y, words, size=12, anchor="middle", extra=""):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"{extra}>'
            f"{escape(words)}</text>"
        )

    def line(self, x1, y1, x2, y2, colour=INK, width=1.0):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def box(self, x, y, width, height, colour):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
        )

    def finish(self):
        return "\n".join(self.parts + ["</svg>", ""])


def draw_axis(svg, top, label):
    """The ordinate from 0 to top; returns where on the picture a value is."""
    height = HEIGHT - TOP - BOTTOM
    step = nice_step(top)

    def place(value):
        return HEIGHT - BOTTOM - height * value / top

    for i in range(int(top / step + 1e-9) + 1):
        svg.line(LEFT, place(i * step), WIDTH - RIGHT, place(i * step), INK if i == 0 else GRID)
        svg.text(LEFT - 6, place(i * step) + 4, f"{i * step:,.6g}", 11, "end")
    middle = TOP + height / 2
    svg.text(16, middle, label, 12, extra=f' transform="rotate(-90 16 {middle:.1f})"')
    return place


def draw_legend(svg, competitors):
    x = LEFT
    for who in competitors:
        svg.box(x, 32, 12, 12, COLOURS[who])
        svg.text(x + 18, 42, who, 12, "start")
        x += 18 + 8 * len(who) + 24
    svg.text(WIDTH - RIGHT, 42, "bars: medians; whiskers: smallest to largest", 11, "end")


def draw_bar(svg, place, x, width, row):
    middle = x + width / 2
    svg.box(x, place(row["median"]), width, place(0) - place(row["median"]), COLOURS[row["who"]])
    svg.line(middle, place(row["min"]), middle, place(row["max"]), INK, 1.5)
    for end in (row["min"], row["max"]):
        svg.line(middle - width / 5, place(end), middle + width / 5, place(end), INK, 1.5)
    svg.text(middle, place(row["max"]) - 5, number(row["median"]), 10 if width > 34 else 8)


def draw_labels(svg, groups, slot):
    """Below each group its own name, and below those that stand together what they have in common."""
    starts = {}
    for i, (common, own) in enumerate(groups):
        svg.text(LEFT + slot * (i + 0.5), HEIGHT - BOTTOM + 18, own)
        starts.setdefault(common, []).append(i)
    for common, places in starts.items():
        if not common:
            continue
        left, right = LEFT + slot * places[0], LEFT + slot * (places[-1] + 1)
        svg.line(left + 6, HEIGHT - BOTTOM + 26, right - 6, HEIGHT - BOTTOM + 26, GRID)
        svg.text((left + right) / 2, HEIGHT - BOTTOM + 42, common)


def bars(title, label, groups):
    """groups: {(what several have in common, its own name): rows of the competitors}"""
    svg = Svg(title)
    top = 1.12 * max(row["max"] for rows in groups.values() for row in rows)
    slot = (WIDTH - LEFT - RIGHT) / len(groups)
    most = max(len(rows) for rows in groups.values())
    svg.text(LEFT, 20, title, 15, "start")
    present = {row["who"] for rows in groups.values() for row in rows}
    draw_legend(svg, [who for who in COLOURS if who in present])
    place = draw_axis(svg, top or 1, label)
    width = min(60.0, slot * 0.76 / most)
    for i, rows in enumerate(groups.values()):
        start = LEFT + slot * (i + 0.5) - width * len(rows) / 2
        for k, row in enumerate(rows):
            draw_bar(svg, place, start + width * k + 1, width - 2, row)
    draw_labels(svg, list(groups), slot)
    return svg.finish()


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

    def plot(self, title, measure, *metrics, size=None):
        rows = [row for row in self.results.select(measure, metrics, size) if row["who"] in COLOURS]
        if not rows:
            return NOT_MEASURED
        name = "-".join([measure, metrics[0].replace(" ", "-").lower()] + ([size] if size else [])) + ".svg"
        fixed = [rows[0][key] for key in ("codec", "size", "format") if len({row[key] for row in rows}) == 1]
        title = ", ".join([title, *filter(None, fixed)])
        label = f"{metrics[0] if len(metrics) == 1 else metrics[0].split()[0]}, {rows[0]['unit']}"
        os.makedirs(os.path.join(self.directory, "performance"), exist_ok=True)
        with open(os.path.join(self.directory, "performance", name), "w", encoding="utf-8") as file:
            file.write(bars(title, label, group(rows, metrics)))
        return f"![{title}](performance/{name})"

    def plot_each_size(self, title, measure, metric):
        sizes = distinct(row["size"] for row in self.results.select(measure, [metric]))
        return "\n\n".join(self.plot(title, measure, metric, size=size) for size in sizes) or NOT_MEASURED

    def machine(self):
        machine = self.results.machine
        return (
            f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}; FFmpeg {machine['ffmpeg']}, "
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
