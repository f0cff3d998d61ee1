"""What gaps are looked for in: solved cases and feedback that no article is linked with, as the session's actor may
read them. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, Interaction
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.capturing.reading import CASE, FEEDBACK

DAYS = 180
"""So many days are looked back."""
MOST = 5000
"""So many records of a kind are read, the newest."""
CHUNK = 500


@frozen(kw_only=True)
class Asked:
    """What somebody asked in a record, and how long it took to answer it, None where nobody noted that."""

    ref: str
    customer_id: UUID
    text: str = field(repr=False)
    seconds: int | None = None


def asked_lately(session: CrmSession, days: int = DAYS) -> list[Asked]:
    """Return the solved cases and the feedback of some days that no article is linked with."""
    since = session.gate.clock.business_now() - timedelta(days=days)
    linked = set(session.scalars(select(ArticleLink.ref).where(ArticleLink.removed_at.is_(None))))
    found = [*_cases(session, since), *_feedback(session, since)]
    return [each for each in found if each.ref not in linked and each.text.strip()]


def _cases(session: CrmSession, since: datetime) -> list[Asked]:
    if CASE not in session.gate.registry.resources:
        return []
    from crmkit_service.api import Case

    query = select(Case).where(Case.resolved_at >= since, Case.phase.in_(("resolved", "closed")))
    cases = session.scalars(query.order_by(Case.resolved_at.desc(), Case.id).limit(MOST)).all()
    found: list[Asked] = []
    for start in range(0, len(cases), CHUNK):
        part = cases[start : start + CHUNK]
        said = _first_said(session, [each.id for each in part])
        spent = _spent(session, [each.id for each in part])
        for each in part:
            text = "\n".join(text for text in (each.subject, said.get(each.id, "")) if type(text) is str)
            made = Asked(ref=f"{CASE}:{each.id}", customer_id=each.customer_id, text=text, seconds=spent.get(each.id))
            found.append(made)
    return found


def _first_said(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    from crmkit_service.api import CaseMessage

    query = (
        select(CaseMessage.case_id, Interaction)
        .join(Interaction, Interaction.id == CaseMessage.interaction_id)
        .where(CaseMessage.case_id.in_(ids), CaseMessage.direction == "in", CaseMessage.automatic.is_(False))
        .order_by(CaseMessage.at, CaseMessage.id)
    )
    found: dict[UUID, str] = {}
    for case_id, interaction in session.execute(query):
        if case_id not in found and type(interaction.body) is str:
            found[case_id] = interaction.body
    return found


def _spent(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    resource = session.gate.registry.resources.get("service.handling")
    if resource is None:
        return {}
    model: Any = resource.model
    found: dict[UUID, int] = defaultdict(int)
    for case_id, seconds in session.execute(select(model.case_id, model.seconds).where(model.case_id.in_(ids))):
        found[case_id] += seconds
    return dict(found)


def _feedback(session: CrmSession, since: datetime) -> list[Asked]:
    resource = session.gate.registry.resources.get(FEEDBACK)
    if resource is None:
        return []
    model: Any = resource.model
    query = select(model).where(model.received_at >= since, model.customer_id.is_not(None))
    found = session.scalars(query.order_by(model.received_at.desc(), model.id).limit(MOST))
    return [
        Asked(ref=f"{FEEDBACK}:{each.id}", customer_id=each.customer_id, text=each.verbatim)
        for each in found
        if type(each.verbatim) is str
    ]
