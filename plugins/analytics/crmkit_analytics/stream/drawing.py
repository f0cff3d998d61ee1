"""Where the marks of charts stand: lines with bands over an axis of numbers, bars, and the cells of a heat map.

Geometry alone, in units of the drawing; words and colours are the templates'. Must not know where figures come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import field, frozen

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 18, 44
TICKS = 5


@frozen(kw_only=True)
class Mark:
    """A mark of an axis: where it stands, and the number that it stands for."""

    place: float
    value: float


@frozen(kw_only=True)
class Line:
    """One line: its points as SVG takes them, the area between its bounds, its name and where that is written."""

    name: str
    points: str
    band: str
    end: tuple[float, float]


@frozen(kw_only=True)
class Plot:
    """Lines over an axis, with marks at the left and below."""

    lines: tuple[Line, ...] = field(converter=tuple)
    ys: tuple[Mark, ...] = field(converter=tuple)
    xs: tuple[Mark, ...] = field(converter=tuple)
    size: tuple[int, int, int, int] = (WIDTH, HEIGHT, LEFT, RIGHT)


Point = tuple[float, float, float | None, float | None]
"""Across, up, and the lower and upper bound, if there are any."""


def plot(
    series: Sequence[tuple[str, Sequence[Point]]],
    *,
    most: float | None = None,
    across: float | None = None,
    steps: bool = False,
) -> Plot:
    """Return lines with bands from nought up to ``most``, or to the highest value, and from nought to ``across``, or to
    the value that is farthest right. ``steps`` draws stairs."""
    tops = [each for _name, points in series for point in points for each in (point[1], point[3]) if each is not None]
    high = most if most is not None else nice(max([*tops, 0.0]))
    farthest = max((point[0] for _name, points in series for point in points), default=1.0)
    right = across or nice(farthest)

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / right, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, high) / high, 1)

    lines: list[Line] = []
    for name, points in series:
        drawn = _stairs(points) if steps else list(points)
        path = " ".join(f"{x(each[0])},{y(each[1])}" for each in drawn)
        sure = [each for each in drawn if each[2] is not None and each[3] is not None]
        upper = [f"{x(each[0])},{y(each[3] or 0.0)}" for each in sure]
        lower = [f"{x(each[0])},{y(each[2] or 0.0)}" for each in reversed(sure)]
        end = (x(points[-1][0]), y(points[-1][1])) if points else (0.0, 0.0)
        lines.append(Line(name=name, points=path, band=" ".join([*upper, *lower]), end=end))
    ys = [Mark(place=y(high * place / TICKS), value=high * place / TICKS) for place in range(TICKS + 1)]
    marks = int(right) if across is not None and right <= 2 * TICKS and right == int(right) else TICKS
    xs = [Mark(place=x(right * place / marks), value=right * place / marks) for place in range(marks + 1)]
    return Plot(lines=lines, ys=ys, xs=xs)


def _stairs(points: Sequence[Point]) -> list[Point]:
    found: list[Point] = []
    for place, each in enumerate(points):
        if place:
            before = points[place - 1]
            found.append((each[0], before[1], before[2], before[3]))
        found.append(each)
    return found


def nice(value: float) -> float:
    """Return a round number from a value on: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= value * 0.999999)


def shade(part: float | None) -> int:
    """Return the shade of a cell of a heat map, 0 to 9, for a part of 0 to 1; more than 1 is the darkest."""
    return 0 if part is None else min(max(int(part * 10), 0), 9)
