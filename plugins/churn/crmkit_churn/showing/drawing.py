"""Where the marks of the charts stand: bars of how customers lie, reliability of what was said, intervals, Qini curves.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 18, 40


@frozen(kw_only=True)
class Tick:
    """A line across the drawing with the value that it stands for."""

    at: float
    value: float


@frozen(kw_only=True)
class Bar:
    """A bar: where it stands, from which to which probability it is, how many customers it counts."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    count: int


@frozen(kw_only=True)
class Bars:
    """Customers by tenths of probability."""

    bars: tuple[Bar, ...] = field(converter=tuple)
    ticks: tuple[Tick, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Dot:
    """A value with its interval, and what it stands for."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    item: Any


@frozen(kw_only=True)
class Dots:
    """Values with intervals against what was said, both 0 to 1."""

    dots: tuple[Dot, ...] = field(converter=tuple)
    ticks: tuple[Tick, ...] = field(converter=tuple)
    across: tuple[Tick, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Curve:
    """A line, with the straight one to compare it with, and ticks of both axes."""

    line: str
    straight: str
    ticks: tuple[Tick, ...] = field(converter=tuple)
    across: tuple[Tick, ...] = field(converter=tuple)
    nought: float


def bars(counts: Sequence[int]) -> Bars:
    """Return the bars of customers by tenths of probability."""
    ticks, _low, high = scale(counts)
    slot = (WIDTH - LEFT - RIGHT) / max(len(counts), 1)
    made = [
        Bar(
            x=round(LEFT + slot * (place + 0.06), 1),
            y=round(height(count, 0, high), 1),
            width=round(slot * 0.88, 1),
            height=round(height(0, 0, high) - height(count, 0, high), 1),
            low=place / len(counts),
            high=(place + 1) / len(counts),
            count=count,
        )
        for place, count in enumerate(counts)
    ]
    return Bars(bars=made, ticks=ticks)


def dots(bands: Sequence[Mapping[str, Any]]) -> Dots:
    """Return what was said of each band against how many left."""
    most = max((each["n"] for each in bands), default=1)
    made = [
        Dot(
            x=round(across(each["said"]), 1),
            y=round(height(each["left"], 0, 1), 1),
            low=round(height(each["left_low"], 0, 1), 1),
            high=round(height(each["left_high"], 0, 1), 1),
            radius=round(3 + 7 * math.sqrt(each["n"] / most), 1),
            item=each,
        )
        for each in bands
    ]
    parts = [0.0, 0.25, 0.5, 0.75, 1.0]
    return Dots(
        dots=made,
        ticks=[Tick(at=round(height(each, 0, 1), 1), value=each) for each in parts],
        across=[Tick(at=round(across(each), 1), value=each) for each in parts],
    )


def curve(points: Sequence[tuple[float, float]]) -> Curve:
    """Return the line of (share treated, customers kept), and the straight one of treating by chance."""
    ticks, low, high = scale([value for _share, value in points])
    line = " ".join(f"{across(share):.1f},{height(value, low, high):.1f}" for share, value in points)
    first, last = points[0], points[-1]
    straight = " ".join(f"{across(share):.1f},{height(value, low, high):.1f}" for share, value in (first, last))
    return Curve(
        line=line,
        straight=straight,
        ticks=ticks,
        across=[Tick(at=round(across(each), 1), value=each) for each in (0.0, 0.25, 0.5, 0.75, 1.0)],
        nought=round(height(0, low, high), 1),
    )


def across(share: float) -> float:
    """Return where a share of 0 to 1 stands from left to right."""
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def height(value: float, low: float, high: float) -> float:
    """Return where a value stands between two others from top to bottom."""
    return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)


def scale(values: Sequence[float]) -> tuple[list[Tick], float, float]:
    """Return whole values that enclose some, in equal steps of 1, 2 or 5 times a power of ten."""
    least, most = min([0.0, *values]), max([0.0, *values])
    rough = max(most - least, 4) / 4
    power = 10 ** math.floor(math.log10(rough))
    size = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(least / size), max(math.ceil(most / size), math.floor(least / size) + 1)
    low, high = first * size, last * size
    return [Tick(at=round(height(n * size, low, high), 1), value=n * size) for n in range(first, last + 1)], low, high
