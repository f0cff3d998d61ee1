"""Charts as inline SVG: bars, lines, stacked bars, histograms, intervals. No script, nothing fetched.

What is drawn has a title and a description for who cannot see it; colours come from classes, so that a page decides on
light and dark. Must not know where figures come from.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from itertools import accumulate

from attrs import field, frozen

from crmkit.engines.reports.values import ReportRun
from crmkit.engines.reports.wording import money_words, words
from crmkit.engines.statistics.distributions import Estimate
from crmkit.hooks.contributions import Chart, Column
from crmkit.i18n import texts, translate

_ = texts("crmkit")

WIDTH, HEIGHT = 720, 290
TOP, BOTTOM, RIGHT = 34, 34, 16
LINE = 26
"""Height of one row of a chart of lying bars."""
FONT = 12
WIDEST = 72
"""Most width of a standing bar."""
COLOURS = 8
"""How many colours a page has: the classes ck-s1 … ck-s8."""


@frozen(kw_only=True)
class _Scale:
    """How the values of an axis are written, and the smallest step between two of its marks."""

    say: Callable[[float], str]
    least: float = 0


@frozen(kw_only=True)
class _Series:
    title: str
    values: tuple[float | None, ...] = field(converter=tuple)
    texts: tuple[str, ...] = field(converter=tuple)
    intervals: tuple[Estimate | None, ...] = field(converter=tuple)


@frozen(kw_only=True)
class _Plane:
    """What standing charts are drawn on: each row has a slot of the width, each value its height."""

    kind: str
    labels: Sequence[str]
    series: Sequence[_Series]
    left: float
    slot: float
    y_of: Callable[[float], float]


def drawn(run: ReportRun, language: str) -> list[dict[str, str]]:
    """Return the charts of a run report, each with its title and as an SVG element."""
    return [
        {"title": translate(chart.title, language), "svg": draw(run, chart, language, number)}
        for number, chart in enumerate(run.charts, 1)
    ]


def draw(run: ReportRun, chart: Chart, language: str, number: int = 1) -> str:
    """Return a chart of a run report as an SVG element; ``number`` tells the charts of a page apart."""
    columns = {column.name: place for place, column in enumerate(run.columns)}
    x = run.columns[columns[chart.x]]
    labels = [words(row.cells[columns[chart.x]].value, x, run.moment, language) for row in run.rows]
    series: list[_Series] = []
    for name in chart.y:
        place = columns[name]
        column = run.columns[place]
        cells = [row.cells[place] for row in run.rows]
        series.append(
            _Series(
                title=translate(column.title, language),
                values=[None if cell.value is None else float(cell.value) for cell in cells],
                texts=[words(cell.value, column, run.moment, language) for cell in cells],
                intervals=[cell.interval for cell in cells],
            )
        )
    column = run.columns[columns[chart.y[0]]]
    title = translate(chart.title, language) if chart.title else ", ".join(item.title for item in series)
    lying = chart.kind == "intervals" or (chart.kind == "bars" and not _fits(labels, len(series)))
    drawing = _lying if lying else _standing
    body, height = drawing(chart.kind, labels, series, _scale(run, column, language))
    return (
        f'<svg class="ck-chart" role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg" aria-labelledby="ck-t{number} ck-d{number}">'
        f'<title id="ck-t{number}">{escape(title)}</title>'
        f'<desc id="ck-d{number}">{escape(_told(labels, series, language))}</desc>{body}</svg>'
    )


def _told(labels: Sequence[str], series: Sequence[_Series], language: str) -> str:
    """Return what the chart shows, in words."""
    if not labels:
        return translate(_("There is nothing to show."), language)
    lines = [
        f"{item.title}: " + ", ".join(f"{label} {text or '–'}" for label, text in zip(labels, item.texts, strict=True))
        for item in series
    ]
    told = "; ".join(lines)
    return told if len(told) <= 2000 else told[:1999] + "…"


def _scale(run: ReportRun, column: Column, language: str) -> _Scale:
    whole = column.kind in ("integer", "money")

    def say(value: float) -> str:
        if column.kind == "money":
            return money_words(int(value), run.moment, language, round_=True)
        return words(int(value) if whole else value, column, run.moment, language)

    # There is nothing between two pieces, or two minor units, that a mark could stand for.
    return _Scale(say=say, least=1 if whole else 0)


def width_of(text: str) -> float:
    """Return about how wide a text is, in units of the drawing; Chinese characters are as wide as they are high."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text) * FONT


def _cut(text: str, room: float) -> str:
    if width_of(text) <= room:
        return text
    kept = text
    while kept and width_of(kept + "…") > room:
        kept = kept[:-1]
    return kept + "…"


def ticks(low: float, high: float, wanted: int = 5, *, least: float = 0) -> list[float]:
    """Return round values that enclose a range, about as many as wanted, in equal steps of 1, 2 or 5 times a power of
    ten that are not smaller than ``least``, which is such a step itself or 0."""
    if high <= low:
        high = low + 1
    rough = max((high - low) / max(wanted, 1), least)
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
    return [round(place * size, 12) for place in range(first, last + 1)]


def _fits(labels: Sequence[str], series: int) -> bool:
    """Say whether labels find room below standing bars."""
    slot = (WIDTH - 80) / max(len(labels), 1)
    return slot >= 12 * series and all(width_of(label) <= slot * 1.1 for label in labels)


def _range(kind: str, series: Sequence[_Series]) -> tuple[float, float]:
    if kind == "stack":
        # What lies below nought may reach further than the sum of all.
        columns = zip(*(item.values for item in series), strict=True)
        sums = [each for column in columns for each in accumulate(value or 0 for value in column)]
        return min([0.0, *sums]), max([0.0, *sums])
    values = [value for item in series for value in item.values if value is not None]
    values += [side for item in series for found in item.intervals if found for side in (found.low, found.high) if side]
    if kind == "lines" and values and min(values) > 0 and min(values) > 0.8 * max(values):
        # A line that hardly moves shows how it moves; bars always begin at nought.
        return min(values), max(values)
    return min([0.0, *values]), max([0.0, *values])


def _text(x: float, y: float, text: str, *, anchor: str = "start", css: str = "ck-label") -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _rect(place: int, x: float, y: float, width: float, height: float, tip: str) -> str:
    # In a stack what comes first has the first colour; there are more series than colours only rarely.
    return (
        f'<rect class="ck-s{place % COLOURS + 1}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}"><title>{escape(tip)}</title></rect>'
    )


def _legend(series: Sequence[_Series]) -> str:
    if len(series) < 2:
        return ""
    parts: list[str] = []
    x, room = 8.0, (WIDTH - 8) / len(series) - 30
    for place, item in enumerate(series):
        title = _cut(item.title, max(room, 40))
        parts.append(f'<rect class="ck-s{place % COLOURS + 1}" x="{x:.1f}" y="8" width="10" height="10"/>')
        parts.append(_text(x + 14, 17, title))
        x += 28 + width_of(title)
    return "".join(parts)


def _standing(kind: str, labels: Sequence[str], series: Sequence[_Series], scale: _Scale) -> tuple[str, float]:
    low, high = _range(kind, series)
    marks = ticks(low, high, least=scale.least)
    left = max([width_of(scale.say(mark)) for mark in marks]) + 14
    low, high = marks[0], marks[-1]
    plot = HEIGHT - TOP - BOTTOM

    def y_of(value: float) -> float:
        return TOP + plot * (high - value) / (high - low)

    parts = [_legend(series)]
    for mark in marks:
        y = y_of(mark)
        css = "ck-axis" if mark == 0 else "ck-grid"
        parts.append(f'<line class="{css}" x1="{left:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(_text(left - 6, y + 4, scale.say(mark), anchor="end", css="ck-tick"))
    slot = (WIDTH - RIGHT - left) / max(len(labels), 1)
    widest = max((width_of(label) for label in labels), default=0) + 8
    every = max(1, math.ceil(widest / slot)) if slot else 1
    for place, label in enumerate(labels):
        if place % every == 0:
            parts.append(_text(left + slot * (place + 0.5), HEIGHT - 12, label, anchor="middle", css="ck-tick"))
    plane = _Plane(kind=kind, labels=labels, series=series, left=left, slot=slot, y_of=y_of)
    parts.append({"lines": _lines, "stack": _stack}.get(kind, _bars)(plane))
    return "".join(parts), HEIGHT


def _bars(plane: _Plane) -> str:
    gap = 0.02 if plane.kind == "histogram" else max(0.25, 1 - WIDEST * len(plane.series) / plane.slot)
    each = plane.slot * (1 - gap) / len(plane.series)
    parts: list[str] = []
    for number, item in enumerate(plane.series):
        for place, value in enumerate(item.values):
            if value is not None:
                x = plane.left + plane.slot * (place + gap / 2) + each * number
                y, zero = plane.y_of(max(value, 0)), plane.y_of(min(value, 0))
                parts.append(_rect(number, x, y, each, zero - y, f"{plane.labels[place]}: {item.texts[place]}"))
    return "".join(parts)


def _stack(plane: _Plane) -> str:
    parts: list[str] = []
    for place, label in enumerate(plane.labels):
        base = 0.0
        for number, item in enumerate(plane.series):
            value = item.values[place] or 0
            x, y = plane.left + plane.slot * (place + 0.12), plane.y_of(max(base, base + value))
            tip = f"{label}, {item.title}: {item.texts[place]}"
            parts.append(_rect(number, x, y, plane.slot * 0.76, plane.y_of(min(base, base + value)) - y, tip))
            base += value
    return "".join(parts)


def _lines(plane: _Plane) -> str:
    parts: list[str] = []
    for number, item in enumerate(plane.series):
        css = f"ck-l{number % COLOURS + 1}"
        strokes: list[list[tuple[float, float, str]]] = [[]]
        for place, value in enumerate(item.values):
            if value is None:
                strokes.append([])
            else:
                tip = f"{plane.labels[place]}, {item.title}: {item.texts[place]}"
                strokes[-1].append((plane.left + plane.slot * (place + 0.5), plane.y_of(value), tip))
        for stroke in filter(None, strokes):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _tip in stroke)
            parts.append(f'<polyline class="{css}" fill="none" points="{points}"/>')
            parts.extend(
                f'<circle class="ck-s{number % COLOURS + 1}" cx="{x:.1f}" cy="{y:.1f}" r="2.5">'
                f"<title>{escape(tip)}</title></circle>"
                for x, y, tip in stroke
            )
    return "".join(parts)


def _lying(kind: str, labels: Sequence[str], series: Sequence[_Series], scale: _Scale) -> tuple[str, float]:
    low, high = _range(kind, series)
    marks = ticks(low, high, least=scale.least)
    low, high = marks[0], marks[-1]
    left = min(max([60.0, *(width_of(label) + 16 for label in labels)]), WIDTH * 0.4)
    # Room for the text of the longest bar, which stands behind it.
    right = max([width_of(text) for item in series for text in item.texts] or [0]) + 24
    line = LINE * (1 if len(series) == 1 else 0.7 * len(series) + 0.3)
    height = TOP + line * len(labels) + BOTTOM

    def x_of(value: float) -> float:
        return left + (WIDTH - right - left) * (value - low) / (high - low)

    parts = [_legend(series)]
    for mark in marks:
        x = x_of(mark)
        css = "ck-axis" if mark == 0 else "ck-grid"
        parts.append(f'<line class="{css}" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - BOTTOM:.1f}"/>')
        parts.append(_text(x, height - 12, scale.say(mark), anchor="middle", css="ck-tick"))
    for place, label in enumerate(labels):
        top = TOP + line * place
        parts.append(_text(left - 8, top + line / 2 + 4, _cut(label, left - 16), anchor="end"))
        each = line * 0.76 / len(series)
        for number, item in enumerate(series):
            y = top + line * 0.12 + each * number
            parts.append(_mark(kind, item, place, number, y, each, x_of, label))
    return "".join(parts), height


def _mark(
    kind: str,
    item: _Series,
    place: int,
    number: int,
    y: float,
    each: float,
    x_of: Callable[[float], float],
    label: str,
) -> str:
    value, found = item.values[place], item.intervals[place]
    if value is None:
        return ""
    tip, end, middle = f"{label}: {item.texts[place]}", x_of(value), y + each / 2
    if kind != "intervals":
        start = min(x_of(0), end)
        rect = _rect(number, start, y, abs(end - x_of(0)), each, tip)
        return rect + _text(max(end, x_of(0)) + 6, middle + 4, item.texts[place], css="ck-tick")
    low, high = (end, end) if found is None else (x_of(found.low or 0), x_of(found.high or 0))
    css = f"ck-l{number % COLOURS + 1}"
    caps = "".join(
        f'<line class="{css}" x1="{x:.1f}" y1="{middle - 4:.1f}" x2="{x:.1f}" y2="{middle + 4:.1f}"/>'
        for x in (low, high)
    )
    whisker = f'<line class="{css}" x1="{low:.1f}" y1="{middle:.1f}" x2="{high:.1f}" y2="{middle:.1f}"/>'
    dot = f'<circle class="ck-s{number % COLOURS + 1}" cx="{end:.1f}" cy="{middle:.1f}" r="4"><title>{escape(tip)}'
    return whisker + caps + dot + "</title></circle>" + _text(high + 8, middle + 4, item.texts[place], css="ck-tick")
