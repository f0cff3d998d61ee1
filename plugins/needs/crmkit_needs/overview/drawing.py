"""Where the marks of the drawings stand: bars that stand beside or on each other, and a square of two shares.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 260, 48, 12, 14, 52
SIDE, MARGIN = 420, 56


@frozen(kw_only=True)
class Bar:
    """A bar: of which series (counted from 1), where, and what it stands for."""

    series: int
    x: float
    y: float
    width: float
    height: float
    value: float


@frozen(kw_only=True)
class Bars:
    """Bars with the places of their groups and the lines of the scale, each as place and what it says."""

    bars: tuple[Bar, ...] = field(converter=tuple)
    groups: tuple[tuple[float, str], ...] = field(converter=tuple)
    ticks: tuple[tuple[float, int], ...] = field(converter=tuple)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


@frozen(kw_only=True)
class Dot:
    """A point in the square, with what it stands for."""

    x: float
    y: float
    what: Any


@frozen(kw_only=True)
class Square:
    """Points by two shares, to the right and upwards, each from 0 to 1; ``ticks`` are places with their shares."""

    dots: tuple[Dot, ...] = field(converter=tuple)
    across: tuple[tuple[float, float], ...] = field(converter=tuple)
    up: tuple[tuple[float, float], ...] = field(converter=tuple)
    side: int = SIDE
    low: int = MARGIN
    high: int = SIDE - 16


def bars(rows: Sequence[Mapping[str, Any]], name: str, series: Sequence[str], *, stacked: bool = False) -> Bars:
    """Return where bars stand: one group for each row, called by its value in ``name``."""
    values = [[max(float(row.get(each) or 0), 0.0) for each in series] for row in rows]
    top = max((sum(row) if stacked else max(row, default=0.0) for row in values), default=0.0)
    step = _step(top)
    most = step * max(1, -(-int(top) // step)) if top else step
    tall, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    slot = wide / max(len(rows), 1)
    whole = min(slot * 0.8, 90.0)
    single = whole if stacked else whole / max(len(series), 1)
    made: list[Bar] = []
    for place, row in enumerate(values):
        begin, below = LEFT + slot * place + (slot - whole) / 2, 0.0
        for number, value in enumerate(row, 1):
            height = tall * value / most
            foot = HEIGHT - BOTTOM - (tall * below / most if stacked else 0)
            if value:
                made.append(
                    Bar(
                        series=number,
                        x=round(begin + (0 if stacked else single * (number - 1)), 1),
                        y=round(foot - height, 1),
                        width=round(max(single - 1, 1), 1),
                        height=round(height, 1),
                        value=value,
                    )
                )
            below += value
    groups = [(round(LEFT + slot * (place + 0.5), 1), row.get(name) or "") for place, row in enumerate(rows)]
    ticks = [(round(HEIGHT - BOTTOM - tall * each / most, 1), each) for each in range(0, int(most) + 1, step)]
    return Bars(bars=made, groups=groups, ticks=ticks)


def _step(top: float) -> int:
    """Return between which whole numbers lines are drawn: five or fewer of them."""
    step = 1
    for factor in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000):
        if top <= step * 5:
            break
        step = factor
    return step


def square(points: Sequence[tuple[float, float, Any]]) -> Square:
    """Return where points stand by two shares."""
    long = SIDE - 16 - MARGIN

    def right(share: float) -> float:
        return round(MARGIN + long * min(max(share, 0.0), 1.0), 1)

    def up(share: float) -> float:
        return round(SIDE - MARGIN - long * min(max(share, 0.0), 1.0), 1)

    quarters = [each / 4 for each in range(5)]
    return Square(
        dots=[Dot(x=right(x), y=up(y), what=what) for x, y, what in points],
        across=[(right(each), each) for each in quarters],
        up=[(up(each), each) for each in quarters],
    )
