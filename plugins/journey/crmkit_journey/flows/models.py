"""The tables of flows: what there is, each draft that was saved, and what was published.

A draft is a row for each time it was saved, so that it can be undone and nothing that somebody drew is lost; what was
published never changes, as passages hold on to it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, Record, User, field, json_type, kernel_key, texts
from crmkit_journey.flows.words import STATES

_ = texts("crmkit_journey")


class Flow(Record):
    """A flow. ``state`` is "draft" until it is published first, then "live", "paused" (nobody comes in, nobody goes on)
    or "retired" (nobody comes in, those on their way go on). ``live_number`` is the version by which customers come in,
    ``draft_number`` the draft at hand, ``halted`` why it was stopped by itself."""

    __tablename__ = "journey_flow"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(2000), title=_("What it is for"), classified="public")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="public", choices=STATES, default="draft", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    live_number: Mapped[int | None] = field(Integer, title=_("Version"), classified="public", editable=False)
    draft_number: Mapped[int] = field(Integer, title=_("Draft"), classified="public", default=0, editable=False)
    halted: Mapped[str | None] = field(String(500), title=_("Stopped because"), classified="internal", editable=False)


class FlowDraft(Entry):
    """A draft as it was saved. ``before`` is the number of the draft that it came from, to which undoing goes back."""

    __tablename__ = "journey_flow_draft"
    __access__ = Access.via("flow_id", resource="journey.flow")

    flow_id: Mapped[UUID] = field(ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="public")
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public")
    before: Mapped[int] = field(Integer, title=_("Came from"), classified="public", default=0)
    document: Mapped[dict[str, Any]] = field(json_type(), title=_("Definition"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Saved by"), classified="internal", index=True
    )

    __table_args__ = (Index("uq_journey_flow_draft_number", "flow_id", "number", unique=True),)


class FlowVersion(Entry):
    """A flow as it was published, by whom, and as whom it acts: a user, or the system where ``user_id`` is empty.
    ``moves`` says which node passages of the former version went to from one that is not there any more."""

    __tablename__ = "journey_flow_version"
    __access__ = Access.via("flow_id", resource="journey.flow")

    flow_id: Mapped[UUID] = field(ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="public")
    number: Mapped[int] = field(Integer, title=_("Number"), classified="public")
    document: Mapped[dict[str, Any]] = field(json_type(), title=_("Definition"), classified="internal")
    moves: Mapped[dict[str, Any]] = field(json_type(), title=_("Moves"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Published by"), classified="internal", index=True
    )
    by_system: Mapped[bool] = field(title=_("Published by the system"), classified="internal", default=False)
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="internal")

    __table_args__ = (Index("uq_journey_flow_version_number", "flow_id", "number", unique=True),)


MODELS: list[type[Any]] = [Flow, FlowDraft, FlowVersion]
