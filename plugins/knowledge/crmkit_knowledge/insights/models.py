"""The tables of insights: topics, what is known of customers by them, and its history.

What an insight is now stands in its row; what it was at any time, and when that came to be known, in its events. Texts
are sealed with the customer's key.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Id, Record, ScaledDecimal, User, field, kernel_key, texts
from crmkit_knowledge.insights.words import CURRENT, EVENTS, KINDS, SOURCES, STATES, WHYS

_ = texts("crmkit_knowledge")


class InsightTopic(Record):
    """What insights are about, from a governed list: contact time, packaging, allergy.

    ``kind`` is what an insight of it is unless said otherwise. Of a ``single`` one a customer has one at a time of each
    kind: a newer one replaces the older. After ``days`` one is not trusted any more, 0 for never.
    """

    __tablename__ = "knowledge_insight_topic"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(
        String(10), title=_("Usual kind"), classified="public", choices=KINDS, default="preference"
    )
    single: Mapped[bool] = field(title=_("One at a time"), classified="public", default=True)
    days: Mapped[int] = field(Integer, title=_("Holds for (days)"), classified="public", default=0)
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Insight(Record):
    """Something that is known of a customer, seen by whoever sees the customer.

    ``source`` says how it came to be known, ``ref`` from which record, as ``<resource>:<id>``; ``learnt_at`` when, by
    the business's clock (UTC). ``confidence`` is from 0 to 1. It is trusted up to ``expires_on``. A promise has the day
    ``due_on`` by which it was made. ``ended_at`` is when it stopped to hold: when a promise was kept or broken, when it
    was replaced (by ``superseded_by_id``), withdrawn or expired; ``ended_by_id`` is who said so. ``told_on`` is the day
    for which the owner was told that a promise falls due, ``task_id`` the task for it.
    """

    __tablename__ = "knowledge_insight"
    __access__ = Access.via("customer_id")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    topic_id: Mapped[UUID] = field(
        ForeignKey(InsightTopic.id, ondelete="RESTRICT"),
        title=_("Topic"),
        classified="internal",
        index=True,
        editable=False,
    )
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    text: Mapped[str] = field(String(2000), title=_("What is known"), classified="text", editable=False)
    source: Mapped[str] = field(
        String(8), title=_("Source"), classified="internal", choices=SOURCES, default="said", editable=False
    )
    ref: Mapped[str | None] = field(
        String(160), title=_("Comes from"), classified="internal", index=True, editable=False
    )
    learnt_at: Mapped[datetime] = field(title=_("Learnt at"), classified="internal", editable=False)
    confidence: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Confidence"), classified="internal", editable=False)
    expires_on: Mapped[date | None] = field(title=_("Expires on"), classified="internal", editable=False)
    due_on: Mapped[date | None] = field(title=_("Promised for"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default=CURRENT, editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    confirmed_at: Mapped[datetime | None] = field(title=_("Confirmed at"), classified="internal", editable=False)
    superseded_by_id: Mapped[UUID | None] = field(
        ForeignKey("knowledge_insight.id", ondelete="SET NULL"),
        title=_("Replaced by"),
        classified="internal",
        index=True,
        editable=False,
    )
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    ended_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Ended by"), classified="internal", index=True, editable=False
    )
    why: Mapped[str | None] = field(
        String(10), title=_("Why it was withdrawn"), classified="internal", choices=WHYS, editable=False
    )
    outcome: Mapped[str | None] = field(String(2000), title=_("What came of it"), classified="text", editable=False)
    told_on: Mapped[date | None] = field(title=_("Told for"), classified="internal", editable=False)
    task_id: Mapped[UUID | None] = field(Id, title=_("Task"), classified="internal", index=True, editable=False)
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_knowledge_insight_customer", "customer_id", "topic_id", "learnt_at"),
        Index("ix_knowledge_insight_due", "state", "due_on"),
        Index("ix_knowledge_insight_expiry", "state", "expires_on"),
        Index("uq_knowledge_insight_external", "external_source", "external_id", unique=True),
    )


class InsightEvent(Entry):
    """Something that happened to an insight, with what held of it from then (``at``, by the business's clock)."""

    __tablename__ = "knowledge_insight_event"
    __access__ = Access.via("insight_id", resource="knowledge.insight")

    insight_id: Mapped[UUID] = field(
        ForeignKey(Insight.id, ondelete="CASCADE"), title=_("Insight"), classified="internal"
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    kind: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=EVENTS)
    state: Mapped[str] = field(String(10), title=_("State"), classified="internal", choices=STATES)
    confidence: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Confidence"), classified="internal")
    expires_on: Mapped[date | None] = field(title=_("Expires on"), classified="internal")
    due_on: Mapped[date | None] = field(title=_("Promised for"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )

    __table_args__ = (Index("ix_knowledge_insight_event_of", "insight_id", "at"),)


MODELS: list[type[Any]] = [InsightTopic, Insight, InsightEvent]
