"""Before and after, with and without others to compare with: estimates with intervals of 95 %.

- Numbers of the same customers before and after: the mean of their differences, by Student's t.
- With others: the mean difference of the ones less that of the others, by Welch (1947), Biometrika 34, 28-35. That is
  the difference in differences of two periods: Card & Krueger (1994), American Economic Review 84, 772-793.
- Shares of whoever was at a step before and after: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
- With others: the difference of two such differences, whose interval is made from theirs by the square-and-add rule:
  Zou & Donner (2008), Statistics in Medicine 27, 1693-1702.

Must not know the database.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from crmkit.engines.statistics.comparing import welch
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import mean_interval, newcombe

Verdict = Literal["better", "worse", "unclear"]


@frozen(kw_only=True)
class Share:
    """How many of how many."""

    hit: int
    known: int

    @property
    def value(self) -> float:
        """Return the share, 0 of none."""
        return self.hit / self.known if self.known else 0.0


def of_numbers(differences: Sequence[float], others: Sequence[float] | None = None) -> Estimate:
    """Return the mean of the differences of customers, after less before; less that of the others, if there are.
    Raises MissingExtra, InvalidInput for fewer than two."""
    return mean_interval(differences) if others is None else welch(differences, others).estimate


def of_shares(
    before: Share, after: Share, others_before: Share | None = None, others_after: Share | None = None
) -> Estimate:
    """Return the difference of two shares, after less before; less that of the others, if there are."""
    own = newcombe(after.hit, after.known, before.hit, before.known)
    if others_before is None or others_after is None:
        return own
    other = newcombe(others_after.hit, others_after.known, others_before.hit, others_before.known)
    if own.value is None or other.value is None:
        return Estimate(value=None, low=-2.0, high=2.0, n=own.n + other.n)
    value = own.value - other.value
    low, high = own.low or 0.0, own.high or 0.0
    below = math.hypot(own.value - low, (other.high or 0.0) - other.value)
    above = math.hypot(high - own.value, other.value - (other.low or 0.0))
    return Estimate(value=value, low=value - below, high=value + above, n=own.n + other.n)


def verdict_of(estimate: Estimate, better: str) -> Verdict:
    """Return whether it got better: where the whole interval lies on one side of 0."""
    if estimate.value is None or not estimate.excludes(0.0):
        return "unclear"
    return "better" if (estimate.value > 0) == (better == "up") else "worse"
