"""Short ways to views and votes, for the tests of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.helpful.counting import VISITOR_RIGHTS, note_view, vote
from crmkit_knowledge.helpful.figures import Helpfulness, helpfulness
from crmkit_knowledge.helpful.models import View, Vote
from sqlalchemy import func, select

from crmkit import Actor
from tests.plugins.knowledge.base import Base


def visitor() -> Actor:
    """Return somebody who reads the help centre."""
    return Actor.visitor(customer_id=None, rights=VISITOR_RIGHTS, language="en", address="203.0.113.7")


def reads(base: Base, article: UUID, visit: str, **more: Any) -> bool:
    """Read an article as a visitor."""
    with base.crm.session(visitor()) as session:
        return note_view(session, article, visit_key=visit, **more)


def says(base: Base, article: UUID, visit: str, helpful: bool, **more: Any) -> UUID:
    """Vote as a visitor."""
    with base.crm.transaction(visitor()) as session:
        return vote(session, article, helpful=helpful, visit_key=visit, **more)


def say(base: Base, article: UUID, yes: int, no: int) -> None:
    """Have several visitors vote."""
    for number in range(yes + no):
        says(base, article, f"{base.clock.as_clock().now()} {number}", number < yes)


def votes(base: Base) -> list[Vote]:
    """Return the votes."""
    with base.crm.session(base.actor()) as session:
        found = list(session.scalars(select(Vote).order_by(Vote.at, Vote.id)))
        session.expunge_all()
        return found


def views(base: Base) -> int:
    """Return how many views are counted."""
    with base.crm.session(base.actor()) as session:
        return int(session.scalar(select(func.coalesce(func.sum(View.views), 0))) or 0)


def help_of(base: Base, article: UUID) -> Helpfulness:
    """Return how helpful an article is."""
    with base.crm.session(base.actor()) as session:
        return helpfulness(session, [session.get_one(Article, article)])[article]


def revise(base: Base, article: UUID) -> None:
    """Release another revision."""
    base.run("knowledge.article.revise", {"body": "Use the sticker."}, target=article)
    base.publish(article)
