"""The tables of cases: types, the case, what was said in it, what happened to it, and the counter of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit_work.api import Queue
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Entry,
    Id,
    Interaction,
    Model,
    Product,
    Record,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_service.cases.words import (
    CHANNELS,
    DELIVERIES,
    DIRECTIONS,
    EVENT_KINDS,
    KINDS,
    PHASES,
    PRIORITIES,
    SEVERITIES,
    STATES,
    UNFINISHED,
)

_ = texts("crmkit_service")


class CaseType(Record):
    """A type of case: its kind, its states and the moves between them, and what holds of its cases.

    ``states`` and ``moves`` (from a state to a list of others) are empty where those of everybody hold. ``required``
    names the fields without which a case of it is not resolved. ``follow_up_days`` is for how long after it was
    resolved a message opens the same case again, ``close_days`` after how many days it is closed by itself, None for
    never.
    """

    __tablename__ = "service_case_type"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="public", choices=KINDS, editable=False)
    states: Mapped[list[str]] = field(json_type(), title=_("States"), classified="public", default=list)
    moves: Mapped[dict[str, Any]] = field(json_type(), title=_("Moves"), classified="public", default=dict)
    required: Mapped[list[str]] = field(
        json_type(), title=_("Needed to be resolved"), classified="public", default=list
    )
    follow_up_days: Mapped[int] = field(Integer, title=_("Opened again within (days)"), classified="public", default=14)
    close_days: Mapped[int | None] = field(Integer, title=_("Closed after (days)"), classified="public", default=14)
    default_priority: Mapped[str] = field(
        String(6), title=_("Priority at first"), classified="public", choices=PRIORITIES, default="normal"
    )
    usual: Mapped[bool] = field(title=_("The usual one"), classified="public", default=False)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Case(CustomerRecord):
    """Something that a customer asks, complains about or needs help with.

    ``number`` is what people call it by. ``phase`` follows from ``state``. ``opened_at``, ``resolved_at``,
    ``closed_at``, ``state_since``, ``last_in_at`` and ``last_out_at`` (the last message of the customer, and the last
    answer of a person) are instants of the business's clock; ``due_at`` is the earliest target that is not met yet,
    ``due_clock`` which clock that is, ``breached`` whether any was missed: the service level's rooms keep them.

    ``about`` is what it is about elsewhere, as ``<resource>:<id>``. ``follows_id`` is the case that it continues,
    because that was over. With ``source`` and ``external_id`` a case is opened once, however often it comes.
    """

    __tablename__ = "service_case"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    subject: Mapped[str] = field(String(300), title=_("Subject"), classified="text", searchable=True)
    type_id: Mapped[UUID] = field(
        ForeignKey(CaseType.id, ondelete="RESTRICT"), title=_("Type"), classified="internal", index=True
    )
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    state: Mapped[str] = field(
        String(20), title=_("State"), classified="internal", choices=STATES, default="new", editable=False
    )
    phase: Mapped[str] = field(
        String(8), title=_("Phase"), classified="internal", choices=PHASES, default="open", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    priority: Mapped[str] = field(
        String(6), title=_("Priority"), classified="internal", choices=PRIORITIES, default="normal", editable=False
    )
    severity: Mapped[str | None] = field(
        String(8), title=_("Severity"), classified="internal", choices=SEVERITIES, editable=False
    )
    channel: Mapped[str] = field(
        String(8), title=_("Channel"), classified="internal", choices=CHANNELS, default="api", editable=False
    )
    queue_id: Mapped[UUID | None] = field(
        kernel_key(Queue.id, ondelete="SET NULL"), title=_("Queue"), classified="internal", index=True, editable=False
    )
    opened_at: Mapped[datetime] = field(title=_("Opened at"), classified="internal", editable=False)
    resolved_at: Mapped[datetime | None] = field(title=_("Resolved at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="internal", editable=False)
    last_in_at: Mapped[datetime | None] = field(title=_("Customer wrote at"), classified="internal", editable=False)
    last_out_at: Mapped[datetime | None] = field(title=_("Answered at"), classified="internal", editable=False)
    reopened: Mapped[int] = field(
        Integer, title=_("Times opened again"), classified="internal", default=0, editable=False
    )
    due_at: Mapped[datetime | None] = field(title=_("Due at"), classified="internal", editable=False)
    due_clock: Mapped[str | None] = field(String(20), title=_("What is due"), classified="internal", editable=False)
    breached: Mapped[bool] = field(title=_("Late"), classified="internal", default=False, editable=False)
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("service_case.id", ondelete="SET NULL"),
        title=_("Part of"),
        classified="internal",
        index=True,
        editable=False,
    )
    problem_id: Mapped[UUID | None] = field(
        ForeignKey("service_case.id", ondelete="SET NULL"),
        title=_("Problem behind it"),
        classified="internal",
        index=True,
        editable=False,
    )
    follows_id: Mapped[UUID | None] = field(
        ForeignKey("service_case.id", ondelete="SET NULL"),
        title=_("Continues"),
        classified="internal",
        index=True,
        editable=False,
    )
    merged_into_id: Mapped[UUID | None] = field(
        ForeignKey("service_case.id", ondelete="SET NULL"),
        title=_("Merged into"),
        classified="internal",
        index=True,
        editable=False,
    )
    intent: Mapped[str | None] = field(String(80), title=_("Intent"), classified="internal")
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="internal")
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    purchase_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"), title=_("Purchase"), classified="internal", index=True
    )
    about: Mapped[str | None] = field(String(160), title=_("About"), classified="internal")
    source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_service_case_phase", "phase", "due_at"),
        Index("ix_service_case_state", "state", "state_since"),
        Index("ix_service_case_opened", "opened_at", "id"),
        Index("ix_service_case_owner_phase", "owner_id", "phase", "due_at"),
        Index("ix_service_case_queue_phase", "queue_id", "phase", "due_at"),
        Index("uq_service_case_external", "source", "external_id", unique=True),
    )

    def text_is_open(self, session: Any) -> bool:
        """Say that the subject is kept in plain: people find a case by it."""
        return True

    @classmethod
    def text_row_is_open(cls, session: Any, row: Mapping[str, Any]) -> bool:
        """Say that the subject is kept in plain: people find a case by it."""
        return True

    @hybrid_property
    def external_source(self) -> str | None:
        """The system that the external id is of, under the name by which imports know it."""
        return self.source

    @property
    def is_open(self) -> bool:
        """Say whether there is still something to do."""
        return self.state in UNFINISHED


class CaseMessage(Record):
    """Something that was said in a case: by the customer, to the customer, or among colleagues (an internal note).

    What was said with the customer is an interaction, too: ``interaction_id``, which an answer that has still to be
    sent has not yet. ``body`` is what an agent wrote; what the customer wrote is read from the interaction. ``at`` is
    of the business's clock. What no person wrote is ``automatic``. ``files`` are ids of attachments that go with an
    answer; those of the customer are the interaction's. ``from_case_id`` is the case from which it came by a merge or
    a split.
    """

    __tablename__ = "service_message"
    __access__ = Access.via("case_id", resource="service.case")
    __history__ = False

    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    interaction_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"),
        title=_("Interaction"),
        classified="internal",
        unique=True,
        editable=False,
    )
    direction: Mapped[str] = field(
        String(8), title=_("Direction"), classified="internal", choices=DIRECTIONS, editable=False
    )
    channel: Mapped[str] = field(
        String(8), title=_("Channel"), classified="internal", choices=CHANNELS, default="api", editable=False
    )
    author_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", index=True, editable=False
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    automatic: Mapped[bool] = field(title=_("By a machine"), classified="internal", default=False, editable=False)
    body: Mapped[str | None] = field(String, title=_("Text"), classified="text", editable=False)
    files: Mapped[list[str]] = field(json_type(), title=_("Files"), classified="internal", default=list, editable=False)
    delivery: Mapped[str] = field(
        String(8), title=_("Delivery"), classified="internal", choices=DELIVERIES, default="none", editable=False
    )
    from_case_id: Mapped[UUID | None] = field(Id, title=_("Came from"), classified="internal", editable=False)

    __table_args__ = (Index("ix_service_message_case", "case_id", "at", "id"),)


class CaseEvent(Entry):
    """Something that happened to a case, never changed: what service levels, measures and facts are made of.

    ``at`` is of the business's clock. ``before`` and ``after`` are short plain texts: names of states, ids, numbers.
    ``user_id`` is who did it, where it was a user.
    """

    __tablename__ = "service_case_event"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    kind: Mapped[str] = field(String(20), title=_("What happened"), classified="internal", choices=EVENT_KINDS)
    before: Mapped[str] = field(String(200), title=_("Before"), classified="internal", default="")
    after: Mapped[str] = field(String(200), title=_("After"), classified="internal", default="")
    actor_id: Mapped[str] = field(String(80), classified="internal")
    user_id: Mapped[UUID | None] = field(Id, title=_("By"), classified="internal")
    message_id: Mapped[UUID | None] = field(Id, title=_("Message"), classified="internal")

    __table_args__ = (
        Index("ix_service_case_event_case", "case_id", "at", "id"),
        Index("ix_service_case_event_kind", "kind", "at"),
    )


class CaseCounter(Model):
    """The last short number that was given to a kind of record: one row for each, held while a record is added."""

    __tablename__ = "service_counter"
    __access__ = Access.open(resource="service.case")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [CaseType, Case, CaseMessage, CaseEvent, CaseCounter]
