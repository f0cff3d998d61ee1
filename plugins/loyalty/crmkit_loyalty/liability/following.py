"""What became of points month by month since they were earned, summed by the database: lots of one account, month and
cost together, however many there are.

Months are calendar months of the company's zone, and so are ages: what is earned in March is one month old in April.
What is left is the sum of the postings, so that it agrees with the roll-forward to the point. Must not know shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import case, func, literal_column, select, union_all

from crmkit import CrmSession
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import OWN
from crmkit_loyalty.liability.surviving import MONTHS

_WENT = ("redeemed", "expired", "issued")
"""Sides of the programme to which points of lots go; "issued" passes them on."""


@define(kw_only=True)
class Lots:
    """Lots of one account, month and cost at the end of a day. ``month`` is counted from the year 0, ``age`` in months;
    ``account`` is a number that stands for it.

    ``reversed`` has what was taken back, and what paid for points taken back before: a debt. ``went`` is by month of
    age, as (month, redeemed, gone otherwise). Points that were passed on count where they went alone.
    """

    account: int
    month: int
    age: int
    unit_cost: Decimal
    points: int = 0
    left: int = 0
    redeemed: int = 0
    expired: int = 0
    went: list[tuple[int, int, int]] = field(factory=list[tuple[int, int, int]])

    @property
    def reversed(self) -> int:
        """Return what was taken back, or paid for what had been."""
        return self.points - self.redeemed - self.expired - self.left

    def take(self, age: int, came: int, own: int, redeemed: int, expired: int, issued: int) -> None:
        """Add what happened in a month of age; ``own`` is the change of what is left."""
        self.points += came - issued
        self.left += own
        self.redeemed += redeemed
        self.expired += expired
        gone = came - issued - own - redeemed
        if redeemed or gone:
            self.went.append((max(age, 0), redeemed, gone))

    @property
    def quarter(self) -> str:
        """Return the quarter in which they were earned, as ``YYYY-Qn``."""
        return f"{self.month // 12}-Q{self.month % 12 // 3 + 1}"


def lots_of(session: CrmSession, type_id: UUID, day: date) -> list[Lots]:
    """Return the lots of a kind of points as they were at the end of a day of the company's zone. Those older than the
    months that are followed count as being of the first of these."""
    zone = session.business().zone
    end = start_of(day + timedelta(days=1), zone)
    present = _number(day + timedelta(days=1))
    first = session.scalar(select(func.min(Lot.earned_at)).where(Lot.type_id == type_id))
    if first is None:
        return []
    oldest = max(_number(first.date()) - 1, present - MONTHS - 1)
    months = range(oldest + 1, present + 1)
    edges = [(start_of(date(each // 12, each % 12 + 1, 1), zone), each - 1) for each in months]

    def month(column: Any) -> Any:
        return _placed(column, edges, present)

    def when(side: str) -> Any:
        return case((Posting.side == side, Posting.points), else_=0).label(side)

    nothing = literal_column("0")
    keys = (Lot.account_id, month(Lot.earned_at).label("earned"), Lot.unit_cost)
    happened = month(Transaction.at).label("happened")
    came = (
        select(*keys, happened, Lot.points.label("came"), *(nothing.label(name) for name in ("own", *_WENT)))
        .join(Transaction, Transaction.id == Lot.transaction_id)
        .where(Lot.type_id == type_id, Transaction.at < end)
    )
    own = case((Posting.side.in_(OWN), Posting.points), else_=0).label("own")
    moved = (
        select(*keys, happened, nothing.label("came"), own, *(when(name) for name in _WENT))
        .select_from(Posting)
        .join(Lot, Lot.id == Posting.lot_id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.type_id == type_id, Transaction.at < end)
    )
    every: Any = union_all(came, moved).subquery()
    names = ("account_id", "earned", "unit_cost", "happened")
    places = [every.c[name] for name in names]
    sums = [func.sum(every.c[name]) for name in ("came", "own", *_WENT)]
    accounts: dict[UUID, int] = {}
    made: dict[tuple[UUID, int, Decimal], Lots] = {}
    for account, earned, cost, at, *points in session.execute(select(*places, *sums).group_by(*places)):
        lots = made.get((account, earned, cost))
        if lots is None:
            number = accounts.setdefault(account, len(accounts))
            lots = Lots(account=number, month=int(earned), age=max(present - int(earned), 0), unit_cost=cost)
            made[account, earned, cost] = lots
        lots.take(int(at) - lots.month, *(int(each) for each in points))
    return list(made.values())


def _placed(column: Any, edges: Sequence[tuple[datetime, int]], after: int) -> Any:
    """Return in which month an instant lies, found by halves: each row is compared a few times, not with each month."""
    if not edges:
        return literal_column(str(after))
    middle = len(edges) // 2
    edge, month = edges[middle]
    return case(
        (column < edge, _placed(column, edges[:middle], month)), else_=_placed(column, edges[middle + 1 :], after)
    )


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
