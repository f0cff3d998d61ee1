"""What the pages count: members, points outstanding, points by month, and who has which tier.

Everything is counted among the records that the reader sees. Must not change anything, nor know how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen
from sqlalchemy import and_, case, func, select

from crmkit import CrmSession
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import OWN
from crmkit_loyalty.programs.models import Member, PointType, Program
from crmkit_loyalty.rewards.models import Redemption, Reward
from crmkit_loyalty.tiers.models import MemberTier, Tier


@frozen(kw_only=True)
class Flow:
    """How many points of a kind came and went within a month, which is written as ``YYYY-MM``: given out, spent less
    what was given back, expired, and taken back for refunds or by hand."""

    month: str
    issued: int
    spent: int
    expired: int
    back: int


@frozen(kw_only=True)
class Outstanding:
    """How many points of a kind members have, and how many of those that can be spent expire within 90 days."""

    kind: PointType
    available: int
    pending: int
    held: int
    soon: int

    @property
    def whole(self) -> int:
        """Return all of them."""
        return self.available + self.pending + self.held


def members_of(session: CrmSession, program: Program) -> int:
    """Return how many customers take part in a programme now."""
    query = select(func.count(func.distinct(Member.customer_id))).where(
        Member.program_id == program.id, Member.left_at.is_(None)
    )
    return session.scalars(query).one()


def outstanding(session: CrmSession, kinds: Sequence[PointType], soon: datetime) -> list[Outstanding]:
    """Return how many points of each kind are on accounts, and how many of them expire before an instant."""
    ids = [each.id for each in kinds]
    sums = {
        (type_id, side): int(points)
        for type_id, side, points in session.execute(
            select(Posting.type_id, Posting.side, func.sum(Posting.points))
            .where(Posting.type_id.in_(ids), Posting.side.in_(OWN))
            .group_by(Posting.type_id, Posting.side)
        )
    }
    query = (
        select(Lot.type_id, func.sum(Lot.left))
        .where(Lot.type_id.in_(ids), Lot.left > 0, Lot.released_at.is_not(None), Lot.expires_at <= soon)
        .group_by(Lot.type_id)
    )
    expiring = {type_id: int(points) for type_id, points in session.execute(query)}
    return [
        Outstanding(
            kind=each,
            available=sums.get((each.id, "available"), 0),
            pending=sums.get((each.id, "pending"), 0),
            held=sums.get((each.id, "held"), 0),
            soon=expiring.get(each.id, 0),
        )
        for each in kinds
    ]


def flows(session: CrmSession, kind: PointType, today: date, zone: str, months: int = 12) -> list[Flow]:
    """Return how points of a kind came and went in each of the last months, the present one last; months are those of
    a zone. Counts by when it happened, not by when it was recorded."""
    firsts = [_months_ago(today, away) for away in range(months - 1, -1, -1)]
    edges = [start_of(first, zone) for first in [*firsts, _months_ago(today, -1)]]
    place = case(*[(Transaction.at < edge, at) for at, edge in enumerate(edges[1:])], else_=months)

    def total(side: str) -> Any:
        return func.sum(case((Posting.side == side, Posting.points), else_=0))

    query = (
        select(place, total("issued"), total("redeemed"), total("expired"), total("reversed"))
        .select_from(Posting)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(
            Posting.type_id == kind.id,
            Posting.account_id.is_(None),
            and_(Transaction.at >= edges[0], Transaction.at < edges[-1]),
        )
        .group_by(place)
    )
    found = {int(row[0]): [int(each or 0) for each in row[1:]] for row in session.execute(query)}
    made: list[Flow] = []
    for at, first in enumerate(firsts):
        issued, spent, expired, back = found.get(at, [0, 0, 0, 0])
        made.append(Flow(month=f"{first:%Y-%m}", issued=-issued, spent=spent, expired=expired, back=back))
    return made


def tier_counts(session: CrmSession, program: Program) -> list[tuple[Tier, int]]:
    """Return the tiers of a programme, the lowest first, each with how many who take part have it."""
    query = (
        select(MemberTier.tier_id, func.count(func.distinct(MemberTier.customer_id)))
        .join(Member, Member.id == MemberTier.member_id)
        .where(MemberTier.program_id == program.id, Member.left_at.is_(None))
        .group_by(MemberTier.tier_id)
    )
    counts = {row[0]: int(row[1]) for row in session.execute(query)}
    tiers = session.scalars(select(Tier).where(Tier.program_id == program.id).order_by(Tier.level))
    return [(each, counts.get(each.id, 0)) for each in tiers]


def open_redemptions(session: CrmSession, program: Program | None = None) -> int:
    """Return how many redemptions wait to be sent, of one programme or of all."""
    query = select(func.count()).select_from(Redemption).where(Redemption.state == "ordered")
    if program is not None:
        query = query.join(Reward, Reward.id == Redemption.reward_id).where(Reward.program_id == program.id)
    return session.scalars(query).one()


def _months_ago(day: date, months: int) -> date:
    """Return the first day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
