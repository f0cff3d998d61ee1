"""Where the marks of the drawings stand: the funnel of stages, the chain with its chances, retention by cohort.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

WIDTH, BAR, GAP, LEFT, RIGHT = 760, 34, 20, 190, 150


@frozen(kw_only=True)
class FunnelBar:
    """A bar of the funnel: a stage, how many came, how many are there, where it stands."""

    figures: Any
    y: float
    width: float
    there: float
    share: float | None


@frozen(kw_only=True)
class Funnel:
    """The funnel of stages: bars from left, as wide as how many have come."""

    bars: Sequence[FunnelBar]
    height: float
    width: float = WIDTH
    left: float = LEFT
    bar: float = BAR


def funnel(figures: Sequence[Any]) -> Funnel:
    """Return the bars of stages, with what part of all passages has come to each."""
    most = max((each.entered for each in figures), default=0) or 1
    first = figures[0].entered if figures else 0
    space = WIDTH - LEFT - RIGHT
    bars = [
        FunnelBar(
            figures=each,
            y=10 + place * (BAR + GAP),
            width=round(max(space * each.entered / most, 1.0), 1),
            there=round(space * each.there / most, 1),
            share=min(each.entered / first, 1.0) if first else None,
        )
        for place, each in enumerate(figures)
    ]
    return Funnel(bars=bars, height=20 + len(bars) * (BAR + GAP))


@frozen(kw_only=True)
class Chance:
    """A chance with its interval as a line: where it begins, ends, and the point between; the row's height."""

    label: str
    y: float
    x: float
    low: float
    high: float
    value: float
    text_low: float
    text_high: float


@frozen(kw_only=True)
class Chances:
    """Chances from each stage on a scale from 0 to 1, with the marks of the scale."""

    rows: Sequence[Chance]
    ticks: Sequence[tuple[float, float]]
    height: float
    width: float = WIDTH
    left: float = LEFT
    right: float = WIDTH - 40


def chances(rows: Sequence[tuple[str, Any]]) -> Chances:
    """Return where chances from stages stand: pairs of a title and a figure with its interval."""
    space = WIDTH - 40 - LEFT

    def at(value: float) -> float:
        return round(LEFT + space * min(max(value, 0.0), 1.0), 1)

    found = [
        Chance(
            label=title,
            y=28 + place * 34,
            x=at(each.value),
            low=at(each.low if each.low is not None else each.value),
            high=at(each.high if each.high is not None else each.value),
            value=each.value,
            text_low=each.low if each.low is not None else each.value,
            text_high=each.high if each.high is not None else each.value,
        )
        for place, (title, each) in enumerate(rows)
        if each.value is not None
    ]
    ticks = [(at(part / 4), part / 4) for part in range(5)]
    return Chances(rows=found, ticks=ticks, height=28 + len(rows) * 34 + 26)
