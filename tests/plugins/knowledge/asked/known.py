"""Short ways to searches and questions, for the tests of them."""

from __future__ import annotations

from uuid import UUID

from crmkit_knowledge.asked.logging import Answer, ask, note_click
from crmkit_knowledge.asked.models import Question, Search
from sqlalchemy import select

from tests.plugins.knowledge.base import Base


def asks(base: Base, text: str, visit: str = "", where: str = "centre", language: str = "en") -> Answer:
    """Search as somebody."""
    with base.crm.session(base.actor()) as session:
        return ask(session, text, where=where, visit_key=visit, language=language)  # type: ignore[arg-type]


def opens(base: Base, answer: Answer, article: UUID, rank: int = 1) -> None:
    """Open an article from what a search had found."""
    assert answer.search_id is not None
    with base.crm.session(base.actor()) as session:
        note_click(session, answer.search_id, article, rank)


def several(base: Base, text: str, visits: int = 3, **more: str) -> list[Answer]:
    """Have several people search the same."""
    return [asks(base, text, f"visitor {number} of {text}", **more) for number in range(visits)]


def searches(base: Base) -> list[Search]:
    """Return the searches, the first ones first."""
    with base.crm.session(base.actor()) as session:
        found = list(session.scalars(select(Search).order_by(Search.at, Search.id)))
        session.expunge_all()
        return found


def counted(base: Base) -> dict[str, Question]:
    """Count questions, and return them by their text."""
    base.run("knowledge.question.count")
    with base.crm.session(base.actor()) as session:
        found = {each.text: each for each in session.scalars(select(Question))}
        session.expunge_all()
        return found
