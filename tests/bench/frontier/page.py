"""The first part of docs/performance.md: tables and plots of what frontier.py has measured. Called by ../plot.py.

    @frontier-summary               in how many rows libwcenc is ahead of the browser
    @frontier-table LATENCY         libwcenc beside the browser: quality at equal bytes, rates
    @frontier-speed LATENCY         bars of the rates, a plot for each size and format
    @frontier-rd LATENCY            curves of PSNR over the bitrate, a plot for each codec
    @frontier-presets LATENCY       rates and BD-rates of libwcenc and of the plain loops' presets
    @frontier-latency               from encode to the chunk, at the pace of a camera
    @frontier-cpu LATENCY           CPU time of all threads
    @frontier-bounds                how far the bitrate is kept
    @frontier-choice LATENCY        libwcenc's own encoders beside libavcodec's
    @frontier-settings LATENCY      the options of the plain loops
    @frontier-skipped               what took no part
"""

import arithmetic
import competitors
import content
import verdict
from svg import COLOURS, Series, bars, number, panels

NO_BROWSER = "(No browser took part in this run.)"
NOTHING = "(Not measured in this run.)"
TITLES = {codec: entry[0] for codec, entry in competitors.CODECS.items()}


def table(header, lines):
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(out + ["| " + " | ".join(line) + " |" for line in lines])


def spread(values):
    if len(values) == 1:
        return number(values[0])
    return f"{number(arithmetic.median(values))} ({number(min(values))}–{number(max(values))})"


def short(who):
    """The plain loop's first preset is "plain" in plots."""
    return "plain" if who.startswith("plain") else who


class Page:
    def __init__(self, paths, draw):
        self.figures = verdict.Figures(paths)
        self.draw = draw

    def replace(self, command, arguments):
        return getattr(self, command)(*arguments)

    def summary(self):
        rows = verdict.rows(self.figures, "realtime")
        if not rows:
            return NO_BROWSER
        ahead = sum(1 for row in rows if not row.behind)
        return (f"In realtime libwcenc with its defaults is ahead of the browser in {ahead} of {len(rows)} rows of the "
                "table below; what each of the others is behind in stands in its last column.")

    def table(self, latency):
        lines = []
        for row in verdict.rows(self.figures, latency):
            cells = verdict.line(row)
            for i, fmt in ((8, "I420"), (9, "RGBA")):
                if fmt in row.rates:
                    ours, theirs = row.rates[fmt]
                    cells[i] = f"{number(ours[0])} : {number(theirs[0])} = {cells[i]}"
            lines.append(cells)
        return table(verdict.HEADER, lines) if lines else NO_BROWSER

    def speed(self, latency):
        out = []
        cells = [cell for cell in self.figures.select("speed", latency=latency) if self.is_shown(cell)]
        for size in self.sizes(cells):
            for fmt in ("I420", "RGBA"):
                groups = {}
                for cell in cells:
                    if cell["size"] == size and cell["format"] == fmt:
                        key = (TITLES[cell["codec"]], cell["content"])
                        groups.setdefault(key, []).append({
                            "who": short(cell["who"]), "median": arithmetic.median(cell["rates"]),
                            "min": min(cell["rates"]), "max": max(cell["rates"])})
                if not groups:
                    continue
                for rows in groups.values():
                    rows.sort(key=lambda row: list(COLOURS).index(row["who"]))
                groups = dict(sorted(groups.items(), key=lambda item: self.place(*item[0])))
                title = f"Frames per second, {latency}, {size}, {fmt}"
                name = f"frontier-speed-{latency}-{size}-{fmt.lower()}.svg"
                out.append(self.draw(name, bars(title, "frames/s", groups), title))
        return "\n\n".join(out) or NOTHING

    @staticmethod
    def place(title, name):
        """The order of what is drawn."""
        return list(TITLES.values()).index(title), list(content.CONTENTS).index(name)

    @staticmethod
    def is_first(cell):
        """Whether it is the plain loop that others are shown beside."""
        return cell["who"] == f"plain {competitors.PLAIN[cell['codec'], cell['latency']][0][0]}"

    def is_shown(self, cell):
        return cell["who"] in ("wcenc", "chromium") or self.is_first(cell)

    @staticmethod
    def sizes(cells):
        return sorted({cell["size"] for cell in cells}, key=lambda size: int(size.split("x")[0]))

    def points(self, **wanted):
        """(kbit/s, PSNR)"""
        cells = sorted(self.figures.select("rd", **wanted), key=lambda cell: cell["bitrate"])
        return [(cell["bytes"] * 8 * content.FRAMERATE / cell["frames"] / 1000, cell["psnr"]) for cell in cells]

    def rd(self, latency):
        out = []
        sizes = self.sizes(self.figures.select("rd", latency=latency))
        for codec, size in ((codec, size) for codec in competitors.CODECS for size in sizes):
            groups = {}
            for name in content.CONTENTS:
                wanted = {"codec": codec, "size": size, "content": name, "latency": latency}
                presets = [f"plain {entry[0]}" for entry in competitors.PLAIN[codec, latency]]
                series = [Series("plain, several presets", COLOURS["plain"], self.points(who=who, **wanted), is_thin=True)
                          for who in presets]
                series += [Series(who, COLOURS[who], self.points(who=who, **wanted)) for who in ("chromium", "wcenc")]
                series = [each for each in series if each.points]
                if series:
                    groups[name] = series
            if groups:
                title = f"{TITLES[codec]}, {latency}, {size}"
                svg = panels(title, ("kbit/s", "PSNR, dB"), groups)
                out.append(self.draw(f"frontier-rd-{latency}-{codec}-{size}.svg", svg, title))
        return "\n\n".join(out) or NOTHING

    def preset_points(self, codec, latency, size, name):
        """who: (frames/s, BD-rate in per cent beside the first plain preset)"""
        wanted = {"codec": codec, "size": size, "content": name, "latency": latency}
        reference = self.figures.curve("psnr", who=f"plain {competitors.PLAIN[codec, latency][0][0]}", **wanted)
        points = {}
        for who in dict.fromkeys(cell["who"] for cell in self.figures.select("rd", **wanted)):
            rate = self.figures.rate(who=who, format="I420", **wanted)
            bd_rate = arithmetic.bd_rate(self.figures.curve("psnr", who=who, **wanted), reference) if reference else None
            if rate and bd_rate is not None:
                points[who] = (rate[0], bd_rate)
        return points

    def presets(self, latency):
        """A plot for each size and content that several presets ran on, with a panel for each codec."""
        out = []
        sizes = self.sizes(self.figures.select("rd", latency=latency))
        for size, name in ((size, name) for size in sizes for name in content.CONTENTS):
            groups = {}
            for codec in competitors.CODECS:
                points = self.preset_points(codec, latency, size, name)
                plain = sorted((point, who.removeprefix("plain ")) for who, point in points.items() if who.startswith("plain"))
                if len(plain) < 2:
                    continue
                groups[TITLES[codec]] = [Series("plain", COLOURS["plain"], [point for point, _ in plain],
                                                [label for _, label in plain], is_thin=True)]
                groups[TITLES[codec]] += [Series(who, COLOURS[who], [points[who]], is_line=False)
                                          for who in ("chromium", "wcenc") if who in points]
            if groups:
                title = f"Rate and bytes, {latency}, {size}, {name}"
                svg = panels(title, ("frames/s", "BD-rate beside the plain loop, %: lower is better"), groups)
                out.append(self.draw(f"frontier-presets-{latency}-{size}-{name}.svg", svg, title))
        return "\n\n".join(out) or NOTHING

    def latency(self):
        lines = [[TITLES[cell["codec"]], cell["size"], cell["format"], str(cell["pace"]), cell["who"], spread(cell["p50"]),
                  spread(cell["p99"])] for cell in self.figures.select("latency") if not cell["who"].startswith("wcenc ")]
        return table(["codec", "size", "format", "frames/s", "who", "p50, ms", "p99, ms"], lines) if lines else NOTHING

    def cpu(self, latency):
        lines, columns = {}, ("wcenc", "chromium", "plain")
        for cell in self.figures.select("speed", latency=latency):
            if self.is_shown(cell):
                key = (TITLES[cell["codec"]], cell["size"], cell["content"], cell["format"])
                lines.setdefault(key, {})[short(cell["who"])] = spread(cell["cpu_ms"])
        header = ["codec", "size", "content", "format", *[f"{who}, ms/frame" for who in columns]]
        return table(header, [[*key, *[cells.get(who, "") for who in columns]] for key, cells in lines.items()]) \
            if lines else NOTHING

    def bounds(self):
        lines = [[TITLES[cell["codec"]], cell["size"], cell["content"], cell["latency"], cell["mode"], cell["who"],
                  f"{(cell['spent'] - 1) * 100:+.1f}", f"{cell['worst_second']:.2f}",
                  ", ".join(verdict.broken_bounds(cell))] for cell in self.figures.select("bounds")]
        header = ["codec", "size", "content", "latency", "mode", "who", "bitrate, %", "worst second", "outside"]
        return table(header, lines) if lines else NOTHING

    def choice(self, latency):
        lines = []
        for codec, lavc, native in verdict.choice_pairs(self.figures):
            for row in verdict.choice_rows(self.figures, latency):
                if row.codec == codec:
                    cells = verdict.line(row)
                    rate = row.rates.get("I420")
                    pair = f"{number(rate[0][0])} : {number(rate[1][0])} = {row.times['I420']:.2f}" if rate else ""
                    lines.append([*cells[:3], f"{native} : {lavc}", *cells[4:8], pair, cells[10]])
        header = ["codec", "size", "content", "encoders", *verdict.HEADER[4:8], "frames/s", "key frame, %"]
        return table(header, lines) if lines else NOTHING

    def settings(self, latency):
        lines = [[TITLES[codec], name, encoder, f"`{options}`"] for (codec, mode), entries in competitors.PLAIN.items()
                 if mode == latency for name, encoder, options in entries]
        return table(["codec", "name", "encoder", "options"], lines)

    def skipped(self):
        entries = [f"- {entry['who']}" + (f", {TITLES.get(entry['codec'], entry['codec'])} {entry['latency']} at {entry['size']}"
                                         if "codec" in entry else "") + f": {entry['why']}"
                   for entry in self.figures.skipped]
        return "\n".join(["Left out:", "", *entries]) if entries else "Nothing was left out."
