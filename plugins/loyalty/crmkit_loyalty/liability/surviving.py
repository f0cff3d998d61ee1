"""Which part of points is redeemed in the end: a life table of points with two ways to leave it. Pure computation.

Points are followed month by month from when they were earned. In each month of age some are redeemed and some are gone
(expired or taken back); only months that have passed wholly count, so that young lots do not make the figures smaller.
From the hazards h_r(k) and h_g(k) of the two causes, the share of points of age a that is redeemed in the end is

    u(a) = sum over k >= a of h_r(k) * product over a <= j < k of (1 - h_r(j) - h_g(j)),

the cumulative incidence of Aalen & Johansen (1978), Scand. J. Statist. 5, 141-150, in discrete time. Beyond the oldest
age that was seen the hazards of the last `TAIL` months are taken to go on; where nothing left in these, everything is
taken to be redeemed, so that what is not known never makes the liability smaller. Points of one account are not
independent: intervals are of percentiles over resampled accounts (Efron & Tibshirani 1993, chapter 13;
Field & Welsh 2007, J. R. Statist. Soc. B 69, 369-390, for clusters).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen

from crmkit.engines.statistics.distributions import library

MONTHS = 120
"""Months of age that are followed; older lots are left out of what is learnt, not of what is owed."""
TAIL = 6
GROUPS = 1000
"""Accounts are resampled in so many groups at most."""
ACCOUNTS, AGES = 30, 3
"""Fewer accounts or months than these tell nothing."""
SEED, DRAWS = 20_240_229, 400


@frozen(kw_only=True)
class Followed:
    """One lot: the number of its account, how many points it had, how many months it has been followed wholly, and
    what left it, as (month of age, points redeemed, points gone); what came back is negative."""

    account: int
    points: int
    months: int
    left: Sequence[tuple[int, int, int]] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Age:
    """A month of age: the points that had come to it, and the shares of all that were redeemed and gone by its end.
    ``low`` and ``high`` bound the share redeemed."""

    month: int
    at_risk: int
    redeemed: float
    gone: float
    low: float
    high: float


@define(kw_only=True)
class LifeTable:
    """What was learnt: ``ages`` month by month, and of points of each age the share that is redeemed in the end."""

    ages: Sequence[Age]
    ultimate: Sequence[float]
    draws: Any
    accounts: int

    def share(self, age: int) -> float:
        """Return the share of points of an age in months that is redeemed in the end."""
        return self.ultimate[min(age, len(self.ultimate) - 1)]

    def expected(self, outstanding: Sequence[float]) -> tuple[float, float, float]:
        """Return how much of what is outstanding by age in months is redeemed in the end, with the interval."""
        numpy = library("numpy")
        last = len(self.ultimate) - 1
        weights = numpy.zeros(last + 1)
        for age, amount in enumerate(outstanding):
            weights[min(age, last)] += float(amount)
        values = self.draws @ weights
        low, high = (float(each) for each in numpy.percentile(values, [2.5, 97.5]))
        value = float(numpy.asarray(self.ultimate) @ weights)
        return value, min(low, value), max(high, value)


def learn(lots: Sequence[Followed]) -> LifeTable | None:
    """Return the life table of lots, None where there is too little: fewer than 30 accounts or three months of age, or
    nothing that was ever redeemed or gone."""
    numpy = library("numpy")
    accounts = {each.account for each in lots if each.months > 0}
    oldest = min(max((each.months for each in lots), default=0), MONTHS)
    if len(accounts) < ACCOUNTS or oldest < AGES:
        return None
    groups = {account: place % GROUPS for place, account in enumerate(sorted(accounts))}
    size = min(len(accounts), GROUPS)
    risk = numpy.zeros((size, oldest + 1))
    redeemed, gone = numpy.zeros((size, oldest + 1)), numpy.zeros((size, oldest + 1))
    for lot in lots:
        until = min(lot.months, oldest)
        if until <= 0:
            continue
        group = groups[lot.account]
        risk[group, 0] += lot.points
        risk[group, until] -= lot.points
        for month, took, went in lot.left:
            if 0 <= month < until:
                redeemed[group, month] += took
                gone[group, month] += went
                risk[group, month + 1] -= took + went
                risk[group, until] += took + went
    risk = risk.cumsum(axis=1)[:, :oldest]
    redeemed, gone = redeemed[:, :oldest], gone[:, :oldest]
    if redeemed.sum() <= 0 and gone.sum() <= 0:
        return None
    whole = numpy.ones((1, size))
    ultimate, incidence, lost = _table(numpy, whole @ risk, whole @ redeemed, whole @ gone)
    generator = numpy.random.default_rng(SEED)
    weights = generator.multinomial(size, numpy.full(size, 1 / size), size=DRAWS).astype(float)
    draws, drawn, _lost = _table(numpy, weights @ risk, weights @ redeemed, weights @ gone)
    low, high = numpy.percentile(drawn, [2.5, 97.5], axis=0)
    ages = [
        Age(
            month=month + 1,
            at_risk=round(float(risk[:, month].sum())),
            redeemed=float(incidence[0, month]),
            gone=float(lost[0, month]),
            low=min(float(low[month]), float(incidence[0, month])),
            high=max(float(high[month]), float(incidence[0, month])),
        )
        for month in range(oldest)
    ]
    return LifeTable(ages=ages, ultimate=[float(each) for each in ultimate[0]], draws=draws, accounts=len(accounts))


def _table(numpy: Any, risk: Any, redeemed: Any, gone: Any) -> tuple[Any, Any, Any]:
    """Return for each row the shares redeemed in the end by age, the last being the tail's, and the incidences of both
    causes by month."""
    there = numpy.maximum(risk, 1e-12)
    # What came back may make a month's figure negative; nobody is redeemed less than not at all.
    taken = numpy.clip(redeemed / there, 0, 1) * (risk > 0)
    lost = numpy.clip(gone / there, 0, 1 - taken) * (risk > 0)
    rows, months = risk.shape
    incidence, away = numpy.zeros((rows, months)), numpy.zeros((rows, months))
    left = numpy.ones(rows)
    for month in range(months):
        incidence[:, month] = (incidence[:, month - 1] if month else 0) + left * taken[:, month]
        away[:, month] = (away[:, month - 1] if month else 0) + left * lost[:, month]
        left = left * (1 - taken[:, month] - lost[:, month])
    some = min(TAIL, months)
    late_taken, late_lost = taken[:, -some:].sum(axis=1), lost[:, -some:].sum(axis=1)
    both = late_taken + late_lost
    ultimate = numpy.zeros((rows, months + 1))
    ultimate[:, months] = numpy.where(both > 0, late_taken / numpy.where(both > 0, both, 1), 1.0)
    for month in range(months - 1, -1, -1):
        stay = 1 - taken[:, month] - lost[:, month]
        ultimate[:, month] = taken[:, month] + stay * ultimate[:, month + 1]
    return ultimate, incidence, away
