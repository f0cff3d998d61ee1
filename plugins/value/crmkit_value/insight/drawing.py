"""Where the marks of the charts of value stand: a map of customers, a curve of concentration, bars of tenths.

Geometry alone, in units of the drawing; words and colours are the template's. Must not know where figures come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 96, 24, 18, 48


@frozen(kw_only=True)
class Tick:
    """A line of the frame: where it stands, and the value that it stands for."""

    at: float
    value: float


@frozen(kw_only=True)
class Dot:
    """A customer on the map."""

    x: float
    y: float
    what: Any


@frozen(kw_only=True)
class Map:
    """Customers by two measures; ``rows`` are ticks of the height, ``columns`` of the width."""

    dots: tuple[Dot, ...] = field(converter=tuple)
    rows: tuple[Tick, ...] = field(converter=tuple)
    columns: tuple[Tick, ...] = field(converter=tuple)


def value_map(points: Sequence[tuple[float, float, Any]]) -> Map:
    """Return a map of points with a share (0 to 1) across and an amount upwards; amounts go by their square roots, so
    that a few large ones do not press the others onto the floor."""
    most = max((point[1] for point in points), default=1.0) or 1.0
    amounts = [step for step in round_steps(most) if step >= 0]
    top = math.sqrt(max(amounts[-1], most))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def down(amount: float) -> float:
        return round(TOP + high * (1 - math.sqrt(max(amount, 0.0)) / top), 1)

    return Map(
        dots=[Dot(x=round(LEFT + wide * x, 1), y=down(y), what=what) for x, y, what in points],
        rows=[Tick(at=down(each), value=each) for each in amounts],
        columns=[Tick(at=round(LEFT + wide * step / 4, 1), value=step / 4) for step in range(5)],
    )


@frozen(kw_only=True)
class Curve:
    """A curve from nought to one over nought to one, with what would be if all were equal."""

    line: str
    equal: str
    ticks: tuple[Tick, ...] = field(converter=tuple)
    columns: tuple[Tick, ...] = field(converter=tuple)


def concentration(points: Sequence[tuple[float, float]]) -> Curve:
    """Return the curve of concentration: shares of customers across, of the whole upwards."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> str:
        return f"{LEFT + wide * x:.1f},{TOP + high * (1 - y):.1f}"

    steps = [step / 4 for step in range(5)]
    return Curve(
        line=" ".join(at(x, y) for x, y in points),
        equal=f"{at(0, 0)} {at(1, 1)}",
        ticks=[Tick(at=round(TOP + high * (1 - each), 1), value=each) for each in steps],
        columns=[Tick(at=round(LEFT + wide * each, 1), value=each) for each in steps],
    )


@frozen(kw_only=True)
class Pair:
    """Two bars side by side: what was expected and what happened, of a tenth of the customers."""

    x: float
    middle: float
    width: float
    expected_y: float
    happened_y: float
    expected: float
    happened: float
    number: int


@frozen(kw_only=True)
class Pairs:
    """Bars of all tenths, with the floor and ticks of the height."""

    bars: tuple[Pair, ...] = field(converter=tuple)
    rows: tuple[Tick, ...] = field(converter=tuple)
    floor: float


def tenths(deciles: Sequence[Any]) -> Pairs:
    """Return bars of tenths, each a mapping with ``decile``, ``expected`` and ``happened``."""
    most = max((max(each["expected"], each["happened"]) for each in deciles), default=1.0) or 1.0
    steps = round_steps(most)
    top = max(steps[-1], most)
    high, slot = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(len(deciles), 1)

    def down(value: float) -> float:
        return round(TOP + high * (1 - max(value, 0.0) / top), 1)

    return Pairs(
        bars=[
            Pair(
                x=round(LEFT + slot * (place + 0.14), 1),
                middle=round(LEFT + slot * (place + 0.5), 1),
                width=round(slot * 0.34, 1),
                expected_y=down(each["expected"]),
                happened_y=down(each["happened"]),
                expected=each["expected"],
                happened=each["happened"],
                number=each["decile"],
            )
            for place, each in enumerate(deciles)
        ],
        rows=[Tick(at=down(each), value=each) for each in steps],
        floor=float(HEIGHT - BOTTOM),
    )


@frozen(kw_only=True)
class Kept:
    """Shares that were kept, after each period: what happened, what the model says, and what one rate for all says."""

    happened: tuple[Dot, ...] = field(converter=tuple)
    model: str
    constant: str
    rows: tuple[Tick, ...] = field(converter=tuple)
    columns: tuple[Tick, ...] = field(converter=tuple)


def kept_lines(points: Sequence[Any]) -> Kept:
    """Return lines of points, each a mapping with ``period``, ``kept``, ``model`` and ``constant``."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    most = max(points[-1]["period"], 1)

    def at(each: Any, name: str) -> tuple[float, float]:
        return round(LEFT + wide * each["period"] / most, 1), round(TOP + high * (1 - each[name]), 1)

    def line(name: str) -> str:
        return " ".join("{},{}".format(*at(each, name)) for each in points)

    step = max(1, -(-most // 12))
    return Kept(
        happened=[Dot(x=at(each, "kept")[0], y=at(each, "kept")[1], what=each) for each in points],
        model=line("model"),
        constant=line("constant"),
        rows=[Tick(at=round(TOP + high * (1 - number / 4), 1), value=number / 4) for number in range(5)],
        columns=[Tick(at=at(each, "kept")[0], value=each["period"]) for each in points if each["period"] % step == 0],
    )


def round_steps(most: float) -> list[float]:
    """Return round values from 0 to at least a largest one, in equal steps of 1, 2 or 5 times a power of ten."""
    rough = max(most, 1e-9) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [number * size for number in range(math.ceil(most / size - 1e-9) + 1)]
