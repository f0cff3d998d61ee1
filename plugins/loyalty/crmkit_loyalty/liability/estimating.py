"""What points that are out at the end of a day will cost: read from lots and what became of them, valued at what a
point of each lot costs and at the share that is redeemed in the end.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import CrmSession, places
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.liability.surviving import MONTHS, Age, Followed, LifeTable, learn
from crmkit_loyalty.programs.models import PointType

MONTH = 365.25 / 12
"""Days of a month of age."""
_WENT = ("redeemed", "expired", "reversed", "issued")


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


@define
class _LotSeen:
    """A lot as it was at the end of the day."""

    account: int
    earned_at: datetime
    points: int
    unit_cost: Decimal
    redeemed: int = 0
    expired: int = 0
    reversed: int = 0
    went: list[tuple[int, int, int]] = field(factory=list[tuple[int, int, int]])

    @property
    def left(self) -> int:
        """Return what is left of it."""
        return self.points - self.redeemed - self.expired - self.reversed


def liability_of(session: CrmSession, kind: PointType, day: date) -> Liability:
    """Return what points of a kind cost that were out at the end of a day of the company's zone.

    Sources of the estimate are told in `crmkit_loyalty.liability.surviving`.
    """
    business = session.business()
    end = start_of(day + timedelta(days=1), business.zone)
    lots = _lots(session, kind.id, end)
    ages = [_age(each.earned_at, end) for each in lots]
    table = learn(
        [
            Followed(account=each.account, points=each.points, months=min(age, MONTHS), left=each.went)
            for each, age in zip(lots, ages, strict=True)
        ]
    )
    digits = places(business.base_currency or "XXX")
    points, costs = [0.0] * (MONTHS + 1), [0.0] * (MONTHS + 1)
    cost = Decimal(0)
    for each, age in zip(lots, ages, strict=True):
        points[min(age, MONTHS)] += each.left
        costs[min(age, MONTHS)] += float(each.left * each.unit_cost)
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
        cohorts=_cohorts(lots, ages, table, business.zone),
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


def _age(earned: datetime, at: datetime) -> int:
    return max(0, int((at - earned) / timedelta(days=1) / MONTH))


def _lots(session: CrmSession, type_id: UUID, end: datetime) -> list[_LotSeen]:
    query = (
        select(Lot.id, Lot.account_id, Lot.earned_at, Lot.points, Lot.unit_cost)
        .join(Transaction, Transaction.id == Lot.transaction_id)
        .where(Lot.type_id == type_id, Transaction.at < end)
    )
    numbers: dict[UUID, int] = {}
    found: dict[UUID, _LotSeen] = {}
    for id_, account_id, earned_at, points, unit_cost in session.execute(query):
        number = numbers.setdefault(account_id, len(numbers))
        found[id_] = _LotSeen(number, earned_at, points, unit_cost)
    gone: Any = (
        select(Posting.lot_id, Posting.side, Posting.points, Transaction.at)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(
            Posting.type_id == type_id,
            Posting.lot_id.is_not(None),
            Posting.side.in_(_WENT),
            Transaction.at < end,
        )
    )
    for lot_id, side, points, at in session.execute(gone):
        lot = found.get(lot_id)
        if lot is None:
            continue
        if side == "issued":
            # Passed on to another account, where a lot of the same age goes on with them: they count there alone.
            lot.points -= points
            continue
        setattr(lot, side, getattr(lot, side) + points)
        month = _age(lot.earned_at, at)
        lot.went.append((month, points, 0) if side == "redeemed" else (month, 0, points))
    return list(found.values())


def _cohorts(lots: Sequence[_LotSeen], ages: Sequence[int], table: LifeTable | None, zone: str) -> list[Cohort]:
    local = ZoneInfo(zone)
    groups: dict[str, list[tuple[_LotSeen, int]]] = {}
    for each, age in zip(lots, ages, strict=True):
        earned = each.earned_at.astimezone(local)
        groups.setdefault(f"{earned.year}-Q{(earned.month + 2) // 3}", []).append((each, age))
    made: list[Cohort] = []
    for quarter, members in sorted(groups.items()):
        left = [0.0] * (MONTHS + 1)
        for each, age in members:
            left[min(age, MONTHS)] += each.left
        earned, redeemed = sum(each.points for each, _age in members), sum(each.redeemed for each, _age in members)
        back = sum(each.reversed for each, _age in members)
        more, base = _valued(table, left), earned - back
        made.append(
            Cohort(
                quarter=quarter,
                earned=earned,
                redeemed=redeemed,
                expired=sum(each.expired for each, _age in members),
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
