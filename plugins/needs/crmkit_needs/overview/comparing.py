"""Changes of customers on two sides, and by how much more one side changed among customers alike.

Pure; must not know the database, nor what was measured.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from attrs import frozen

from crmkit.engines.statistics.distributions import quantile, two_sided
from crmkit.engines.statistics.intervals import Sample

LEAST = 10
"""From how many customers on each side has figures that are compared."""


@frozen(kw_only=True)
class Person:
    """A customer before and after a day: whether they were told on it, and the month in which it lies."""

    told: bool
    month: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """Return by how much it grew."""
        return self.after - self.before


@frozen(kw_only=True)
class Side:
    """One side of the comparison: how many, their means before and after, and the mean change with its interval."""

    n: int
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None


@frozen(kw_only=True)
class Change:
    """By how much more those who were told changed than the others, within groups that are alike; ``n`` are the
    customers of groups that have both."""

    value: float
    low: float
    high: float
    p_value: float
    n: int


def side_of(people: Sequence[Person]) -> Side:
    """Return the means of customers before and after, the change with its interval (normal, from ten customers on)."""
    if not people:
        return Side(n=0, before=None, after=None, change=None, low=None, high=None)
    changes = Sample.of([each.change for each in people])
    reach = quantile(0.95) * math.sqrt(changes.error) if len(people) >= LEAST else None
    return Side(
        n=len(people),
        before=math.fsum(each.before for each in people) / len(people),
        after=math.fsum(each.after for each in people) / len(people),
        change=changes.mean,
        low=None if reach is None else changes.mean - reach,
        high=None if reach is None else changes.mean + reach,
    )


def compared(people: Sequence[Person]) -> Change | None:
    """Return by how much more those who were told changed, among customers alike: of the same month and the same third
    of where all stood before. None with fewer than ten of either in groups that have both.

    It is the coefficient of telling in a linear model of the change with an effect for each group: means within groups
    weighted by n1·n0 / (n1 + n0), with the residual variance of the model (Angrist & Pischke 2009, Mostly Harmless
    Econometrics, section 3.3); the interval is normal.
    """
    cuts = _thirds([each.before for each in people])
    groups: dict[tuple[str, int], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for each in people:
        third = sum(each.before > cut for cut in cuts)
        groups[(each.month, third)][0 if each.told else 1].append(each.change)
    both = [(one, other) for one, other in groups.values() if one and other]
    n1, n0 = sum(len(one) for one, _other in both), sum(len(other) for _one, other in both)
    if min(n1, n0) < LEAST or n1 + n0 <= len(both) + 1:
        return None
    weights = [len(one) * len(other) / (len(one) + len(other)) for one, other in both]
    gaps = [math.fsum(one) / len(one) - math.fsum(other) / len(other) for one, other in both]
    weight = math.fsum(weights)
    value = math.fsum(w * gap for w, gap in zip(weights, gaps, strict=True)) / weight
    residual = 0.0
    for one, other in both:
        size = len(one) + len(other)
        mean, share = math.fsum((*one, *other)) / size, len(one) / size
        residual += math.fsum((each - mean - value * (1 - share)) ** 2 for each in one)
        residual += math.fsum((each - mean + value * share) ** 2 for each in other)
    error = math.sqrt(residual / (n1 + n0 - len(both) - 1) / weight)
    reach = quantile(0.95) * error
    return Change(
        value=value,
        low=value - reach,
        high=value + reach,
        p_value=two_sided(value / error) if error else float(not value),
        n=n1 + n0,
    )


def _thirds(values: Sequence[float]) -> tuple[float, ...]:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 3], ordered[2 * (len(ordered) - 1) // 3]) if ordered else ()
