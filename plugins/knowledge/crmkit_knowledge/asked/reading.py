"""Reading questions: those that fail most first. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson
from crmkit_knowledge.asked.counting import VISITS
from crmkit_knowledge.asked.models import Question


def questions(
    session: CrmSession, *, state: str = "open", owner_id: UUID | None = None, limit: int = 50
) -> Sequence[Question]:
    """Return the questions in a state ("" for any) that at least three visits ask, those first that miss most visits;
    of the open ones those alone that miss any."""
    query = select(Question).where(Question.visits >= VISITS)
    if state:
        query = query.where(Question.state == state)
    if state == "open":
        query = query.where(Question.missed > 0)
    if owner_id is not None:
        query = query.where(Question.owner_id == owner_id)
    order = (Question.missed.desc(), Question.visits.desc(), Question.searches.desc(), Question.key)
    return session.scalars(query.order_by(*order).limit(limit)).all()


def missed_share(question: Question) -> Estimate:
    """Return the share of visits that ended without an article, with its Wilson interval."""
    return wilson(question.missed, question.visits)


def open_count(session: CrmSession) -> int:
    """Return how many open questions nobody has taken."""
    query = select(func.count(Question.id)).where(
        Question.state == "open", Question.visits >= VISITS, Question.missed * 2 > Question.visits
    )
    return session.scalar(query.where(Question.owner_id.is_(None))) or 0
