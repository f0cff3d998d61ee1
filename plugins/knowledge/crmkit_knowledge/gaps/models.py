"""The tables of gaps: what is asked again and again, the records in which it is, and articles that are alike."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, ScaledDecimal, User, field, json_type, kernel_key, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.gaps.words import STATES

_ = texts("crmkit_knowledge")


class Gap(Record):
    """Something that several customers ask and no article answers.

    ``label`` has words that at least three customers use. ``volume`` counts the records of the last search, ``seconds``
    is the median of the time that was spent on one, None where nobody noted any. ``article_id`` is what was begun for
    it. What was not found again has a volume of 0.
    """

    __tablename__ = "knowledge_gap"
    __access__ = Access.open()

    label: Mapped[list[Any]] = field(json_type(), title=_("Words"), classified="internal", default=list, editable=False)
    volume: Mapped[int] = field(Integer, title=_("Records"), classified="internal", default=0, editable=False)
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal", default=0, editable=False)
    seconds: Mapped[int | None] = field(Integer, title=_("Seconds"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    article_id: Mapped[UUID | None] = field(
        ForeignKey(Article.id, ondelete="SET NULL"),
        title=_("Article"),
        classified="internal",
        index=True,
        editable=False,
    )
    found_at: Mapped[datetime] = field(title=_("Found at"), classified="internal", editable=False)


class GapRecord(Record):
    """That a record belongs to a gap; seen by whoever sees its customer. ``nearness`` is from 0 to 1; ``seconds`` were
    spent on it, None where nobody noted it."""

    __tablename__ = "knowledge_gap_record"
    __access__ = Access.via("customer_id")
    __history__ = False

    gap_id: Mapped[UUID] = field(
        ForeignKey(Gap.id, ondelete="CASCADE"), title=_("Gap"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    ref: Mapped[str] = field(String(160), title=_("Record"), classified="internal", editable=False)
    nearness: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Nearness"), classified="internal", editable=False)
    seconds: Mapped[int | None] = field(Integer, title=_("Seconds"), classified="internal", editable=False)

    __table_args__ = (Index("ix_knowledge_gap_record_gap", "gap_id", "nearness"),)


class AlikePair(Record):
    """Two published articles that say much the same; ``dismissed`` where somebody says that both are wanted."""

    __tablename__ = "knowledge_alike"
    __access__ = Access.via("first_id", resource="knowledge.alike").and_via("second_id")

    first_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"), title=_("Article"), classified="internal", editable=False
    )
    second_id: Mapped[UUID] = field(
        ForeignKey(Article.id, ondelete="CASCADE"),
        title=_("Other article"),
        classified="internal",
        index=True,
        editable=False,
    )
    likeness: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Likeness"), classified="internal", editable=False)
    dismissed: Mapped[bool] = field(title=_("Dismissed"), classified="internal", default=False, editable=False)

    __table_args__ = (Index("uq_knowledge_alike", "first_id", "second_id", unique=True),)


MODELS: list[type[Any]] = [Gap, GapRecord, AlikePair]
