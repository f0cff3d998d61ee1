"""What a programme brings, from what two groups bought: pure computation, which must not know the database.

The groups are as they were drawn, whatever became of their customers later (intention to treat), and each customer is
followed for equally long from when the lot was drawn. Who drew when one share was held out is compared with those alone
who drew at the same share: seasons would else look like an effect. The differences of these strata are weighted by how
many joined in each; their interval is Welch's (1947), Biometrika 34, 28-35, with the degrees of freedom of
Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from crmkit.engines.statistics.distributions import Estimate, student_quantile, student_two_sided
from crmkit.engines.statistics.intervals import Sample, mean_interval

FEWEST = 30
"""With fewer customers in either group nothing is said."""
_SEEN = 1.959964 + 0.841621
"""Standard errors of a difference that a test at 5% finds with a power of 80%."""


@frozen(kw_only=True)
class Spent:
    """What one customer spent and what the points cost that were redeemed, in minor units of the base currency.
    ``stratum`` is the share in percent that was held out when the lot was drawn."""

    stratum: int
    held_out: bool
    revenue: float
    cost: float = 0.0


@frozen(kw_only=True)
class Group:
    """One of both groups: how many were followed to the end, how many of them bought anything, and what they spent on
    average, in minor units of the base currency."""

    customers: int
    buyers: int
    mean: Estimate


@frozen(kw_only=True)
class Return:
    """What comes back of what a programme cost: (what was sold more x margin - cost) / cost. Cost is that of all points
    redeemed by who joined, less those that as many who were held out redeemed. The interval is that of the numerator,
    for this cost."""

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


def effect_of(spent: Sequence[Spent], days: int, *, margin: int = 0) -> Effect:
    """Return what a programme brings, from what each customer spent and cost; ``margin`` is how many percent of revenue
    are left after the cost of goods, 0 where that is not known.

    Strata in which nobody, or one alone, is in one of the groups tell nothing and are left out.
    """
    strata = _strata(spent)
    members = [each for inside, _held in strata for each in inside]
    held = [each for _inside, out in strata for each in out]
    shown = strata or [([e for e in spent if not e.held_out], [e for e in spent if e.held_out])]
    groups = [_group([each for pair in shown for each in pair[place]]) for place in (0, 1)]
    if min(len(members), len(held)) < FEWEST:
        return Effect(
            days=days, members=groups[0], held_out=groups[1],
            difference=None, p_value=None, smallest=None, extra=None, returned=None,
        )  # fmt: skip
    difference, error, p_value = _difference(strata, lambda each: each.revenue)
    return Effect(
        days=days,
        members=groups[0],
        held_out=groups[1],
        difference=difference,
        p_value=p_value,
        smallest=_SEEN * error,
        extra=_times(difference, len(members)),
        returned=_returned(strata, len(members), margin),
    )


def _strata(spent: Sequence[Spent]) -> list[tuple[list[Spent], list[Spent]]]:
    """Return who joined and who was held out of each stratum that has two of both."""
    found: dict[int, tuple[list[Spent], list[Spent]]] = {}
    for each in spent:
        found.setdefault(each.stratum, ([], []))[each.held_out].append(each)
    return [pair for _percent, pair in sorted(found.items()) if min(map(len, pair)) > 1]


def _group(spent: Sequence[Spent]) -> Group:
    values = [each.revenue for each in spent]
    return Group(customers=len(values), buyers=sum(value > 0 for value in values), mean=mean_interval(values))


def _difference(
    strata: Sequence[tuple[Sequence[Spent], Sequence[Spent]]], value: Callable[[Spent], float]
) -> tuple[Estimate, float, float]:
    """Return the weighted difference of the means of a value, its standard error, and the probability of one as large
    by chance alone."""
    whole = sum(len(inside) for inside, _held in strata)
    number = whole + sum(len(held) for _inside, held in strata)
    found, parts = 0.0, list[tuple[float, int]]()
    for inside, held in strata:
        weight = len(inside) / whole
        one, two = (Sample.of([value(each) for each in group]) for group in (inside, held))
        found += weight * (one.mean - two.mean)
        parts += [(weight * weight * each.error, each.n - 1) for each in (one, two)]
    variance = sum(part for part, _free in parts)
    if variance <= 0:
        return Estimate(value=found, low=found, high=found, n=number, confidence=0.95), 0.0, float(found == 0)
    degrees = variance**2 / sum(part**2 / free for part, free in parts)
    error = variance**0.5
    reach = student_quantile(0.975, degrees) * error
    estimate = Estimate(value=found, low=found - reach, high=found + reach, n=number, confidence=0.95)
    return estimate, error, student_two_sided(found / error, degrees)


def _times(estimate: Estimate, number: int) -> Estimate:
    def times(value: float | None) -> float | None:
        return None if value is None else value * number

    return Estimate(
        value=times(estimate.value), low=times(estimate.low), high=times(estimate.high),
        n=estimate.n, confidence=estimate.confidence,
    )  # fmt: skip


def _returned(strata: Sequence[tuple[Sequence[Spent], Sequence[Spent]]], members: int, margin: int) -> Return | None:
    if margin <= 0:
        return None
    cost = _times(_difference(strata, lambda each: each.cost)[0], members).value or 0.0
    gained, _error, _p = _difference(strata, lambda each: each.revenue * margin / 100 - each.cost)
    gain = _times(gained, members)
    if cost <= 0 or gain.value is None or gain.low is None or gain.high is None:
        return None
    return Return(
        cost_minor=round(cost), margin=margin, value=gain.value / cost, low=gain.low / cost, high=gain.high / cost
    )
