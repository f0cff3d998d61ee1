"""Reading insights as whoever reads sees them: those that hold, open promises, what expires soon. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import case, func, select

from crmkit import CrmSession
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.words import CURRENT, PROMISE

SOON = 30
"""Days before its end in which an insight counts as one that expires soon."""


def holding(session: CrmSession, customer_ids: Collection[UUID], limit: int | None = None) -> Sequence[Insight]:
    """Return the insights of customers that hold: open promises by their days, then constraints, preferences and facts,
    of each the newest first. What has expired today is left out, whether it is marked already or not."""
    order = case({PROMISE: 0, "constraint": 1, "preference": 2}, value=Insight.kind, else_=3)
    query = (
        select(Insight)
        .where(Insight.customer_id.in_(customer_ids), Insight.state == CURRENT)
        .where(func.coalesce(Insight.expires_on, date.max) >= session.today())
        .order_by(order, Insight.due_on, Insight.learnt_at.desc(), Insight.id)
    )
    return session.scalars(query.limit(limit) if limit is not None else query).all()


def of_customer(session: CrmSession, customer_id: UUID, limit: int | None = None) -> Sequence[Insight]:
    """Return everything that was ever known of a customer, the newest first."""
    query = select(Insight).where(Insight.customer_id == customer_id)
    ordered = query.order_by(Insight.learnt_at.desc(), Insight.id.desc())
    return session.scalars(ordered.limit(limit) if limit is not None else ordered).all()


def open_promises(session: CrmSession, limit: int | None = None, *, owner_id: UUID | None = None) -> Sequence[Insight]:
    """Return the promises that are open, everybody's or one owner's, the most urgent first."""
    query = select(Insight).where(Insight.kind == PROMISE, Insight.state == CURRENT)
    if owner_id is not None:
        query = query.where(Insight.owner_id == owner_id)
    ordered = query.order_by(Insight.due_on, Insight.id)
    return session.scalars(ordered.limit(limit) if limit is not None else ordered).all()


def expiring(session: CrmSession, limit: int | None = None, days: int = SOON) -> Sequence[Insight]:
    """Return the insights that hold and will not in some days, or do not from today, the first to expire first."""
    query = (
        select(Insight)
        .where(Insight.state == CURRENT, Insight.expires_on <= session.today() + timedelta(days=days))
        .order_by(Insight.expires_on, Insight.id)
    )
    return session.scalars(query.limit(limit) if limit is not None else query).all()


def overdue_count(session: CrmSession) -> int:
    """Return how many open promises of whoever reads are due today or were before."""
    user = session.guarding.rights.user_id
    if user is None:
        return 0
    late = select(func.count(Insight.id)).where(
        Insight.kind == PROMISE,
        Insight.state == CURRENT,
        Insight.owner_id == user,
        Insight.due_on <= session.today(),
    )
    return session.scalar(late) or 0
