"""The tables of promises, and of texts that read like one. What was promised is sealed with the customer's key."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import CustomerRecord, Id, User, field, kernel_key, texts
from crmkit_experience.promises.words import KINDS, OPEN, STATES, SUGGESTION_STATES, WHYS

_ = texts("crmkit_experience")


class Promise(CustomerRecord):
    """What was promised to a customer.

    The owner is who promised. ``due_at`` (UTC) is until when: the end of the day ``due_on`` in the company's zone where
    a ``whole_day`` was said. ``promised_at`` is when, ``ref`` in which record, as ``<resource>:<id>``. ``done_at`` is
    when it was done: in time it is kept, later it is broken and ``late``. ``ended_at`` is since when it is not open,
    ``ended_by_id`` who said so, nobody where time did. ``moved`` counts how often another time was agreed on before it
    was over. ``proof_id`` is an interaction that looks like what was promised, until somebody says so. ``soon_at`` and
    ``overdue_at`` are when the owner was told; ``task_id`` is the task for it.
    """

    __tablename__ = "experience_promise"

    what: Mapped[str] = field(String(1000), title=_("What was promised"), classified="text", editable=False)
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="public", choices=KINDS, editable=False)
    due_at: Mapped[datetime] = field(title=_("Until"), classified="internal", editable=False)
    due_on: Mapped[date] = field(title=_("Until the day"), classified="internal", editable=False)
    whole_day: Mapped[bool] = field(title=_("A whole day"), classified="internal", default=True, editable=False)
    promised_at: Mapped[datetime] = field(title=_("Promised at"), classified="internal", editable=False)
    ref: Mapped[str | None] = field(String(160), title=_("Where"), classified="internal", index=True, editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default=OPEN, editable=False
    )
    late: Mapped[bool] = field(title=_("Done too late"), classified="internal", default=False, editable=False)
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Settled at"), classified="internal", editable=False)
    ended_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Settled by"),
        classified="internal",
        index=True,
        editable=False,
    )
    why: Mapped[str | None] = field(
        String(10), title=_("Why it was withdrawn"), classified="internal", choices=WHYS, editable=False
    )
    outcome: Mapped[str | None] = field(String(1000), title=_("What came of it"), classified="text", editable=False)
    moved: Mapped[int] = field(Integer, title=_("Moved"), classified="internal", default=0, editable=False)
    proof_id: Mapped[UUID | None] = field(Id, title=_("Looks kept by"), classified="internal", editable=False)
    proof_at: Mapped[datetime | None] = field(title=_("Looks kept at"), classified="internal", editable=False)
    soon_at: Mapped[datetime | None] = field(title=_("Reminded at"), classified="internal", editable=False)
    overdue_at: Mapped[datetime | None] = field(title=_("Told overdue at"), classified="internal", editable=False)
    task_id: Mapped[UUID | None] = field(Id, title=_("Task"), classified="internal", index=True, editable=False)

    __table_args__ = (
        Index("ix_experience_promise_due", "state", "due_at"),
        Index("ix_experience_promise_day", "due_on"),
    )


class PromiseSuggestion(CustomerRecord):
    """A sentence to a customer that reads like a promise, until somebody says whether it is one. ``place`` tells the
    sentences of one interaction apart."""

    __tablename__ = "experience_promise_suggestion"

    interaction_id: Mapped[UUID] = field(Id, title=_("Interaction"), classified="internal", editable=False)
    place: Mapped[int] = field(Integer, title=_("Place"), classified="internal", default=0, editable=False)
    what: Mapped[str] = field(String(1000), title=_("What was promised"), classified="text", editable=False)
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="public", choices=KINDS, editable=False)
    due_at: Mapped[datetime] = field(title=_("Until"), classified="internal", editable=False)
    due_on: Mapped[date] = field(title=_("Until the day"), classified="internal", editable=False)
    whole_day: Mapped[bool] = field(title=_("A whole day"), classified="internal", default=True, editable=False)
    said_at: Mapped[datetime] = field(title=_("Said at"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10),
        title=_("State"),
        classified="internal",
        choices=SUGGESTION_STATES,
        default="open",
        editable=False,
    )
    promise_id: Mapped[UUID | None] = field(
        ForeignKey(Promise.id, ondelete="SET NULL"),
        title=_("Promise"),
        classified="internal",
        index=True,
        editable=False,
    )

    __table_args__ = (
        Index("uq_experience_promise_suggestion", "interaction_id", "place", unique=True),
        Index("ix_experience_promise_suggestion_state", "state", "due_at"),
    )


MODELS: list[type[Any]] = [Promise, PromiseSuggestion]
