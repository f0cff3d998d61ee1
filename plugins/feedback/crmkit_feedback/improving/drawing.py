"""Where the bars of impacts stand, in units of the drawing. Must not know where figures come from."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from crmkit_feedback.improving.impact import Impact

WIDTH, LEFT, RIGHT, ROW = 760, 190, 90, 32


@frozen(kw_only=True)
class Bar:
    """A theme with its impact and interval on the scale; ``x`` is where the bar begins, ``at`` where its value is."""

    impact: Impact
    y: float
    x: float
    length: float
    at: float
    low: float
    high: float


@frozen(kw_only=True)
class Bars:
    """Themes below each other on one scale around nought, with the ticks of the scale (place, value in hundredths)."""

    rows: tuple[Bar, ...] = field(converter=tuple)
    ticks: tuple[tuple[float, float], ...] = field(converter=tuple)
    height: float
    zero: float
    width: float = WIDTH
    left: float = LEFT
    right: float = WIDTH - RIGHT


def bars(found: Sequence[Impact]) -> Bars:
    """Return where the impacts of themes stand, on a scale that holds all intervals."""
    shown = [each for each in found if each.impact is not None and each.low is not None and each.high is not None]
    most = max([0.01, *(max(abs(each.low or 0.0), abs(each.high or 0.0)) for each in shown)])

    def at(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (value + most) / (2 * most), 1)

    rows = [
        Bar(
            impact=each,
            y=20 + place * ROW,
            x=min(at(0.0), at(each.impact or 0.0)),
            length=round(abs(at(each.impact or 0.0) - at(0.0)), 1),
            at=at(each.impact or 0.0),
            low=at(each.low or 0.0),
            high=at(each.high or 0.0),
        )
        for place, each in enumerate(shown)
    ]
    ticks = [(at(most * part), round(100 * most * part, 1)) for part in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    return Bars(rows=rows, ticks=ticks, height=20 + len(rows) * ROW + 24, zero=at(0.0))
