"""Where the marks of the forecast's charts stand: a waterfall of a movement, a fan of what a period may bring.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from attrs import field, frozen

from crmkit_sales.forecasting.movement import LINES, Movement
from crmkit_sales.forecasting.simulation import Course, Outlook

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 118, 24, 18, 40


@frozen(kw_only=True)
class Tick:
    """A line across the drawing, with the amount that it stands for."""

    y: float
    amount: int


@frozen(kw_only=True)
class Bar:
    """A bar of a waterfall: what it is, where it stands, how much it is."""

    line: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    amount: int


@frozen(kw_only=True)
class Waterfall:
    """A movement as bars from its opening to its closing; lines without an amount are left out."""

    bars: tuple[Bar, ...] = field(converter=tuple)
    ticks: tuple[Tick, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Fan:
    """What a period may bring, day by day: the area between P10 and P90, and the line of P50.

    ``quota_y`` is the height of the quota; ``days`` are those at which the course is told, with their places.
    """

    area: str
    line: str
    points: tuple[tuple[float, float, Course], ...] = field(converter=tuple)
    ticks: tuple[Tick, ...] = field(converter=tuple)
    days: tuple[tuple[float, date], ...] = field(converter=tuple)
    quota_y: float | None


def waterfall(found: Movement) -> Waterfall:
    """Return the bars of a movement."""
    shown = [line for line in LINES if found.total(line) or line in ("opening", "closing")]
    spans: list[tuple[int, int]] = []
    level = 0
    for line in shown:
        begin = 0 if line in ("opening", "closing") else level
        level = found.total(line) if line in ("opening", "closing") else level + found.total(line)
        spans.append((begin, level))
    ticks, low, high = _scale([value for span in spans for value in span])
    slot = (WIDTH - LEFT - RIGHT) / len(shown)
    bars = [
        Bar(
            line=line,
            x=round(LEFT + slot * (place + 0.14), 1),
            y=round(_height(max(span), low, high), 1),
            width=round(slot * 0.72, 1),
            height=round(max(_height(min(span), low, high) - _height(max(span), low, high), 1.0), 1),
            middle=round(LEFT + slot * (place + 0.5), 1),
            amount=found.total(line),
        )
        for place, (line, span) in enumerate(zip(shown, spans, strict=True))
    ]
    return Waterfall(bars=bars, ticks=ticks)


def fan(found: Outlook, quota: int | None) -> Fan:
    """Return the area and the line of what a period may bring."""
    ticks, low, high = _scale([0, *(each.p90 for each in found.course), *([quota] if quota else [])])
    step = (WIDTH - LEFT - RIGHT) / max(len(found.course), 1)
    places = [round(LEFT + step * (number + 0.5), 1) for number in range(len(found.course))]

    def line(values: Sequence[int], across: Sequence[float]) -> list[str]:
        return [f"{x},{_height(value, low, high):.1f}" for x, value in zip(across, values, strict=True)]

    upper = line([each.p90 for each in found.course], places)
    lower = line([each.p10 for each in found.course], places)
    every = max(1, math.ceil(len(places) / 5))
    return Fan(
        area=" ".join([*upper, *reversed(lower)]),
        line=" ".join(line([each.p50 for each in found.course], places)),
        points=[
            (x, round(_height(each.p50, low, high), 1), each) for x, each in zip(places, found.course, strict=True)
        ],
        ticks=ticks,
        days=[(x, each.day) for x, each in list(zip(places, found.course, strict=True))[::-1][::every][::-1]],
        quota_y=None if quota is None else round(_height(quota, low, high), 1),
    )


def _height(value: int, low: int, high: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)


def _scale(values: Sequence[int]) -> tuple[list[Tick], int, int]:
    """Return round amounts that enclose some values, in equal steps of 1, 2 or 5 times a power of ten."""
    least, most = min([0, *values]), max([0, *values])
    rough = max(most - least, 4) / 4
    power = 10 ** math.floor(math.log10(rough))
    size = max(1, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999))
    first, last = math.floor(least / size), max(math.ceil(most / size), math.floor(least / size) + 1)
    low, high = first * size, last * size
    amounts = [number * size for number in range(first, last + 1)]
    return [Tick(y=round(_height(amount, low, high), 1), amount=amount) for amount in amounts], low, high
