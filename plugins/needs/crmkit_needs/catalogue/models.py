"""The tables of the catalogue: product areas, needs, the evidence for them, and what was said of their state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    CustomerRecord,
    Entry,
    Interaction,
    Model,
    Record,
    Team,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_needs.catalogue.words import COMPLEXITIES, DECLINES, IMPORTANCES, KINDS, SCOPES, SOURCES, STATES, URGENCIES

_ = texts("crmkit_needs")


class ProductArea(Record):
    """A part of what we make or do, to which needs belong and for which somebody answers; in a tree."""

    __tablename__ = "needs_area"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("needs_area.id", ondelete="RESTRICT"), title=_("Part of"), classified="public", index=True
    )
    lead_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who answers for it"), classified="public", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Need(Record):
    """Something that customers need. Who needs it is in its evidence; a need is nobody's own record.

    ``number`` is what people call it by. ``public_title`` and ``public_text`` are what customers read of it, where it
    is ``on_board``. ``inputs`` are the numbers that its scores are made of (reach, impact, confidence, effort …), by
    name; ``merged_into_id`` the need that it is a duplicate of. ``release`` names what it comes with, ``promised_on``
    until when it was promised, ``links`` are records it has to do with, each as ``<resource>:<id>``.
    """

    __tablename__ = "needs_need"
    __access__ = Access.open()

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="text", searchable=True)
    description: Mapped[str | None] = field(String(8000), title=_("Description"), classified="text", searchable=True)
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=KINDS, default="request")
    scope: Mapped[str] = field(String(8), title=_("Scope"), classified="internal", choices=SCOPES, default="standard")
    urgency: Mapped[str] = field(
        String(8), title=_("Urgency"), classified="internal", choices=URGENCIES, default="normal"
    )
    complexity: Mapped[str] = field(
        String(7), title=_("Complexity"), classified="internal", choices=COMPLEXITIES, default="unknown"
    )
    area_id: Mapped[UUID | None] = field(
        ForeignKey(ProductArea.id, ondelete="SET NULL"), title=_("Product area"), classified="internal", index=True
    )
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default="new", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    opened_at: Mapped[datetime] = field(title=_("Opened at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    decline: Mapped[str | None] = field(
        String(12), title=_("Why it was declined"), classified="internal", choices=DECLINES, editable=False
    )
    internal_note: Mapped[str | None] = field(String(4000), title=_("Note for colleagues"), classified="text")
    on_board: Mapped[bool] = field(title=_("On the public board"), classified="internal", default=False)
    public_title: Mapped[str | None] = field(String(200), title=_("Public title"), classified="internal")
    public_text: Mapped[str | None] = field(String(4000), title=_("Public text"), classified="internal")
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    due_on: Mapped[date | None] = field(title=_("Due on"), classified="internal")
    promised_on: Mapped[date | None] = field(title=_("Promised for"), classified="internal")
    release: Mapped[str | None] = field(String(80), title=_("Release"), classified="internal")
    links: Mapped[list[Any]] = field(json_type(), title=_("Linked"), classified="internal", default=list)
    tags: Mapped[list[Any]] = field(json_type(), title=_("Tags"), classified="internal", default=list)
    inputs: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Numbers for scores"), classified="internal", default=dict, editable=False
    )
    merged_into_id: Mapped[UUID | None] = field(
        ForeignKey("needs_need.id", ondelete="SET NULL"),
        title=_("Duplicate of"),
        classified="internal",
        index=True,
        editable=False,
    )
    root_id: Mapped[UUID] = field(title=_("Counts for"), classified="internal", index=True, editable=False)
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_needs_need_state", "state", "state_since"),
        Index("uq_needs_need_external", "external_source", "external_id", unique=True),
    )

    def text_is_open(self, session: Any) -> bool:
        """Say that texts of needs are kept in plain: they are no customer's, and people search them."""
        return True

    @classmethod
    def text_row_is_open(cls, session: Any, row: Mapping[str, Any]) -> bool:
        """Say that texts of needs are kept in plain: they are no customer's, and people search them."""
        return True


class Evidence(CustomerRecord):
    """That a customer needs something: where they said it, in their words, how much it matters to them.

    ``quote`` is what they said, ``importance`` from 1 to 5 how much it matters, ``satisfaction`` from 1 to 5 how well
    it is met today, where they were asked; ``ref`` is the record it comes from, as ``<resource>:<id>``.
    ``wants_news`` says that the customer is told what becomes of it; ``told_state`` is what they were told last.
    After a delivery they may be asked (``asked_at``); what they answer (``answered_at``) is their ``satisfaction``.
    A customer supports a need once for each ``ref``; figures count customers, not rows.

    It stays with the need that it was given for: what supports a need is the evidence of all that were merged into it
    (``Need.root_id``), so that a merge moves nothing and loses nothing.
    """

    __tablename__ = "needs_evidence"

    need_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True, editable=False
    )
    source: Mapped[str] = field(
        String(11), title=_("Source"), classified="internal", choices=SOURCES, default="manual", editable=False
    )
    ref: Mapped[str] = field(String(160), title=_("Comes from"), classified="internal", default="", editable=False)
    interaction_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"),
        title=_("Interaction"),
        classified="internal",
        index=True,
        editable=False,
    )
    quote: Mapped[str | None] = field(String(4000), title=_("In their words"), classified="sensitive")
    importance: Mapped[int] = field(
        Integer, title=_("Importance"), classified="internal", choices=IMPORTANCES, default=3
    )
    satisfaction: Mapped[int | None] = field(Integer, title=_("Met today"), classified="internal")
    heard_at: Mapped[datetime] = field(title=_("Heard at"), classified="internal", editable=False)
    wants_news: Mapped[bool] = field(title=_("Is told what becomes of it"), classified="internal", default=True)
    told_state: Mapped[str | None] = field(
        String(12), title=_("Told last"), classified="internal", choices=STATES, editable=False
    )
    told_at: Mapped[datetime | None] = field(title=_("Told at"), classified="internal", editable=False)
    asked_at: Mapped[datetime | None] = field(
        title=_("Asked whether it is solved"), classified="internal", editable=False
    )
    answered_at: Mapped[datetime | None] = field(title=_("Answered at"), classified="internal", editable=False)
    promised_on: Mapped[date | None] = field(title=_("Promised for"), classified="internal")
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        # Not unique: a merge brings evidence together, and two customers may turn out to be one.
        Index("ix_needs_evidence_once", "need_id", "customer_id", "source", "ref"),
        Index("uq_needs_evidence_external", "external_source", "external_id", unique=True),
        Index("ix_needs_evidence_customer", "customer_id", "heard_at"),
    )


class NeedEvent(Entry):
    """Something that happened to a need: a state, a merge, a score, a note; ``at`` is of the business's clock."""

    __tablename__ = "needs_event"
    __access__ = Access.via("need_id", resource="needs.need")

    need_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    kind: Mapped[str] = field(String(10), title=_("What"), classified="internal")
    before: Mapped[str | None] = field(String(200), title=_("Before"), classified="internal")
    after: Mapped[str | None] = field(String(200), title=_("After"), classified="internal")
    public: Mapped[bool] = field(title=_("Customers read it"), classified="internal", default=False)
    text: Mapped[str | None] = field(String(4000), title=_("Text"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )


class NeedMerge(Record):
    """That a need was merged into another one, and in which state it was, so that it can be undone."""

    __tablename__ = "needs_merge"
    __access__ = Access.via("need_id", resource="needs.need")
    __history__ = False

    need_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"), title=_("Need"), classified="internal", index=True, editable=False
    )
    into_id: Mapped[UUID] = field(
        ForeignKey(Need.id, ondelete="CASCADE"),
        title=_("Merged into"),
        classified="internal",
        index=True,
        editable=False,
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    before: Mapped[str] = field(String(12), title=_("State before"), classified="internal", editable=False)
    undone_at: Mapped[datetime | None] = field(title=_("Undone at"), classified="internal", editable=False)


class NeedCounter(Model):
    """The last number that was given to a need: one row, held while one is added."""

    __tablename__ = "needs_counter"
    __access__ = Access.open(resource="needs.need")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [ProductArea, Need, Evidence, NeedEvent, NeedMerge, NeedCounter]
