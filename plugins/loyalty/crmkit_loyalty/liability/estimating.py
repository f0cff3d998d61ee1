"""What points that are out at the end of a day will cost: read from lots and what became of them, valued at what a
point of each lot costs and at the share that is redeemed in the end.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from attrs import field, frozen

from crmkit import CrmSession
from crmkit_loyalty.liability.following import Lots, lots_of
from crmkit_loyalty.liability.surviving import MONTHS, Age, Followed, LifeTable, learn
from crmkit_loyalty.programs.models import PointType
from crmkit_loyalty.programs.money import digits_of


@frozen(kw_only=True)
class Bounded:
    """A figure with the interval in which it lies at 95%; without an estimate all three are the prudent one."""

    value: float
    low: float
    high: float


@frozen(kw_only=True)
class Cohort:
    """Points that were earned within a quarter, and what became of them until the day. ``breakage`` is the share that
    is never redeemed, of what was not taken back."""

    quarter: str
    earned: int
    redeemed: int
    expired: int
    taken_back: int
    left: int
    breakage: Bounded


@frozen(kw_only=True)
class Liability:
    """What points of a kind cost that were out at the end of a day. Costs are in minor units of the base currency.

    ``estimated`` says whether the past told enough; if not, all points are taken to be redeemed. ``share`` is that part
    of the points which is redeemed in the end.
    """

    kind: PointType
    day: date
    points: int
    cost_minor: int
    expected: Bounded
    share: Bounded
    cohorts: Sequence[Cohort] = field(converter=tuple)
    ages: Sequence[Age] = field(converter=tuple)
    accounts: int
    estimated: bool


def liability_of(session: CrmSession, kind: PointType, day: date) -> Liability:
    """Return what points of a kind cost that were out at the end of a day of the company's zone.

    Sources of the estimate are told in `crmkit_loyalty.liability.surviving`.
    """
    lots = lots_of(session, kind.id, day)
    table = learn(
        [
            Followed(account=each.account, points=each.points, months=min(each.age, MONTHS), left=each.went)
            for each in lots
        ]
    )
    digits = digits_of(session)
    points, costs = [0.0] * (MONTHS + 1), [0.0] * (MONTHS + 1)
    cost = Decimal(0)
    for each in lots:
        points[min(each.age, MONTHS)] += each.left
        costs[min(each.age, MONTHS)] += float(each.left * each.unit_cost)
        cost += each.left * each.unit_cost
    whole = sum(each.left for each in lots)
    expected = _valued(table, costs, scale=10**digits)
    taken = _valued(table, points)
    return Liability(
        kind=kind,
        day=day,
        points=whole,
        cost_minor=_minor(cost, digits),
        expected=expected,
        share=Bounded(value=taken.value / whole, low=taken.low / whole, high=taken.high / whole)
        if whole > 0
        else Bounded(value=1.0, low=1.0, high=1.0),
        cohorts=_cohorts(lots, table),
        ages=table.ages if table is not None else (),
        accounts=table.accounts if table is not None else len({each.account for each in lots}),
        estimated=table is not None,
    )


def _minor(amount: Decimal, digits: int) -> int:
    return int(amount.scaleb(digits).quantize(Decimal(1), ROUND_HALF_EVEN))


def _valued(table: LifeTable | None, by_age: Sequence[float], scale: int = 1) -> Bounded:
    if table is None:
        whole = sum(by_age) * scale
        return Bounded(value=whole, low=whole, high=whole)
    value, low, high = table.expected(by_age)
    return Bounded(value=value * scale, low=low * scale, high=high * scale)


def _cohorts(lots: Sequence[Lots], table: LifeTable | None) -> list[Cohort]:
    groups: dict[str, list[Lots]] = {}
    for each in lots:
        groups.setdefault(each.quarter, []).append(each)
    made: list[Cohort] = []
    for quarter, members in sorted(groups.items()):
        left = [0.0] * (MONTHS + 1)
        for each in members:
            left[min(each.age, MONTHS)] += each.left
        earned, redeemed = sum(each.points for each in members), sum(each.redeemed for each in members)
        back = sum(each.reversed for each in members)
        more, base = _valued(table, left), earned - back
        made.append(
            Cohort(
                quarter=quarter,
                earned=earned,
                redeemed=redeemed,
                expired=sum(each.expired for each in members),
                taken_back=back,
                left=round(sum(left)),
                breakage=Bounded(
                    value=_broken(base, redeemed, more.value),
                    low=_broken(base, redeemed, more.high),
                    high=_broken(base, redeemed, more.low),
                ),
            )
        )
    return made


def _broken(base: int, redeemed: int, more: float) -> float:
    return min(1.0, max(0.0, 1 - (redeemed + more) / base)) if base > 0 else 0.0
