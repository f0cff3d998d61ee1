"""Points: a score card, whose whole numbers anybody can add up by hand. Must not know the database.

Either somebody says how many points a feature gives, or they are learnt as the weight of evidence of its bins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from crmkit_churn.learning.drift import OTHER, Reference, reference

DOUBLE = 20
"""So many points double the odds of leaving."""
MOST = 60
SMOOTHING = 0.5


@frozen(kw_only=True)
class Line:
    """One feature of the card: its bins, the points of each (the last of texts is for all others), those of a customer
    of whom it is not known, and the points on average."""

    name: str
    bins: Reference
    points: tuple[int, ...] = field(converter=tuple)
    missing: int
    usual: float

    def of(self, value: float | str | None) -> int:
        """Return the points of a value."""
        return self.missing if value is None else self.points[_bin(self.bins, value)]


@frozen(kw_only=True)
class Card:
    """A score card; ``start`` are the log-odds of a customer with no points."""

    lines: tuple[Line, ...] = field(converter=tuple)
    start: float

    def total(self, values: Mapping[str, float | str | None]) -> int:
        """Return the points of a customer."""
        return sum(line.of(values.get(line.name)) for line in self.lines)

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "start": self.start,
            "lines": [
                {
                    "name": line.name,
                    "bins": line.bins.document(),
                    "points": list(line.points),
                    "missing": line.missing,
                    "usual": line.usual,
                }
                for line in self.lines
            ],
        }


def card_of(document: Mapping[str, Any]) -> Card:
    """Return the card that was kept as a document."""
    lines = [Line(**{**each, "bins": Reference(**each["bins"])}) for each in document["lines"]]
    return Card(start=document["start"], lines=lines)


def log_odds_of(points: float) -> float:
    """Return the log-odds that points stand for."""
    return points * math.log(2) / DOUBLE


def learn_card(
    columns: Mapping[str, Sequence[float | str | None]],
    outcomes: Sequence[bool],
    given: Mapping[str, int] | None = None,
) -> Card:
    """Return the card that some customers teach: for each bin ln((left + s) ÷ (stayed + s)) against all, in points.

    ``given`` are points that somebody says, of features that are 0 or 1: then nothing is learnt but the average.
    """
    left = sum(map(bool, outcomes))
    stayed = len(outcomes) - left
    start = math.log((left + SMOOTHING) / (stayed + SMOOTHING))
    lines: list[Line] = []
    for name in columns if given is None else given:
        values = columns[name]
        if given is not None:
            bins = Reference(cuts=(0.5,), shares=(0.5, 0.5))
            points, missing = [0, given[name]], 0
        else:
            bins = reference(values, 5)
            size = len(bins.values or bins.cuts) + 1
            counts = [[0, 0] for _bin_ in range(size + 1)]
            for value, outcome in zip(values, outcomes, strict=True):
                counts[size if value is None else _bin(bins, value)][bool(outcome)] += 1
            *points, missing = [_evidence(good, bad, stayed, left) for good, bad in counts]
        line = Line(name=name, bins=bins, points=points, missing=missing, usual=0.0)
        usual = sum(line.of(value) for value in values) / len(values)
        lines.append(Line(name=name, bins=bins, points=points, missing=missing, usual=usual))
    return Card(lines=lines, start=start)


def _evidence(good: int, bad: int, stayed: int, left: int) -> int:
    if good + bad < 5:
        return 0
    weight = math.log((bad + SMOOTHING) / (left + SMOOTHING)) - math.log((good + SMOOTHING) / (stayed + SMOOTHING))
    return max(-MOST, min(MOST, round(DOUBLE / math.log(2) * weight)))


def _bin(bins: Reference, value: float | str) -> int:
    from bisect import bisect_right

    if bins.values:
        return bins.values.index(str(value)) if str(value) in bins.values else len(bins.values)
    return bisect_right(bins.cuts, float(value))


__all__ = ["DOUBLE", "OTHER", "Card", "Line", "card_of", "learn_card", "log_odds_of"]
