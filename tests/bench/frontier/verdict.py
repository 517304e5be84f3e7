#!/usr/bin/env python3
"""What the figures of frontier.py say: a row for each codec, content and size, beside a browser.

usage: verdict.py JSON...

Realtime: libwcenc is ahead where it has at least the browser's PSNR and SSIM at equal bytes and 1.1 times its rate.
"""

import collections
import json
import sys

import arithmetic
import competitors
import content

FASTER = 1.1
KEY_SHARE = 0.2  # of a second's bits
WORST_SECOND = 1.5
# A hundredth of a decibel, and as much SSIM, is the least that is printed.
ROUNDING = {"psnr": 0.005, "ssim": 0.00005}


class Figures:
    """The cells of one or more files. Later files replace the cells of earlier ones."""

    def __init__(self, paths):
        self.machine, self.skipped, cells = {}, [], {}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
            self.machine.update(document["machine"])
            self.skipped += [entry for entry in document["skipped"] if entry not in self.skipped]
            for cell in document["cells"]:
                key = (cell["kind"], cell["who"], cell["codec"], cell["content"], cell["size"], cell["latency"],
                       cell["format"], cell["mode"], cell.get("bitrate"), cell.get("pace"))
                cells[key] = cell
        self.cells = list(cells.values())

    def select(self, kind, **wanted):
        return [cell for cell in self.cells
                if cell["kind"] == kind and all(cell.get(name) == value for name, value in wanted.items())]

    def curve(self, measure, **wanted):
        """Points (bytes, quality) in order of the bitrate; SSIM in dB."""
        points = []
        for cell in sorted(self.select("rd", **wanted), key=lambda cell: cell["bitrate"]):
            quality = cell["psnr"] if measure == "psnr" else arithmetic.ssim_db(cell["ssim"])
            points.append((cell["bytes"], quality))
        return points

    def nominal(self, **wanted):
        """The cell of the second of the bitrates, which is the one that speeds are measured at."""
        cells = sorted(self.select("rd", **wanted), key=lambda cell: cell["bitrate"])
        return cells[min(1, len(cells) - 1)] if cells else None

    def rate(self, **wanted):
        """Frames per second: median, smallest, largest; None if not measured."""
        for cell in self.select("speed", **wanted):
            return arithmetic.median(cell["rates"]), min(cell["rates"]), max(cell["rates"])
        return None

    def subjects(self, latency):
        """(codec, size, content) in the order of the tables."""
        found = {(cell["codec"], cell["size"], cell["content"]) for cell in self.cells if cell["latency"] == latency}
        codecs, contents = list(competitors.CODECS), list(content.CONTENTS)
        return sorted(found, key=lambda key: (codecs.index(key[0]), int(key[1].split("x")[0]), contents.index(key[2])))


Row = collections.namedtuple("Row", "codec size content latency encoder psnr ssim elsewhere bd_psnr bd_ssim rates times "
                             "key_share worst_second spent behind")


def differences(figures, who, other, subject):
    """PSNR and SSIM at the other's bytes at the nominal bitrate, and whether it had to be at others."""
    out, elsewhere = {}, False
    size = figures.nominal(who=other, **subject)["bytes"]
    for measure in ("psnr", "ssim"):
        curves = [figures.curve(measure, who=name, **subject) for name in (who, other)]
        ours, theirs, moved = arithmetic.at_equal_bytes(*curves, size)
        elsewhere = elsewhere or moved
        if measure == "ssim":
            ours, theirs = arithmetic.ssim_of_db(ours), arithmetic.ssim_of_db(theirs)
        out[measure] = ours - theirs
    return out, elsewhere


def bd_rates(figures, who, other, subject):
    return [arithmetic.bd_rate(*[figures.curve(measure, who=name, **subject) for name in (who, other)])
            for measure in ("psnr", "ssim")]


def compare(figures, who, other, latency, codec, size, name):
    """The row of one subject; None where one of the two was not measured."""
    subject = {"codec": codec, "size": size, "content": name, "latency": latency}
    nominal = figures.nominal(who=who, **subject)
    if not nominal or not figures.nominal(who=other, **subject):
        return None
    quality, elsewhere = differences(figures, who, other, subject)
    rates, times = {}, {}
    for fmt in ("I420", "RGBA"):
        pair = [figures.rate(who=each, format=fmt, **subject) for each in (who, other)]
        if all(pair):
            rates[fmt], times[fmt] = pair, pair[0][0] / pair[1][0]
    key_share = nominal["key_bytes"] * 8 / nominal["bitrate"]
    spent = nominal["bytes"] * 8 * content.FRAMERATE / nominal["frames"] / nominal["bitrate"]
    behind = [measure.upper() for measure in ("psnr", "ssim") if quality[measure] < -ROUNDING[measure]]
    if latency == "realtime":
        behind += [f"rate {fmt}" for fmt in times if times[fmt] < FASTER]
        behind += ["key frame"] if key_share > KEY_SHARE else []
        behind += ["worst second"] if nominal["worst_second"] > WORST_SECOND else []
    return Row(codec, size, name, latency, nominal["encoder"], quality["psnr"], quality["ssim"], elsewhere,
               *bd_rates(figures, who, other, subject), rates, times, key_share, nominal["worst_second"], spent, behind)


def rows(figures, latency, who="wcenc", other="chromium"):
    found = (compare(figures, who, other, latency, *subject) for subject in figures.subjects(latency))
    return [row for row in found if row]


def broken_bounds(cell):
    """Constant: 5 % over all of it, and no second above 1.5 times; variable: 15 %. Less is no fault if it is not needed."""
    limit = 0.05 if cell["mode"] == "constant" else 0.15
    broken = ["over"] if cell["spent"] > 1 + limit else ["under"] if cell["spent"] < 1 - limit else []
    if cell["mode"] == "constant" and cell["worst_second"] > WORST_SECOND:
        broken.append("a second")
    return broken


def signed(value, digits, unit=""):
    return "–" if value is None else f"{value:+.{digits}f}{unit}"


def line(row):
    """The columns of a row, as text."""
    rate = [f"{row.times[fmt]:.2f}" if fmt in row.times else "–" for fmt in ("I420", "RGBA")]
    return [competitors.CODECS[row.codec][0], row.size, row.content, row.encoder,
            signed(row.psnr, 2) + ("*" if row.elsewhere else ""), signed(row.ssim, 4), signed(row.bd_psnr, 1),
            signed(row.bd_ssim, 1), *rate, f"{row.key_share * 100:.0f}", f"{row.worst_second:.2f}",
            f"{row.spent * 100:.0f}", ", ".join(row.behind)]


HEADER = ["codec", "size", "content", "encoder", "PSNR, dB", "SSIM", "BD-rate PSNR, %", "BD-rate SSIM, %", "times I420",
          "times RGBA", "key frame, %", "worst second", "spent, %", "behind in"]


def choice_pairs(figures):
    """(codec, libavcodec's encoder, libwcenc's own) of which both were measured."""
    present = {(cell["codec"], cell["who"]) for cell in figures.cells}
    return [(codec, lavc, native) for codec, (lavc, native) in competitors.NAMED.items()
            if {(codec, f"wcenc {lavc}"), (codec, f"wcenc {native}")} <= present]


def choice_rows(figures, latency):
    """libwcenc's own encoder beside libavcodec's, both by name and with libwcenc's settings."""
    out = []
    for codec, lavc, native in choice_pairs(figures):
        for subject in figures.subjects(latency):
            row = subject[0] == codec and compare(figures, f"wcenc {native}", f"wcenc {lavc}", latency, *subject)
            if row:
                out.append(row)
    return out


def print_table(title, header, lines):
    if not lines:
        return
    widths = [max(len(cells[i]) for cells in [header, *lines]) for i in range(len(header))]
    print(title)
    for cells in [header, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
    print()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    figures = Figures(sys.argv[1:])
    others = sorted({cell["who"] for cell in figures.cells if cell["who"].startswith("wcenc ")})
    for latency in ("realtime", "quality"):
        for who in ["wcenc", *others]:
            print_table(f"{who} beside chromium, {latency}", HEADER, [line(row) for row in rows(figures, latency, who)])
        print_table(f"native beside libavcodec, {latency}", HEADER, [line(row) for row in choice_rows(figures, latency)])
    print_table("bounds of the bitrate", ["codec", "size", "content", "latency", "mode", "who", "spent, %", "worst second", "outside"],
                [[cell["codec"], cell["size"], cell["content"], cell["latency"], cell["mode"], cell["who"],
                  f"{cell['spent'] * 100:.1f}", f"{cell['worst_second']:.2f}", ", ".join(broken_bounds(cell))]
                 for cell in figures.select("bounds")])
    for entry in figures.skipped:
        print("left out:", ", ".join(str(value) for value in entry.values()))
    print("* compared at the nearest number of bytes that both reach")
    behind = [row for row in rows(figures, "realtime") if row.behind]
    print(f"{len(behind)} of {len(rows(figures, 'realtime'))} rows in realtime are behind")


if __name__ == "__main__":
    main()
