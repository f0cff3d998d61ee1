"""The tables of articles: spaces, categories, articles with what is released of them, revisions, and verifications.

An article shows its released revision; what is being worked on is in its newest one, and neither is seen through the
other. Texts are nobody's personal data and are kept in plain, so that they are found.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, Model, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_knowledge.articles.words import AUDIENCES, KINDS, REVISIONS, SPACE_AUDIENCES, STATES, VERIFICATIONS

_ = texts("crmkit_knowledge")

LONGEST = 1_000_000
"""Characters of a text."""


class Space(Record):
    """A body of articles with its own readers, such as the help centre or the manual of the service desk.

    With ``four_eyes`` nobody approves what they have written. What is published has to be verified every
    ``verify_months``, 0 for never; with ``hide_overdue`` it is not shown while that is overdue.
    """

    __tablename__ = "knowledge_space"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(2000), title=_("Description"), classified="public")
    audience: Mapped[str] = field(
        String(9), title=_("For"), classified="public", choices=SPACE_AUDIENCES, default="internal"
    )
    language: Mapped[str] = field(String(20), title=_("Language"), classified="public", default="en")
    four_eyes: Mapped[bool] = field(title=_("Approved by somebody else"), classified="internal", default=True)
    verify_months: Mapped[int] = field(Integer, title=_("Verified every (months)"), classified="internal", default=12)
    hide_overdue: Mapped[bool] = field(title=_("Hidden when overdue"), classified="internal", default=False)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Category(Record):
    """A part of a space, in a tree."""

    __tablename__ = "knowledge_category"
    __access__ = Access.open()

    space_id: Mapped[UUID] = field(
        ForeignKey(Space.id, ondelete="CASCADE"), title=_("Space"), classified="public", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("knowledge_category.id", ondelete="RESTRICT"), title=_("Part of"), classified="public", index=True
    )
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)

    __table_args__ = (Index("uq_knowledge_category_name", "space_id", "name", unique=True),)


class Article(Record):
    """An article with what is released of it. ``number`` is what people call it by, ``slug`` its address.

    Before the first release ``title`` is that of the draft, and there is no ``body``. ``audience`` narrows that of the
    space; ``audience_of`` names the segments or roles, where it is for those. ``translates_id`` is the article that
    this one says in another language, ``translates_number`` the revision of it that was translated: where that has a
    newer one released, the translation is stale. ``newest`` and ``released`` are numbers of revisions. ``publish_at``
    is when an approved revision is released, ``expire_at`` when the article is archived, ``verify_on`` the day by which
    somebody has to say that it is still right.
    """

    __tablename__ = "knowledge_article"
    __access__ = Access.open()

    number: Mapped[int] = field(Integer, title=_("Number"), classified="public", unique=True, editable=False)
    space_id: Mapped[UUID] = field(
        ForeignKey(Space.id, ondelete="RESTRICT"), title=_("Space"), classified="public", index=True, editable=False
    )
    category_id: Mapped[UUID | None] = field(
        ForeignKey(Category.id, ondelete="SET NULL"), title=_("Category"), classified="public", index=True
    )
    kind: Mapped[str] = field(String(15), title=_("Kind"), classified="public", choices=KINDS, default="how_to")
    language: Mapped[str] = field(String(20), title=_("Language"), classified="public", editable=False)
    slug: Mapped[str] = field(String(120), title=_("Address"), classified="public", unique=True)
    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal", searchable=True, editable=False)
    summary: Mapped[str | None] = field(
        String(1000), title=_("Summary"), classified="internal", searchable=True, editable=False
    )
    body: Mapped[str | None] = field(
        String(LONGEST), title=_("Text"), classified="internal", searchable=True, editable=False
    )
    state: Mapped[str] = field(
        String(18), title=_("State"), classified="internal", choices=STATES, default="new", editable=False
    )
    audience: Mapped[str | None] = field(
        String(9), title=_("For"), classified="public", choices=AUDIENCES, editable=False
    )
    audience_of: Mapped[list[Any]] = field(
        json_type(), title=_("Segments or roles"), classified="internal", default=list, editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    tags: Mapped[list[Any]] = field(json_type(), title=_("Tags"), classified="public", default=list)
    translates_id: Mapped[UUID | None] = field(
        ForeignKey("knowledge_article.id", ondelete="SET NULL"),
        title=_("Translation of"),
        classified="public",
        index=True,
        editable=False,
    )
    translates_number: Mapped[int | None] = field(
        Integer, title=_("Translated revision"), classified="internal", editable=False
    )
    newest: Mapped[int] = field(Integer, title=_("Newest revision"), classified="internal", default=1, editable=False)
    released: Mapped[int | None] = field(Integer, title=_("Released revision"), classified="internal", editable=False)
    released_at: Mapped[datetime | None] = field(title=_("Released at"), classified="public", editable=False)
    publish_at: Mapped[datetime | None] = field(title=_("Released on"), classified="internal", editable=False)
    expire_at: Mapped[datetime | None] = field(title=_("Archived on"), classified="internal")
    verified_at: Mapped[datetime | None] = field(title=_("Verified at"), classified="internal", editable=False)
    verify_on: Mapped[date | None] = field(title=_("Verify by"), classified="internal", index=True, editable=False)
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_knowledge_article_state", "state", "released_at"),
        Index("uq_knowledge_article_external", "external_source", "external_id", unique=True),
    )


class Revision(Record):
    """One revision of an article: the text as somebody left it. Those that were released or superseded never change."""

    __tablename__ = "knowledge_revision"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Revision"), classified="internal", editable=False)
    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal", editable=False)
    summary: Mapped[str | None] = field(String(1000), title=_("Summary"), classified="internal", editable=False)
    body: Mapped[str] = field(String(LONGEST), title=_("Text"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=REVISIONS, default="draft", editable=False
    )
    note: Mapped[str | None] = field(String(500), title=_("What changed"), classified="internal", editable=False)
    author_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Written by"),
        classified="internal",
        index=True,
        editable=False,
    )
    reviewer_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Approved by"),
        classified="internal",
        index=True,
        editable=False,
    )
    answer: Mapped[str | None] = field(
        String(2000), title=_("What the reviewer said"), classified="internal", editable=False
    )
    written_at: Mapped[datetime] = field(title=_("Written at"), classified="internal", editable=False)
    decided_at: Mapped[datetime | None] = field(title=_("Decided at"), classified="internal", editable=False)
    released_at: Mapped[datetime | None] = field(title=_("Released at"), classified="internal", editable=False)

    __table_args__ = (Index("uq_knowledge_revision_number", "article_id", "number", unique=True),)


class Verification(Entry):
    """That somebody said that an article is still right, or that it was time and nobody had."""

    __tablename__ = "knowledge_verification"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", index=True
    )
    number: Mapped[int] = field(Integer, title=_("Revision"), classified="internal")
    outcome: Mapped[str] = field(String(8), title=_("Outcome"), classified="internal", choices=VERIFICATIONS)
    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )


class ReaderRole(Model):
    """That colleagues with a role read an article which is for roles; an administrator reads it anyway."""

    __tablename__ = "knowledge_reader_role"
    __access__ = Access.via("article_id", resource="knowledge.article")

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    role: Mapped[str] = field(String(60), classified="internal", primary_key=True)


class PublicText(Record):
    """What people who are no colleagues read of an article: the released text without what is for colleagues alone.

    It is all that the help centre and customers' links reach, and is there only while the article is shown to them.
    ``audience`` is the narrower one of the article and its space: public, customers or segment. ``plain`` is what the
    text says without its marks: it is searched.
    """

    __tablename__ = "knowledge_public_text"
    __access__ = Access.open()

    article_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="public", unique=True
    )
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public", unique=True)
    revision: Mapped[int] = field(Integer, title=_("Revision"), classified="public")
    space_id: Mapped[UUID] = field(
        ForeignKey(Space.id, ondelete="CASCADE"), title=_("Space"), classified="public", index=True
    )
    category_id: Mapped[UUID | None] = field(
        ForeignKey(Category.id, ondelete="SET NULL"), title=_("Category"), classified="public", index=True
    )
    kind: Mapped[str] = field(String(15), title=_("Kind"), classified="public", choices=KINDS)
    language: Mapped[str] = field(String(20), title=_("Language"), classified="public")
    slug: Mapped[str] = field(String(120), title=_("Address"), classified="public", unique=True)
    title: Mapped[str] = field(String(300), title=_("Title"), classified="public", searchable=True)
    summary: Mapped[str | None] = field(String(1000), title=_("Summary"), classified="public", searchable=True)
    body: Mapped[str] = field(String(LONGEST), title=_("Text"), classified="public")
    plain: Mapped[str] = field(String(LONGEST), title=_("Words"), classified="public", searchable=True)
    audience: Mapped[str] = field(String(9), title=_("For"), classified="public", choices=AUDIENCES)
    audience_of: Mapped[list[Any]] = field(json_type(), title=_("Segments"), classified="internal", default=list)
    translates_id: Mapped[UUID | None] = field(
        ForeignKey(Article.id, ondelete="SET NULL"), title=_("Translation of"), classified="public", index=True
    )
    released_at: Mapped[datetime] = field(title=_("Released at"), classified="public", index=True)


class KnowledgeCounter(Model):
    """The last number that was given to an article: one row, held while an article is added."""

    __tablename__ = "knowledge_counter"
    __access__ = Access.open(resource="knowledge.article")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [
    Space,
    Category,
    Article,
    Revision,
    Verification,
    ReaderRole,
    PublicText,
    KnowledgeCounter,
]
