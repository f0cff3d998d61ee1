"""Where the marks of the drawings stand: intervals of groups, and the trend with its limits.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from crmkit_feedback.measuring.scores import Figure
from crmkit_feedback.measuring.trending import Point

WIDTH, LEFT, RIGHT, ROW = 760, 190, 90, 32
HEIGHT, TOP, BOTTOM = 300, 16, 44


@frozen(kw_only=True)
class Mark:
    """A group with its value and interval on the scale."""

    figure: Figure
    y: float
    x: float
    low: float
    high: float


@frozen(kw_only=True)
class Marks:
    """Groups below each other on one scale, with the ticks of the scale (place and value in hundredths)."""

    rows: tuple[Mark, ...] = field(converter=tuple)
    ticks: tuple[tuple[float, int], ...] = field(converter=tuple)
    height: float
    width: float = WIDTH
    left: float = LEFT
    right: float = WIDTH - RIGHT


def marks(figures: Sequence[Figure], metric: str) -> Marks:
    """Return where the intervals of figures stand: NPS from -100 to 100, others from 0 to 100."""
    low = -1.0 if metric == "nps" else 0.0

    def at(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (min(max(value, low), 1.0) - low) / (1.0 - low), 1)

    shown = [each for each in figures if each.value is not None]
    rows = [
        Mark(
            figure=each,
            y=20 + place * ROW,
            x=at(each.value or 0.0),
            low=at(each.low if each.low is not None else each.value or 0.0),
            high=at(each.high if each.high is not None else each.value or 0.0),
        )
        for place, each in enumerate(shown)
    ]
    ticks = [(at(low + (1 - low) * part / 4), round(100 * (low + (1 - low) * part / 4))) for part in range(5)]
    return Marks(rows=rows, ticks=ticks, height=20 + len(shown) * ROW + 24)


@frozen(kw_only=True)
class Dot:
    """A step of the trend where it stands."""

    point: Point
    x: float
    y: float


@frozen(kw_only=True)
class Line:
    """The trend as a drawing: dots, the line through them, limits and the weighted mean as points of polylines, what
    happened as places, and the ticks of the scale (place, value in hundredths)."""

    dots: tuple[Dot, ...] = field(converter=tuple)
    values: str
    means: str
    lows: str
    highs: str
    centre: float | None
    events: tuple[tuple[float, Point], ...] = field(converter=tuple)
    ticks: tuple[tuple[float, int], ...] = field(converter=tuple)
    labels: tuple[tuple[float, Point], ...] = field(converter=tuple)
    width: float = WIDTH
    height: float = HEIGHT
    bottom: float = HEIGHT - BOTTOM


def line(points: Sequence[Point], centre: float | None) -> Line:
    """Return where the steps of a trend stand."""
    known = [each for each in points if each.figure.value is not None]
    values = [
        value
        for each in known
        for value in (each.figure.value, each.low, each.high, each.mean)
        if value is not None and -1 <= value <= 1
    ]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low < 0.1:
        low, high = low - 0.05, high + 0.05
    step = (WIDTH - 60 - 20) / max(len(points) - 1, 1)

    def x(place: int) -> float:
        return round(60 + place * step, 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - min(max(value, low), high)) / (high - low), 1)

    def poly(name: str) -> str:
        found = [(x(place), getattr(each, name)) for place, each in enumerate(points)]
        return " ".join(f"{place},{y(value)}" for place, value in found if value is not None)

    dots = [
        Dot(point=each, x=x(place), y=y(each.figure.value or 0.0))
        for place, each in enumerate(points)
        if each.figure.value is not None
    ]
    every = max(1, -(-len(points) // 8))
    return Line(
        dots=dots,
        values=" ".join(f"{each.x},{each.y}" for each in dots),
        means=poly("mean"),
        lows=poly("low"),
        highs=poly("high"),
        centre=None if centre is None else y(centre),
        events=[(x(place), each) for place, each in enumerate(points) if each.events],
        ticks=[(y(low + (high - low) * part / 4), round(100 * (low + (high - low) * part / 4))) for part in range(5)],
        labels=[(x(place), each) for place, each in enumerate(points) if place % every == 0],
    )
