"""The effort index of an issue: what it took the customer to have something settled. Pure arithmetic.

The published formula: each part is counted, taken in proportion to its cap and no further, and the index is the mean
of the parts by their weights:

    index = 100 * sum(weight * min(max(count - free, 0) / (cap - free), 1)) / sum(weight)

``free`` is what every issue takes: one contact. Must not know where issues are kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import evolve, frozen


@frozen(kw_only=True)
class Part:
    """A part of the index: its ``weight``, the count that is free, and the ``cap`` from which on it counts as whole."""

    name: str
    weight: float
    cap: float
    free: float = 0.0


PARTS = (
    Part(name="contacts", weight=25, cap=6, free=1),
    Part(name="switches", weight=15, cap=3),
    Part(name="transfers", weight=20, cap=3),
    Part(name="repeats", weight=20, cap=3),
    Part(name="wait_hours", weight=10, cap=16),
    Part(name="elapsed_days", weight=10, cap=14),
)
"""The parts that come along. Waiting is in hours, working hours where there is a calendar; elapsed time in days."""


@frozen(kw_only=True)
class Measures:
    """What is counted of an issue.

    ``contacts`` are occasions on which the customer turned to us, ``switches`` changes of channel between them,
    ``transfers`` changes of who looks after it, ``repeats`` things that the customer had to give again; ``wait_hours``
    how long the customer waited for answers, ``elapsed_days`` from the first contact to the end.
    """

    contacts: float = 0
    switches: float = 0
    transfers: float = 0
    repeats: float = 0
    wait_hours: float = 0.0
    elapsed_days: float = 0.0


@frozen(kw_only=True)
class Shown:
    """One part of an index: what was counted, how far that is of the whole (0 to 1), and how many points of the index
    come of it."""

    name: str
    count: float
    share: float
    points: float


@frozen(kw_only=True)
class Index:
    """An effort index, 0 to 100, with its parts, whose points add up to it."""

    value: float
    parts: tuple[Shown, ...]


def parts_by(weights: Mapping[str, float], caps: Mapping[str, float]) -> tuple[Part, ...]:
    """Return the parts with the weights and caps of the settings in the place of those that come along.

    Raises ValueError for a name that is none, a weight below 0 or none above, and a cap that is not above what is free.
    """
    known = {each.name for each in PARTS}
    for name in (*weights, *caps):
        if name not in known:
            raise ValueError(name)
    found = tuple(
        evolve(each, weight=float(weights.get(each.name, each.weight)), cap=float(caps.get(each.name, each.cap)))
        for each in PARTS
    )
    for each in found:
        if each.weight < 0 or not each.cap > each.free:
            raise ValueError(each.name)
    if not sum(each.weight for each in found):
        raise ValueError("weights")
    return found


def index_of(measures: Measures, parts: tuple[Part, ...] = PARTS) -> Index:
    """Return the index of what was counted."""
    whole = sum(each.weight for each in parts)
    shown: list[Shown] = []
    for each in parts:
        count = float(getattr(measures, each.name))
        share = min(max(count - each.free, 0.0) / (each.cap - each.free), 1.0)
        shown.append(Shown(name=each.name, count=count, share=share, points=100 * each.weight * share / whole))
    return Index(value=min(100.0, math.fsum(each.points for each in shown)), parts=tuple(shown))


def level_of(index: float, medium: float, high: float) -> str:
    """Return low, medium or high."""
    return "high" if index >= high else "medium" if index >= medium else "low"
