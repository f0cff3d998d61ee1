"""The tables of what is searched for: searches, clicks, questions, and the salts by which visits are told apart.

Nothing leads to who searched: a visit is a hash whose salt is thrown away after a day. Must not know how they are made.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, Model, Record, User, field, kernel_key, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.asked.wording import KEY, LONGEST
from crmkit_knowledge.asked.words import DOORS, STATES

_ = texts("crmkit_knowledge")

SEARCH = "knowledge.search"


class VisitSalt(Model):
    """What the visits of a day are hashed with. It is deleted with the day after: then nobody can say whose visit one
    was, not even who has all keys."""

    __tablename__ = "knowledge_visit_salt"
    __access__ = Access.open(resource=SEARCH)

    day: Mapped[date] = field(classified="internal", primary_key=True)
    salt: Mapped[str] = field(String(64), classified="internal")


class Search(Entry):
    """That somebody searched: the text without personal data, ``key`` as it is compared, and what was found.

    ``best`` is the share of the words asked for that the best hit has, 0 to 1. ``visit`` is the same for the searches
    of one visit within a day. ``day`` is the business's.
    """

    __tablename__ = "knowledge_search"
    __access__ = Access.open()

    text: Mapped[str] = field(String(LONGEST), title=_("Searched for"), classified="internal")
    key: Mapped[str] = field(String(KEY), title=_("Words"), classified="internal")
    language: Mapped[str] = field(String(20), title=_("Language"), classified="internal")
    door: Mapped[str] = field(String(10), title=_("Where"), classified="internal", choices=DOORS)
    hits: Mapped[int] = field(Integer, title=_("Hits"), classified="internal")
    best: Mapped[Decimal | None] = field(Numeric(5, 4), title=_("Best match"), classified="internal")
    day: Mapped[date] = field(title=_("Day"), classified="internal", index=True)
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    visit: Mapped[str | None] = field(String(32), classified="internal")

    __table_args__ = (Index("ix_knowledge_search_visit", "visit", "at"),)


class SearchClick(Entry):
    """That an article was opened from what a search had found; ``rank`` is its place there, from 1."""

    __tablename__ = "knowledge_search_click"
    __access__ = Access.open(resource=SEARCH)

    search_id: Mapped[UUID] = field(ForeignKey(Search.id, ondelete="CASCADE"), classified="internal")
    article_id: Mapped[UUID] = field(ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", index=True)
    rank: Mapped[int] = field(Integer, title=_("Place"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("uq_knowledge_search_click", "search_id", "article_id", unique=True),)


class Question(Record):
    """What several people searched for in their own words. Figures are those of the last counting.

    ``missed`` are the visits that ended without an article: with no hit, or with no click where clicks are seen.
    ``returned`` says how often it went on failing after it was answered.
    """

    __tablename__ = "knowledge_question"
    __access__ = Access.open()
    __history__ = False

    key: Mapped[str] = field(String(KEY), classified="internal", unique=True, editable=False)
    text: Mapped[str] = field(String(LONGEST), title=_("Question"), classified="internal", editable=False)
    language: Mapped[str] = field(String(20), title=_("Language"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    article_id: Mapped[UUID | None] = field(
        ForeignKey(Article.id, ondelete="SET NULL"),
        title=_("Answered by"),
        classified="internal",
        index=True,
        editable=False,
    )
    decided_at: Mapped[datetime | None] = field(title=_("Decided at"), classified="internal", editable=False)
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="internal", editable=False)
    returned: Mapped[int] = field(Integer, title=_("Returned"), classified="internal", default=0, editable=False)
    searches: Mapped[int] = field(Integer, title=_("Searches"), classified="internal", default=0, editable=False)
    visits: Mapped[int] = field(Integer, title=_("Visits"), classified="internal", default=0, editable=False)
    missed: Mapped[int] = field(
        Integer, title=_("Visits without an article"), classified="internal", default=0, editable=False
    )
    without_hits: Mapped[int] = field(
        Integer, title=_("Without hits"), classified="internal", default=0, editable=False
    )
    without_click: Mapped[int] = field(
        Integer, title=_("Without a click"), classified="internal", default=0, editable=False
    )
    reformulated: Mapped[int] = field(Integer, title=_("Asked anew"), classified="internal", default=0, editable=False)
    clickable: Mapped[int] = field(
        Integer, title=_("Where clicks are seen"), classified="internal", default=0, editable=False
    )
    first_on: Mapped[date] = field(title=_("First asked"), classified="internal", editable=False)
    last_on: Mapped[date] = field(title=_("Last asked"), classified="internal", editable=False)

    __table_args__ = (Index("ix_knowledge_question_state", "state", "missed"),)


MODELS: list[type[Any]] = [VisitSalt, Search, SearchClick, Question]
