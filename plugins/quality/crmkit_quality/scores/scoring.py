"""The arithmetic of scores: from the cells of a customer's fields to its score, and from customers to groups.

A cell is a number from 0 to 1, or None where there is nothing to measure. A score is a mean of cells by weight, so it
lies between the least and the greatest of them. Pure; must not know where cells come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, field, frozen

from crmkit_quality.rules.models import ASPECTS
from crmkit_quality.scores.fields import Weighing

Cells = Mapping[str, Mapping[str, float]]
"""By field and aspect what was measured, from 0 to 1."""

PENALTIES: Mapping[str, float] = {"info": 0.0, "warning": 0.5, "error": 1.0}
"""What the violation of a rule takes away from its field, by severity."""


@frozen(kw_only=True)
class Score:
    """The score of a customer: the whole, and by aspect; None where nothing could be measured."""

    total: float | None
    aspects: Mapping[str, float | None]


def mean(values: Iterable[tuple[float, float]]) -> float | None:
    """Return the mean of values by weight, each given with its weight, or None where the weights add up to nothing."""
    total = weight = 0.0
    for value, counted in values:
        total += value * counted
        weight += counted
    if weight <= 0:
        return None
    # Rounding must not lead out of the unit interval.
    return min(1.0, max(0.0, total / weight))


def decay(age_days: float, half_life: float) -> float:
    """Return how much counts of what was known some days ago: 1 at once, half after a half-life, never nothing."""
    return 1.0 if half_life <= 0 else 0.5 ** (max(0.0, age_days) / half_life)


def kept_by(severities: Iterable[str]) -> float:
    """Return what violations of some severities leave of a cell: the gravest counts alone."""
    return 1.0 - max((PENALTIES[each] for each in severities), default=0.0)


def score_of(cells: Cells, weighing: Weighing) -> Score:
    """Return the score of a customer from the cells of its fields."""
    aspects = {
        aspect: mean((own[aspect], weighing.of_field(name)) for name, own in cells.items() if aspect in own)
        for aspect in ASPECTS
    }
    total = mean((value, weighing.aspects[aspect]) for aspect, value in aspects.items() if value is not None)
    return Score(total=total, aspects=aspects)


@define(eq=False)
class Tally:
    """Means over customers: of scores by aspect, and of cells by field."""

    customers: int = 0
    _sums: dict[tuple[str, str], list[float]] = field(factory=dict[tuple[str, str], "list[float]"])

    def add(self, score: Score, cells: Cells) -> None:
        """Count one customer."""
        self.customers += 1
        self._note("", "score", score.total)
        for aspect, value in score.aspects.items():
            self._note("", aspect, value)
        for name, own in cells.items():
            for aspect, value in own.items():
                self._note(name, aspect, value)

    def _note(self, name: str, aspect: str, value: float | None) -> None:
        if value is not None:
            entry = self._sums.setdefault((name, aspect), [0.0, 0.0])
            entry[0] += value
            entry[1] += 1

    def mean(self, aspect: str, name: str = "") -> float | None:
        """Return the mean of an aspect ("score" for the whole) over the customers, or over the cells of a field."""
        total, number = self._sums.get((name, aspect), (0.0, 0.0))
        return min(1.0, total / number) if number else None

    def measured(self, aspect: str, name: str = "") -> int:
        """Return over how many customers a mean is taken."""
        return int(self._sums.get((name, aspect), (0.0, 0.0))[1])

    @property
    def fields(self) -> Sequence[str]:
        """Return the fields that something was measured of."""
        return sorted({name for name, _aspect in self._sums if name})
