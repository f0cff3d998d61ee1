"""What a programme brings, from what two groups bought: pure computation, which must not know the database.

The groups are as they were drawn, whatever became of their customers later (intention to treat), and each customer is
followed for equally long from when the lot was drawn. The difference of the mean revenues is Welch's (1947), Biometrika
34, 28-35.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from crmkit.engines.statistics.comparing import welch
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import Sample, mean_interval

FEWEST = 30
"""With fewer customers in either group nothing is said."""
_SEEN = 1.959964 + 0.841621
"""Standard errors of a difference that a test at 5% finds with a power of 80%."""


@frozen(kw_only=True)
class Group:
    """One of both groups: how many were followed to the end, how many of them bought anything, and what they spent on
    average, in minor units of the base currency."""

    customers: int
    buyers: int
    mean: Estimate


@frozen(kw_only=True)
class Return:
    """What comes back of what a programme cost: (what was sold more x margin - cost) / cost, with the interval."""

    cost_minor: int
    margin: int
    value: float
    low: float
    high: float


@frozen(kw_only=True)
class Effect:
    """What a programme brings within the days after a customer drew the lot. ``difference`` is what a customer of the
    programme spent more than one who was held out, None where nothing can be told; ``extra`` the same for all of them.
    ``smallest`` is the least difference that groups of these sizes would show four times of five.
    """

    days: int
    members: Group
    held_out: Group
    difference: Estimate | None
    p_value: float | None
    smallest: float | None
    extra: Estimate | None
    returned: Return | None

    @property
    def certain(self) -> bool:
        """Say whether there is an effect beyond what chance explains."""
        return self.difference is not None and self.difference.excludes(0)


def effect_of(
    members: Sequence[float], held_out: Sequence[float], days: int, *, cost_minor: int = 0, margin: int = 0
) -> Effect:
    """Return what a programme brings, from what each customer of both groups spent in minor units; ``margin`` is how
    many percent of revenue are left after the cost of goods, 0 where that is not known."""
    groups = [
        Group(customers=len(values), buyers=sum(value > 0 for value in values), mean=mean_interval(values))
        for values in (members, held_out)
    ]
    if min(len(members), len(held_out)) < FEWEST:
        return Effect(
            days=days, members=groups[0], held_out=groups[1],
            difference=None, p_value=None, smallest=None, extra=None, returned=None,
        )  # fmt: skip
    one, two = Sample.of(members), Sample.of(held_out)
    found = welch(one, two)
    extra = _times(found.estimate, len(members))
    return Effect(
        days=days,
        members=groups[0],
        held_out=groups[1],
        difference=found.estimate,
        p_value=found.test.p_value,
        smallest=_SEEN * (one.error + two.error) ** 0.5,
        extra=extra,
        returned=_returned(extra, cost_minor, margin),
    )


def _times(estimate: Estimate, number: int) -> Estimate:
    def times(value: float | None) -> float | None:
        return None if value is None else value * number

    return Estimate(
        value=times(estimate.value), low=times(estimate.low), high=times(estimate.high),
        n=estimate.n, confidence=estimate.confidence,
    )  # fmt: skip


def _returned(extra: Estimate, cost_minor: int, margin: int) -> Return | None:
    if cost_minor <= 0 or margin <= 0 or extra.value is None or extra.low is None or extra.high is None:
        return None

    def rate(revenue: float) -> float:
        return (revenue * margin / 100 - cost_minor) / cost_minor

    return Return(
        cost_minor=cost_minor, margin=margin, value=rate(extra.value), low=rate(extra.low), high=rate(extra.high)
    )
