"""Where the bars of a drawing stand: geometry alone, in units of the drawing; words and colours are the template's.

Must not know where figures come from.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 240, 64, 12, 14, 40
_STEPS = (1, 2, 5)


@frozen(kw_only=True)
class Bar:
    """A bar: of which series (counted from 1), where, and what it stands for."""

    series: int
    x: float
    y: float
    width: float
    height: float
    value: int


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


def bars(rows: Sequence[tuple[str, Sequence[int]]]) -> Bars:
    """Return where bars stand beside each other, one group for each row; nothing stands for what is below nought."""
    top = max((value for _name, values in rows for value in values), default=0)
    step = _step(max(top, 0))
    most = step * max(1, -(-max(top, 0) // step))
    tall = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    made: list[Bar] = []
    for place, (_name, values) in enumerate(rows):
        whole = min(slot * 0.8, 110.0)
        single = whole / max(len(values), 1)
        begin = LEFT + slot * place + (slot - whole) / 2
        for number, value in enumerate(values):
            if value > 0:
                height = tall * value / most
                made.append(
                    Bar(
                        series=number + 1,
                        x=round(begin + single * number, 1),
                        y=round(HEIGHT - BOTTOM - height, 1),
                        width=round(max(single - 1, 1), 1),
                        height=round(height, 1),
                        value=value,
                    )
                )
    groups = [(round(LEFT + slot * (place + 0.5), 1), name) for place, (name, _values) in enumerate(rows)]
    ticks = [(round(HEIGHT - BOTTOM - tall * each / most, 1), each) for each in range(0, most + 1, step)]
    return Bars(bars=made, groups=groups, ticks=ticks)


def _step(top: int) -> int:
    """Return between which whole numbers lines are drawn: five or fewer of them."""
    power = 1
    while True:
        for each in _STEPS:
            if top <= each * power * 5:
                return each * power
        power *= 10
