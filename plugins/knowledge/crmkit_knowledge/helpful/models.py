"""The tables of views and votes. Nothing in them leads to whoever read: a visit is a hash whose salt is thrown away
after a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Model, Record, field, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.asked.words import DOORS
from crmkit_knowledge.helpful.words import REASONS, STATES

_ = texts("crmkit_knowledge")

VOTE = "knowledge.vote"


class View(Model):
    """How many visits read a revision of an article on a day of the business, by where they read it."""

    __tablename__ = "knowledge_view"
    __access__ = Access.open(resource=VOTE)

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    revision: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    day: Mapped[date] = field(classified="internal", primary_key=True, index=True)
    door: Mapped[str] = field(String(10), classified="internal", primary_key=True, choices=DOORS)
    views: Mapped[int] = field(Integer, classified="internal", default=0)


class Seen(Model):
    """That a visit has read an article today: emptied after the day."""

    __tablename__ = "knowledge_seen"
    __access__ = Access.open(resource=VOTE)

    visit: Mapped[str] = field(String(32), classified="internal", primary_key=True)
    day: Mapped[date] = field(classified="internal", index=True)


class Vote(Record):
    """What a visit says of an article: whether it helped, why not, and a comment without personal data.

    ``revision`` is the one that was shown. A visit has one vote on an article; a later one replaces it.
    """

    __tablename__ = "knowledge_vote"
    __access__ = Access.open()
    __history__ = False

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", editable=False
    )
    revision: Mapped[int] = field(Integer, title=_("Revision"), classified="internal", editable=False)
    helpful: Mapped[bool] = field(title=_("Helpful"), classified="internal", editable=False)
    reason: Mapped[str | None] = field(
        String(10), title=_("Why not"), classified="internal", choices=REASONS, editable=False
    )
    comment: Mapped[str | None] = field(String(1000), title=_("Comment"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(4), title=_("State"), classified="internal", choices=STATES, default="none", editable=False
    )
    door: Mapped[str] = field(String(10), title=_("Where"), classified="internal", choices=DOORS, editable=False)
    day: Mapped[date] = field(title=_("Day"), classified="internal", index=True, editable=False)
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    visit: Mapped[str] = field(String(32), classified="internal", editable=False)

    __table_args__ = (
        Index("uq_knowledge_vote_visit", "article_id", "visit", unique=True),
        Index("ix_knowledge_vote_state", "state", "at"),
    )


class Doubt(Model):
    """That a revision was found to help so few that its owner was told."""

    __tablename__ = "knowledge_doubt"
    __access__ = Access.open(resource=VOTE)

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    revision: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    at: Mapped[datetime] = field(classified="internal")


MODELS: list[type[Any]] = [View, Seen, Vote, Doubt]
