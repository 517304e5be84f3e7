"""Drawing of plots as SVG, which reads on white and on black."""

from xml.sax.saxutils import escape

# Of a middle brightness, so that they can be read on white and on black; the background is left transparent.
INK = "#7a828c"
GRID = "#7a828c55"
COLOURS = {
    "plain": "#d29922",
    "plain I420": "#db6d28",
    "memcpy": "#8b6fd6",
    "chromium": "#2da44e",
    "wcenc": "#3b82f6",
}

WIDTH, HEIGHT = 920, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 56, 64

# Of small plots side by side.
PANEL_HEIGHT, PANEL_LEFT, PANEL_GAP = 300, 44, 8


def number(value):
    """Three digits that count, as people write them."""
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 100:
        return f"{value:,.0f}"
    return f"{value:.{1 if magnitude >= 10 else 2 if magnitude >= 0.095 else 3}f}"


def nice_step(top):
    """A step of the axis that makes four to eight ticks."""
    step = 1e-9
    while True:
        for factor in (1, 2, 5):
            if top / (step * factor) <= 8:
                return step * factor
        step *= 10


class Svg:
    def __init__(self, title, height=HEIGHT):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
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

    def dot(self, x, y, colour, radius=3.0):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

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


class Series:
    """A line through points of a panel, or the points alone, with a name for each where it says something."""

    def __init__(self, name, colour, points, labels=(), is_thin=False, is_line=True):
        self.name, self.colour, self.points, self.labels = name, colour, points, labels
        self.is_thin, self.is_line = is_thin, is_line


def panel_axis(values, length, start, is_zero_based):
    """Where on the picture a value is, and the ticks of an axis that holds all of the values."""
    low, high = (0 if is_zero_based else min(values)), max(values)
    high, low = (high, low) if high > low else (high + 0.5, low - 0.5)
    step = nice_step((high - low) * 1.6)
    low, high = low - (0 if is_zero_based else (high - low) * 0.05), high + (high - low) * 0.08
    first = int(low // step) + (0 if low % step == 0 else 1)
    ticks = [i * step for i in range(first, int(high // step) + 1)]
    return (lambda value: start + length * (value - low) / (high - low)), ticks


def draw_series(svg, series, place_x, place_y):
    places = [(place_x(x), place_y(y)) for x, y in series.points]
    if series.is_line:
        for (x1, y1), (x2, y2) in zip(places, places[1:]):
            svg.line(x1, y1, x2, y2, series.colour, 1 if series.is_thin else 2.2)
    for place in places:
        svg.dot(*place, series.colour, 2 if series.is_thin else 3.2)
    write_labels(svg, places, series.labels)


def write_labels(svg, places, labels):
    """Each above its point, or as near as it can be without covering another."""
    letter, height = 4.6, 9  # of the font, in pixels
    taken = []
    for (x, y), label in zip(places, labels):
        width = letter * len(label)
        free = (y + away for away in (-6, 13, -15, 22, -24, 31)
                if all(abs(x - x2) > (width + width2) / 2 or abs(y + away - y2) >= height for x2, y2, width2 in taken))
        y = next(free, y - 6)
        taken.append((x, y, width))
        svg.text(x, y, label, 8)


def draw_panel(svg, left, width, name, series, labels):
    top, bottom = 74, PANEL_HEIGHT - 42
    points = [point for each in series for point in each.points]
    place_x, x_ticks = panel_axis([x for x, _ in points], width, left, True)
    place_y, y_ticks = panel_axis([y for _, y in points], top - bottom, bottom, False)
    svg.text(left + width / 2, top - 10, name, 12)
    for tick in y_ticks:
        svg.line(left, place_y(tick), left + width, place_y(tick), GRID)
        svg.text(left - 4, place_y(tick) + 3, f"{tick:,.6g}", 9, "end")
    for tick in x_ticks:
        svg.text(place_x(tick), bottom + 14, f"{tick:,.6g}", 9)
    svg.line(left, bottom, left + width, bottom, INK)
    svg.text(left + width / 2, PANEL_HEIGHT - 12, labels[0], 10)
    for each in series:
        draw_series(svg, each, place_x, place_y)


def panels(title, labels, groups):
    """Small plots side by side. labels: of abscissa and ordinate; groups: {name: [Series]}"""
    svg = Svg(title, PANEL_HEIGHT)
    svg.text(PANEL_LEFT, 20, title, 15, "start")
    x = PANEL_LEFT
    for name, colour in dict((each.name, each.colour) for group in groups.values() for each in group).items():
        svg.box(x, 32, 12, 12, colour)
        svg.text(x + 18, 42, name, 12, "start")
        x += 18 + 7 * len(name) + 24
    svg.text(WIDTH - RIGHT, 42, labels[1], 11, "end")
    slot = (WIDTH - RIGHT) / max(len(groups), 2)
    for i, (name, series) in enumerate(groups.items()):
        draw_panel(svg, slot * i + PANEL_LEFT, slot - PANEL_LEFT - PANEL_GAP, name, series, labels)
    return svg.finish()
