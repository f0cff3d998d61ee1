"""Who may be asked: conditions, chance, quotas, and who was asked not long ago. Must not write."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, NotFound, customers_where, texts
from crmkit.engines.statistics.hashing import share_of
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")


def distribution_named(session: CrmSession, name: str) -> Distribution:
    """Return a distribution by its name. Raises NotFound, with the names that there are."""
    found = session.scalars(select(Distribution).where(Distribution.name == name)).first()
    if found is None:
        names = ", ".join(session.scalars(select(Distribution.name).order_by(Distribution.name).limit(20))) or "–"
        raise NotFound(_('There is no distribution "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def wanted_of(distribution: Distribution) -> str:
    """Return the condition of those who are asked: of the segment and of the expression; empty for everybody."""
    parts = [f"segment.{distribution.segment}"] if distribution.segment else []
    parts += [f"({distribution.condition})"] if distribution.condition else []
    return " and ".join(parts)


def holding(session: CrmSession, condition: str, among: Any = None) -> set[UUID]:
    """Return the customers for whom a condition holds now, all of them for an empty one."""
    if condition:
        return set(session.scalars(customers_where(session, condition, among=among)))
    query = select(Customer.id).where(Customer.deleted_at.is_(None))
    return set(session.scalars(query if among is None else query.where(Customer.id.in_(among))))


def sampled(distribution: Distribution, customer_id: UUID, occasion: str = "") -> bool:
    """Say whether a customer is in the sample: by a chance that is the same whenever it is asked for."""
    if distribution.sample_percent >= 100:
        return True
    name = f"feedback.distribution:{distribution.name}:{occasion}"
    return share_of(name, customer_id) * 100 < distribution.sample_percent


def kept_out(session: CrmSession, distribution: Distribution, ids: Sequence[UUID] | None = None) -> set[UUID]:
    """Return whom one of the distribution's rules keeps from being asked."""
    found: set[UUID] = set()
    for each in distribution.rules:
        found |= holding(session, str(each), ids)
    return found


def answered(session: CrmSession, distribution: Distribution, condition: str = "") -> int:
    """Return how many of those whom a distribution asked have answered, of those for whom a condition holds."""
    whose = select(Invitation.customer_id).where(
        Invitation.distribution_id == distribution.id, Invitation.state == "completed"
    )
    if condition:
        return len(holding(session, condition, whose))
    return session.scalar(select(func.count()).select_from(whose.subquery())) or 0


def full_cells(session: CrmSession, distribution: Distribution) -> list[str]:
    """Return the conditions of the quotas that are full."""
    return [
        str(each.get("when", ""))
        for each in distribution.quotas
        if answered(session, distribution, str(each.get("when", ""))) >= int(each["most"])
    ]


def in_full_cells(session: CrmSession, distribution: Distribution, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of some customers who are in a cell that is full."""
    found: set[UUID] = set()
    for each in full_cells(session, distribution):
        found |= holding(session, each, ids) if each else set(ids)
    return found


def resting(session: CrmSession, ids: Collection[UUID], now: datetime, *, but: Collection[UUID] = ()) -> set[UUID]:
    """Return those of some customers who were asked by any survey so short a while ago that its quarantine holds:
    ``rest_days`` of the survey that asked. ``but`` are invitations that do not count.

    One query, however many they are. It is to be asked with the customers locked, so that two surveys do not ask the
    same one at once.
    """
    days: dict[UUID, int] = {
        row[0]: int(row[1]) for row in session.execute(select(Survey.id, Survey.rest_days).where(Survey.rest_days > 0))
    }
    if not days or not ids:
        return set()
    query = (
        select(Invitation.customer_id, Invitation.survey_id, func.max(Invitation.sent_at))
        .where(
            Invitation.customer_id.in_(sorted(ids)),
            Invitation.sent_at > now - timedelta(days=max(days.values())),
            Invitation.id.not_in(sorted(but)),
        )
        .group_by(Invitation.customer_id, Invitation.survey_id)
    )
    return {
        customer
        for customer, survey, sent_at in session.execute(query)
        if survey in days and sent_at > now - timedelta(days=days[survey])
    }
