# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# Charts as SVG by plain text, so that nothing has to be installed. Every chart paints its own white
# ground and names colours once; labels sit at the data where they fit.
"""Three charts: speed against ratio, speed against threads, cost of a page."""

import html
import math

OURS, ISAL, LIBDEFLATE, ZLIB = "#1d4ed8", "#c2410c", "#0f766e", "#6b7280"
BATCH = "#60a5fa"
INK, FAINT, GRID = "#111827", "#4b5563", "#e5e7eb"


def colour(name):
    for start, value in (("deflate-iaa ×", BATCH), ("deflate-iaa", OURS), ("ISA-L", ISAL), ("libdeflate", LIBDEFLATE),
                         ("zlib", ZLIB), ("pigz", ZLIB), ("bgzip", LIBDEFLATE)):
        if name.startswith(start):
            return value
    return FAINT


class Drawing:
    """An SVG of a given size, drawn element by element."""

    def __init__(self, width, height, title):
        self.parts = [
            '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
            'font-family="Helvetica, Arial, sans-serif" font-size="12" role="img">' % (
                width, height, width, height),
            "<title>%s</title>" % html.escape(title),
            '<rect width="100%" height="100%" fill="#ffffff"/>']
        self.text(20, 28, title, size=16, weight="bold")

    def add(self, form, *values):
        self.parts.append(form % values)

    def text(self, x, y, words, size=12, fill=INK, anchor="start", weight="normal", turn=False, halo=False):
        self.add('<text x="%.1f" y="%.1f" font-size="%d" fill="%s" text-anchor="%s" '
                 'font-weight="%s"%s%s>%s</text>', x, y, size, fill, anchor, weight,
                 ' transform="rotate(-90 %.1f %.1f)"' % (x, y) if turn else "",
                 ' paint-order="stroke" stroke="#ffffff" stroke-width="3"' if halo else "",
                 html.escape(words))

    def line(self, x1, y1, x2, y2, stroke=GRID, width=1):
        self.add('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%s"/>',
                 x1, y1, x2, y2, stroke, width)

    def bar(self, x, y, width, height, fill):
        self.add('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>',
                 x, y, max(1, width), height, fill)

    def dot(self, x, y, fill, radius=5):
        self.add('<circle cx="%.1f" cy="%.1f" r="%d" fill="%s" stroke="#ffffff"/>',
                 x, y, radius, fill)

    def path(self, points, stroke):
        self.add('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>',
                 " ".join("%.1f,%.1f" % point for point in points), stroke)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts) + "\n</svg>\n")


def number(value):
    return "%.0f" % value if value >= 10 else "%.1f" % value if value >= 1 else "%.2f" % value


class Labels:
    """Places labels so that none covers another, or a dot."""

    def __init__(self, drawing, left, top, right, bottom):
        self.drawing, self.frame, self.taken = drawing, (left, top, right, bottom), []

    def keep_free(self, x, y, radius=7):
        self.taken.append((x - radius, y - radius, x + radius, y + radius))

    def place(self, x, y, words, fill, weight="normal", sides=((1, 0), (-1, 0), (0, -1), (0, 1))):
        """Beside (x, y), as near as there is room; the sides are tried in their order."""
        width, height = 7.2 * len(words), 12
        for distance in range(10, 80, 4):
            for across, down in sides:
                middle = x + across * (distance + width / 2), y + down * (distance + 1)
                box = (middle[0] - width / 2, middle[1] - height / 2,
                       middle[0] + width / 2, middle[1] + height / 2)
                inside = (self.frame[0] <= box[0] and self.frame[1] <= box[1]
                          and box[2] <= self.frame[2] and box[3] <= self.frame[3])
                if inside and not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3]
                                      for t in self.taken):
                    self.taken.append(box)
                    self.drawing.text(middle[0], middle[1] + 4, words, 11, fill, "middle", weight,
                                      halo=True)
                    return
        raise ValueError("no room for the label %s" % words)


def nice_steps(top, count=4):
    """Round steps from 0 up to at least `top`."""
    raw = top / count
    unit = 10 ** math.floor(math.log10(raw))
    step = next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= raw)
    return [i * step for i in range(math.ceil(top / step - 1e-9) + 1)]


def legend(drawing, x, y, names):
    for name in names:
        drawing.dot(x, y - 4, colour(name))
        drawing.text(x + 11, y, name, fill=FAINT)
        x += 24 + 6.6 * len(name)


def throughput_against_ratio(path, records, kinds):
    """One panel a kind, pages of 4 KiB; speed on a logarithmic scale common to all."""
    panel, gap, columns = (225, 190), (38, 58), 4
    rows = math.ceil(len(kinds) / columns)
    drawing = Drawing(60 + columns * (panel[0] + gap[0]), 80 + rows * (panel[1] + gap[1]),
                      "Compressing 4 KiB pages: speed against ratio (up and right is better)")
    engines = list(dict.fromkeys(record["engine"] for record in records))
    legend(drawing, 24, 54, engines)
    speeds = [record["megabytesPerSecond"] for record in records]
    # Half as much again on both sides, for the labels.
    low, high = math.log10(min(speeds) / 1.6), math.log10(max(speeds) * 1.6)
    ticks = [t for t in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000) if low < math.log10(t) < high]
    for index, kind in enumerate(kinds):
        left = 56 + index % columns * (panel[0] + gap[0])
        top = 90 + index // columns * (panel[1] + gap[1])
        mine = [record for record in records if record["kind"] == kind]
        ratios = [record["plainCount"] / record["outputCount"] for record in mine]
        # From 1, nothing gained, so that a place near the axis means the same in every panel.
        first, last = 1, 1 + 1.2 * (max(ratios) - 1)
        drawing.text(left, top - 8, kind, weight="bold")
        for tick in ticks:
            y = top + panel[1] * (1 - (math.log10(tick) - low) / (high - low))
            drawing.line(left, y, left + panel[0], y)
            drawing.text(left - 5, y + 4, str(tick), 11, FAINT, "end")
        step = next(s for s in (0.1, 0.2, 0.25, 0.5, 1, 2, 5) if (last - first) / s <= 6)
        for multiple in range(math.ceil(first / step), math.floor(last / step) + 1):
            x = left + panel[0] * (multiple * step - first) / (last - first)
            drawing.line(x, top, x, top + panel[1])
            drawing.text(x, top + panel[1] + 15, "%.4g" % (multiple * step), 11, FAINT, "middle")
        labels = Labels(drawing, left, top, left + panel[0], top + panel[1])
        points = [(left + panel[0] * (ratio - first) / (last - first),
                   top + panel[1] * (1 - (math.log10(record["megabytesPerSecond"]) - low) / (high - low)),
                   record) for record, ratio in zip(mine, ratios)]
        points.sort(key=lambda point: colour(point[2]["engine"]))
        for x, y, record in points:
            drawing.dot(x, y, colour(record["engine"]), 6)
            labels.keep_free(x, y)
        for x, y, record in points:
            # Ours to the right of its dot, the batch's below, the others to the left of theirs.
            sides = ((1, 0), (0, 1), (0, -1), (-1, 0))
            if record["engine"].startswith("deflate-iaa ×"):
                sides = ((0, 1), (1, 0), (0, -1), (-1, 0))
            elif not record["engine"].startswith("deflate-iaa"):
                sides = ((-1, 0), (0, -1), (0, 1), (1, 0))
            labels.place(x, y, number(record["megabytesPerSecond"]), colour(record["engine"]), "bold", sides)
        drawing.line(left, top + panel[1], left + panel[0], top + panel[1], FAINT)
        drawing.line(left, top, left, top + panel[1], FAINT)
        drawing.text(left + panel[0] / 2, top + panel[1] + 31, "ratio", 11, FAINT, "middle")
        if index % columns == 0:
            drawing.text(left - 42, top + panel[1] / 2, "MB/s", 11, FAINT, "middle", turn=True)
    drawing.save(path)


def scaling(path, rows, size):
    """Two panels: compressing and decompressing, speed against threads."""
    drawing = Drawing(860, 400, "The command on one file of %.0f MB: speed against threads" % (
        size / 1e6))
    for index, (title, names) in enumerate((
            ("compress", ["deflate-iaa", "pigz -1"]),
            ("decompress BGZF", ["deflate-iaa -d", "bgzip -d"]))):
        left, top, width, height = 70 + index * 420, 85, 310, 250
        mine = [row for row in rows if row["name"] in names]
        if not mine:
            continue
        counts = sorted({row["threads"] for row in mine})
        steps = nice_steps(max(row["megabytesPerSecond"] for row in mine))
        drawing.text(left, top - 22, title, weight="bold")
        legend(drawing, left + 145, top - 22, [n for n in names if any(
            row["name"] == n for row in mine)])
        for step in steps:
            y = top + height * (1 - step / steps[-1])
            drawing.line(left, y, left + width, y)
            drawing.text(left - 6, y + 4, "%.0f" % step, 11, FAINT, "end")

        def x_of(count):
            span = math.log2(counts[-1] / counts[0]) or 1
            return left + 20 + (width - 40) * math.log2(count / counts[0]) / span

        for count in counts:
            drawing.text(x_of(count), top + height + 17, str(count), 11, FAINT, "middle")
        drawing.text(left + width / 2, top + height + 34, "threads", 11, FAINT, "middle")
        drawing.text(left - 50, top + height / 2, "MB/s", 11, FAINT, "middle", turn=True)
        labels = Labels(drawing, left - 10, top - 14, left + width + 40, top + height)
        lines = []
        for name in names:
            points = [(x_of(row["threads"]), top + height * (
                1 - row["megabytesPerSecond"] / steps[-1]), row["megabytesPerSecond"])
                      for row in mine if row["name"] == name]
            if points:
                drawing.path([point[:2] for point in points], colour(name))
                lines.append((name, points))
        for name, points in lines:
            for x, y, _ in points:
                drawing.dot(x, y, colour(name))
                labels.keep_free(x, y, 5)
        # Above a line that is above, below one that is below.
        for index, (name, points) in enumerate(lines):
            sides = ((0, -1), (0, 1)) if index == 0 else ((0, 1), (0, -1))
            for x, y, value in points:
                labels.place(x, y, number(value), colour(name), "bold", sides + ((1, 0), (-1, 0)))
    drawing.save(path)


def page_cost(path, encode, decode, kinds):
    """Microseconds a page of 4 KiB costs, per kind: ours beside the anchor's."""
    row, left, width = 44, 100, 300
    drawing = Drawing(1000, 100 + len(kinds) * row,
                      "What one 4 KiB page costs, in microseconds (shorter is better)")
    for index, (title, records, names) in enumerate((
            ("compress", encode, ["deflate-iaa", "deflate-iaa ×64", "ISA-L"]),
            ("decompress", decode, ["deflate-iaa", "deflate-iaa ×64", "libdeflate"]))):
        start = left + index * 480
        drawing.text(start, 58, title, weight="bold")
        names = [name for name in names if any(r["engine"] == name for r in records)]
        bar = 30 / len(names) - 1
        legend(drawing, start + 105, 58, names)
        costs = {(r["kind"], r["engine"]): 4096 / r["megabytesPerSecond"] for r in records}
        longest = max(costs[kind, name] for kind in kinds for name in names)
        for position, kind in enumerate(kinds):
            y = 74 + position * row
            drawing.text(start - 8, y + 19, kind, anchor="end")
            for offset, name in enumerate(names):
                length = width * costs[kind, name] / longest
                drawing.bar(start, y + offset * (bar + 1), length, bar, colour(name))
                drawing.text(start + length + 5, y + offset * (bar + 1) + bar / 2 + 4,
                             number(costs[kind, name]), min(11, int(bar)))
        drawing.line(start, 70, start, 74 + len(kinds) * row, FAINT)
    drawing.save(path)
