"""Reading what was tried and how it came out. Must not change anything."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_churn.retention.effects import Effect, Persuadable, Tried, effect, learn_persuadable
from crmkit_churn.retention.models import Treatment


def tried_in(
    session: CrmSession, *, playbook_id: UUID | None = None, first: date | None = None, last: date | None = None
) -> list[Tried]:
    """Return the treatments that were judged, of a playbook or all, between two days on which they were judged."""
    query = select(Treatment).where(Treatment.left.is_not(None)).order_by(Treatment.started_at, Treatment.id)
    if playbook_id is not None:
        query = query.where(Treatment.playbook_id == playbook_id)
    if first is not None:
        query = query.where(Treatment.judged_on >= first)
    if last is not None:
        query = query.where(Treatment.judged_on <= last)
    return [
        Tried(
            treated=each.arm == "treated",
            left=bool(each.left),
            probability=each.probability,
            worth_minor=each.worth_minor,
            cost_minor=each.cost_minor,
        )
        for each in session.scalars(query)
    ]


def effect_of(
    session: CrmSession, *, playbook_id: UUID | None = None, first: date | None = None, last: date | None = None
) -> Effect:
    """Return what playbooks changed, by the treatments that the actor may see."""
    return effect(tried_in(session, playbook_id=playbook_id, first=first, last=last))


def persuadable_of(session: CrmSession, playbook_id: UUID) -> Persuadable:
    """Return how much a playbook changes at each band of risk."""
    return learn_persuadable(tried_in(session, playbook_id=playbook_id))
