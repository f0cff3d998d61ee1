"""The tables of passages: who is where on the way through which flow, each step that was taken, who waits to come in.

A step holds everything that was given to the pure step function, so that the same states can be made from it again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Record, field, json_type, kernel_key, texts
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.words import STATUSES

_ = texts("crmkit_journey")


class Passage(Record):
    """A customer's way through a flow, the ``number``th one of this customer, by the version ``edition``.

    ``status`` is "ready" (a step is due), "waiting", "ended" or "failed" (what a node does could not be done, and
    somebody has to look). ``due_at`` (UTC) is when the flow looks at it next, None for never: a wait costs nothing.
    ``heard`` are interactions that nobody has looked at yet: rows of ``kind``, ``at`` and ``id``. ``goal_until`` is up
    to when the goal counts. Of one that is ``held_out`` nothing happens but that its goal is looked for. ``paused``
    stops it until somebody lets it go on. ``of_id`` is the passage whose node sent the customer here.
    """

    __tablename__ = "journey_passage"
    __access__ = Access.via("customer_id")
    __history__ = False  # its steps are its history

    flow_id: Mapped[UUID] = field(
        ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="internal", editable=False
    )
    edition: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", editable=False)
    key: Mapped[str] = field(String(80), title=_("Came in by"), classified="internal", default="", editable=False)
    held_out: Mapped[bool] = field(title=_("Held out"), classified="internal", default=False, editable=False)
    status: Mapped[str] = field(
        String(8), title=_("Status"), classified="internal", choices=STATUSES, default="ready", editable=False
    )
    node: Mapped[str] = field(String(40), title=_("Node"), classified="internal", editable=False)
    began_at: Mapped[datetime] = field(title=_("Began at"), classified="internal", editable=False)
    since: Mapped[datetime] = field(title=_("There since"), classified="internal", editable=False)
    wake_at: Mapped[datetime | None] = field(title=_("Goes on at"), classified="internal", editable=False)
    due_at: Mapped[datetime | None] = field(classified="internal", editable=False)
    kinds: Mapped[list[str]] = field(json_type(), title=_("Waits for"), classified="internal", editable=False)
    rounds: Mapped[dict[str, Any]] = field(json_type(), classified="internal", editable=False)
    heard: Mapped[list[dict[str, Any]]] = field(json_type(), classified="internal", editable=False)
    goal_at: Mapped[datetime | None] = field(title=_("Goal reached at"), classified="internal", editable=False)
    goal_until: Mapped[datetime] = field(title=_("Goal counts until"), classified="internal", editable=False)
    outcome: Mapped[str] = field(String(40), title=_("Outcome"), classified="internal", default="", editable=False)
    tries: Mapped[int] = field(Integer, title=_("Tries"), classified="internal", default=0, editable=False)
    steps: Mapped[int] = field(Integer, title=_("Steps"), classified="internal", default=0, editable=False)
    error: Mapped[str | None] = field(String(500), title=_("What went wrong"), classified="internal", editable=False)
    paused: Mapped[bool] = field(title=_("Paused"), classified="internal", default=False, editable=False)
    of_id: Mapped[UUID | None] = field(
        ForeignKey("journey_passage.id", ondelete="SET NULL"),
        title=_("Sent by"),
        classified="internal",
        index=True,
        editable=False,
    )

    __table_args__ = (
        Index("uq_journey_passage_number", "flow_id", "customer_id", "number", unique=True),
        Index("ix_journey_passage_due", "flow_id", "due_at"),
        Index("ix_journey_passage_customer", "customer_id", "goal_until"),
        Index("ix_journey_passage_node", "flow_id", "status", "node"),
    )


class PassageStep(Entry):
    """A step of a passage: what happened (``what``, ``kind``, ``answers``, at ``at``), what the node did (``act``),
    which way was taken, and where that led. ``note`` says what came of the act in a word, or by whom it was moved."""

    __tablename__ = "journey_passage_step"
    __access__ = Access.via("customer_id", resource="journey.passage")

    passage_id: Mapped[UUID] = field(
        ForeignKey(Passage.id, ondelete="CASCADE"), title=_("Passage"), classified="internal"
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    flow_id: Mapped[UUID] = field(ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="internal")
    edition: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    node: Mapped[str] = field(String(40), title=_("Node"), classified="internal")
    what: Mapped[str] = field(String(8), title=_("What happened"), classified="internal")
    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", default="")
    answers: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    zone: Mapped[str] = field(String(60), classified="internal", default="UTC")
    occurred_at: Mapped[datetime | None] = field(title=_("Happened at"), classified="internal")
    act: Mapped[bool] = field(title=_("Did something"), classified="internal", default=False)
    way: Mapped[str] = field(String(40), title=_("Way"), classified="internal", default="")
    to: Mapped[str] = field(String(40), title=_("To"), classified="internal", default="")
    status: Mapped[str] = field(String(8), title=_("Status"), classified="internal")
    wake_at: Mapped[datetime | None] = field(title=_("Goes on at"), classified="internal")
    note: Mapped[str] = field(String(500), title=_("What came of it"), classified="internal", default="")

    __table_args__ = (
        Index("uq_journey_passage_step_number", "passage_id", "number", unique=True),
        Index("ix_journey_passage_step_node", "flow_id", "node", "at"),
    )


class Arrival(Record):
    """A customer who may come in, until the flow has looked. ``key`` names what let them come: they come in by it
    once."""

    __tablename__ = "journey_arrival"
    __access__ = Access.via("customer_id", resource="journey.passage")
    __history__ = False

    flow_id: Mapped[UUID] = field(ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    key: Mapped[str] = field(String(80), title=_("By what"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("uq_journey_arrival_key", "flow_id", "customer_id", "key", unique=True),)


MODELS: list[type[Any]] = [Passage, PassageStep, Arrival]
