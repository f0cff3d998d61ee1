"""Reading promises as whoever reads sees them, with those that knowledge has beside. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit_experience.promises.models import Promise, PromiseSuggestion
from crmkit_experience.promises.words import OPEN

INSIGHT = "knowledge.insight"


@frozen(kw_only=True)
class KnownPromise:
    """A promise that stands among the insights of knowledge. ``due_on`` is a day of the company's zone."""

    id: UUID
    customer_id: UUID
    text: Any
    due_on: Any
    owner_id: UUID | None


def promises(
    session: CrmSession,
    *,
    state: str = OPEN,
    owner_id: UUID | None = None,
    customer_id: UUID | None = None,
    limit: int | None = None,
) -> Sequence[Promise]:
    """Return promises in a state (empty for all), the most urgent first where they are open, else the newest first."""
    query = select(Promise)
    if state:
        query = query.where(Promise.state == state)
    if owner_id is not None:
        query = query.where(Promise.owner_id == owner_id)
    if customer_id is not None:
        query = query.where(Promise.customer_id == customer_id)
    order = (Promise.due_at, Promise.id) if state == OPEN else (Promise.due_at.desc(), Promise.id)
    return session.scalars(query.order_by(*order).limit(limit)).all()


def open_of(session: CrmSession, customer_ids: Collection[UUID]) -> Sequence[Promise]:
    """Return the open promises of some customers, the most urgent first."""
    query = select(Promise).where(Promise.customer_id.in_(customer_ids), Promise.state == OPEN)
    return session.scalars(query.order_by(Promise.due_at, Promise.id)).all()


def suggestions(
    session: CrmSession, *, owner_id: UUID | None = None, customer_id: UUID | None = None, limit: int | None = None
) -> Sequence[PromiseSuggestion]:
    """Return the sentences that read like promises and that nobody has decided on, the most urgent first."""
    query = select(PromiseSuggestion).where(PromiseSuggestion.state == "open")
    if owner_id is not None:
        query = query.where(PromiseSuggestion.owner_id == owner_id)
    if customer_id is not None:
        query = query.where(PromiseSuggestion.customer_id == customer_id)
    return session.scalars(query.order_by(PromiseSuggestion.due_at, PromiseSuggestion.id).limit(limit)).all()


def known_promises(
    session: CrmSession, *, owner_id: UUID | None = None, customer_id: UUID | None = None, limit: int | None = None
) -> Sequence[KnownPromise]:
    """Return the open promises among what knowledge knows of customers, as the reader sees them; none where it is not
    enabled or the reader may not see insights."""
    rights = session.guarding.rights
    if INSIGHT not in session.gate.registry.resources:
        return []
    if not rights.unrestricted and rights.scope(INSIGHT, "read") == "none":
        return []
    from crmkit_knowledge.api import Insight

    query = select(Insight).where(Insight.kind == "promise", Insight.state == "current")
    if owner_id is not None:
        query = query.where(Insight.owner_id == owner_id)
    if customer_id is not None:
        query = query.where(Insight.customer_id == customer_id)
    return [
        KnownPromise(
            id=each.id, customer_id=each.customer_id, text=each.text, due_on=each.due_on, owner_id=each.owner_id
        )
        for each in session.scalars(query.order_by(Insight.due_on, Insight.id).limit(limit))
    ]


def overdue_count(session: CrmSession) -> int:
    """Return how many open promises of whoever reads are overdue."""
    user = session.guarding.rights.user_id
    if user is None:
        return 0
    now: datetime = session.gate.clock.business_now()
    late = select(func.count(Promise.id)).where(Promise.state == OPEN, Promise.owner_id == user, Promise.due_at <= now)
    return session.scalar(late) or 0
