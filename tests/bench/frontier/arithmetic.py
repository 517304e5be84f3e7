"""What is computed of sizes, times and rate-distortion points. Curves are lists of (bytes, quality)."""

import math


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values, percent):
    """The smallest value that so many per cent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def worst_second(sizes, framerate, bitrate):
    """The most bits of any second in a row, as a part of the bitrate; of all frames if there are fewer."""
    window = min(len(sizes), framerate)
    total = most = sum(sizes[:window])
    for i in range(window, len(sizes)):
        total += sizes[i] - sizes[i - window]
        most = max(most, total)
    return most * 8 * framerate / window / bitrate


def ssim_db(ssim):
    """SSIM on a scale where equal steps look about alike, as FFmpeg prints it too."""
    return -10 * math.log10(max(1e-9, 1 - ssim))


def ssim_of_db(decibels):
    return 1 - 10 ** (-decibels / 10)


def slopes(xs, ys):
    """Of a monotone cubic through the points (Fritsch and Carlson; ends as in Matlab's pchip)."""
    steps = [b - a for a, b in zip(xs, xs[1:])]
    secants = [(b - a) / step for a, b, step in zip(ys, ys[1:], steps)]
    if len(xs) == 2:
        return [secants[0], secants[0]]
    inner = []
    for i in range(1, len(xs) - 1):
        left, right = secants[i - 1], secants[i]
        if left * right <= 0:
            inner.append(0.0)
            continue
        w1, w2 = 2 * steps[i] + steps[i - 1], steps[i] + 2 * steps[i - 1]
        inner.append((w1 + w2) / (w1 / left + w2 / right))
    return [end_slope(steps[0], steps[1], secants[0], secants[1]), *inner,
            end_slope(steps[-1], steps[-2], secants[-1], secants[-2])]


def end_slope(step, next_step, secant, next_secant):
    slope = ((2 * step + next_step) * secant - step * next_secant) / (step + next_step)
    if slope * secant <= 0:
        return 0.0
    if secant * next_secant < 0 and abs(slope) > 3 * abs(secant):
        return 3 * secant
    return slope


class Curve:
    """y of x between the points; x rises."""

    def __init__(self, points):
        self.xs, self.ys = [list(values) for values in zip(*points)]
        self.slopes = slopes(self.xs, self.ys)

    def segment(self, i, t):
        """The integral of segment i from its start to the part t of it, and the value there."""
        step = self.xs[i + 1] - self.xs[i]
        y0, y1 = self.ys[i], self.ys[i + 1]
        d0, d1 = self.slopes[i] * step, self.slopes[i + 1] * step
        a, b = 2 * (y0 - y1) + d0 + d1, 3 * (y1 - y0) - 2 * d0 - d1
        value = ((a * t + b) * t + d0) * t + y0
        integral = (((a / 4 * t + b / 3) * t + d0 / 2) * t + y0) * t * step
        return integral, value

    def find(self, x):
        i = 0
        while i < len(self.xs) - 2 and x > self.xs[i + 1]:
            i += 1
        return i, (x - self.xs[i]) / (self.xs[i + 1] - self.xs[i])

    def at(self, x):
        return self.segment(*self.find(x))[1]

    def integral(self, x):
        """From the first point on."""
        i, t = self.find(x)
        return sum(self.segment(k, 1)[0] for k in range(i)) + self.segment(i, t)[0]

    def mean(self, low, high):
        return (self.integral(high) - self.integral(low)) / (high - low)


def rising(points):
    """In order of bytes, without points that another one beats in both: (log10 of bytes, quality)."""
    best = []
    for size, quality in sorted(points):
        if not best or (size > best[-1][0] and quality > best[-1][1]):
            best.append((size, quality))
    return [(math.log10(size), quality) for size, quality in best]


def bd_rate(points, reference):
    """By how many per cent more bytes the points have at the quality of the reference; None where nothing overlaps."""
    curves = []
    for some in (points, reference):
        swapped = [(quality, size) for size, quality in rising(some)]
        if len(swapped) < 2:
            return None
        curves.append(Curve(swapped))
    low, high = max(c.xs[0] for c in curves), min(c.xs[-1] for c in curves)
    if high <= low:
        return None
    return 100 * (10 ** (curves[0].mean(low, high) - curves[1].mean(low, high)) - 1)


def at_equal_bytes(points, reference, size):
    """
    The quality of both at so many bytes, and whether they had to be compared elsewhere: at the nearest number of bytes
    that both reach, or where there is none, at their nearest ends.
    """
    curves = [Curve(some) if len(some) > 1 else None
              for some in ([(math.log10(s), q) for s, q in dict(sorted(p)).items()] for p in (points, reference))]
    if None in curves:
        return points[0][1], reference[0][1], True
    x = math.log10(size)
    low, high = max(c.xs[0] for c in curves), min(c.xs[-1] for c in curves)
    if low > high:
        ends = [(c.ys[-1] if c.xs[-1] == high else c.ys[0]) for c in curves]
        return ends[0], ends[1], True
    place = min(max(x, low), high)
    return curves[0].at(place), curves[1].at(place), abs(place - x) > 0.02
