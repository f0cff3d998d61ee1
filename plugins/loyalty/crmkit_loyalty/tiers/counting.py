"""What is counted for tiers: points that were earned and not taken back, money spent less refunds, happenings.

Points count on the day on which they were earned, refunds on that of their purchase. Must not know tiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Interaction
from crmkit_loyalty.earning.happening import base_minor
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.programs.models import Member
from crmkit_loyalty.programs.money import digits_of
from crmkit_loyalty.tiers.deciding import Figures
from crmkit_loyalty.tiers.models import TierMetric

BOUGHT, BACK = "purchase", "refund"


def counter_of(session: CrmSession, metrics: Sequence[TierMetric], member: Member) -> Callable[[date, date], Figures]:
    """Return what counts the metrics of a member within a span of days."""
    zone = ZoneInfo(session.business().zone)
    kept: dict[tuple[date, date], Figures] = {}

    def figures(first: date, last: date) -> Figures:
        found = kept.get((first, last))
        if found is None:
            begin = datetime.combine(first, time(), zone)
            end = datetime.combine(last + timedelta(days=1), time(), zone)
            found = kept[first, last] = {each.name: _count(session, each, member, begin, end) for each in metrics}
        return found

    return figures


def _count(session: CrmSession, metric: TierMetric, member: Member, begin: datetime, end: datetime) -> Decimal:
    if metric.source == "points":
        return Decimal(_points(session, metric.type_id, member, begin, end))
    if metric.source == "spend":
        return _spend(session, member.customer_id, begin, end)
    gone = aliased(Interaction)
    query = select(func.count()).where(
        Interaction.customer_id == member.customer_id,
        Interaction.kind == metric.event,
        Interaction.occurred_at >= begin,
        Interaction.occurred_at < end,
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
    )
    return Decimal(session.scalars(query.select_from(Interaction)).one())


def _points(session: CrmSession, type_id: UUID | None, member: Member, begin: datetime, end: datetime) -> int:
    """Return the points of a kind that were earned within a span, less what was taken back of them since."""
    within = (
        Lot.account_id == member.account_id,
        Lot.type_id == type_id,
        Lot.source != "transfer",
        Lot.earned_at >= begin,
        Lot.earned_at < end,
    )
    earned = session.scalars(select(func.coalesce(func.sum(Lot.points), 0)).where(*within)).one()
    back = (
        select(func.coalesce(func.sum(Posting.points), 0))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(
            Posting.side == "reversed",
            Posting.type_id == type_id,
            Transaction.about_id.in_(select(Lot.transaction_id).where(*within)),
        )
    )
    return int(earned) - int(session.scalars(back).one())


def _spend(session: CrmSession, customer_id: UUID, begin: datetime, end: datetime) -> Decimal:
    """Return what a customer has spent within a span, in major units of the base currency, less refunds of it."""
    business = session.business()
    gone = aliased(Interaction)
    counts = (
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
        Interaction.amount_minor.is_not(None),
    )
    bought = select(Interaction.id, Interaction.occurred_at, Interaction.amount_minor, Interaction.currency).where(
        Interaction.customer_id == customer_id,
        Interaction.kind == BOUGHT,
        Interaction.occurred_at >= begin,
        Interaction.occurred_at < end,
        *counts,
    )
    rows = session.execute(bought).all()
    back = select(Interaction.id, Interaction.occurred_at, -Interaction.amount_minor, Interaction.currency).where(
        Interaction.kind == BACK, Interaction.about_id.in_([row[0] for row in rows]), *counts
    )
    zone = ZoneInfo(business.zone)
    minor = _sum(session, [*rows, *(session.execute(back).all() if rows else ())], zone)
    return Decimal(minor).scaleb(-digits_of(session))


def _sum(session: CrmSession, rows: Iterable[object], zone: ZoneInfo) -> int:
    total = 0
    for _id, at, amount, currency in rows:  # type: ignore[misc]
        total += base_minor(session, int(amount), currency, at.astimezone(zone).date())
    return total
