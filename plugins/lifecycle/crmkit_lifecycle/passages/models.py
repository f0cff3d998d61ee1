"""The tables of passages: a customer's way through a model, the intervals in its stages, and what organisations get
from their people."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Id, Record, field, json_type, kernel_key, texts
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.words import ANSWERS, CAUSES, DIRECTIONS, KINDS, LABELS, OUTCOMES

_ = texts("crmkit_lifecycle")


class Passage(Record):
    """One way of a customer through a model: the ``number``-th. It goes by ``version_id``, and is in ``stage_id`` since
    ``stage_since``.

    ``began_at``, ``stage_since`` and ``ended_at`` are instants of the business's clock (UTC); an open passage has no
    ``ended_at``. ``armed`` says of one that has ended that the criterion of the entry has ceased to hold since.
    ``due_at`` is until when the stage should be left, ``late_at`` when it was told that it was not.
    """

    __tablename__ = "lifecycle_passage"
    __access__ = Access.via("customer_id", resource="lifecycle.passage")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    model_id: Mapped[UUID] = field(
        ForeignKey(LifecycleModel.id, ondelete="CASCADE"), title=_("Model"), classified="internal", editable=False
    )
    version_id: Mapped[UUID] = field(
        ForeignKey(ModelVersion.id, ondelete="RESTRICT"), title=_("Version"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Passage"), classified="internal", editable=False)
    stage_id: Mapped[UUID] = field(
        ForeignKey(Stage.id, ondelete="RESTRICT"), title=_("Stage"), classified="internal", index=True, editable=False
    )
    stage_key: Mapped[UUID] = field(Id, classified="internal", editable=False)
    began_at: Mapped[datetime] = field(title=_("Began at"), classified="internal", editable=False)
    stage_since: Mapped[datetime] = field(title=_("In this stage since"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    outcome: Mapped[str | None] = field(
        String(4), title=_("Outcome"), classified="internal", choices=OUTCOMES, editable=False
    )
    armed: Mapped[bool] = field(classified="internal", default=False, editable=False)
    due_at: Mapped[datetime | None] = field(
        title=_("To be left until"), classified="internal", index=True, editable=False
    )
    late_at: Mapped[datetime | None] = field(title=_("Overdue since"), classified="internal", editable=False)
    handoff_id: Mapped[UUID | None] = field(Id, title=_("Hand-off"), classified="internal", index=True, editable=False)

    __table_args__ = (
        Index("ix_lifecycle_passage_of", "customer_id", "model_id", "number"),
        Index("ix_lifecycle_passage_open", "model_id", "ended_at", "stage_id"),
    )


class StageInterval(Record):
    """That a customer was in a stage from ``entered_at`` to ``left_at`` (UTC, of the business's clock), and why.

    ``recorded_at`` and ``left_recorded_at`` are when that became known, by the system's clock. ``stage_name``,
    ``kind``, ``label`` and ``position`` are as the stage was called then; ``visit`` counts how often this passage has
    been here.
    ``evidence`` has the values of the facts that decided; those of personal ones are left out. ``answer`` is what
    became of handing the customer over.
    """

    __tablename__ = "lifecycle_interval"
    __access__ = Access.via("customer_id", resource="lifecycle.passage")
    __history__ = False

    passage_id: Mapped[UUID] = field(
        ForeignKey(Passage.id, ondelete="CASCADE"), title=_("Passage"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    model_id: Mapped[UUID] = field(
        ForeignKey(LifecycleModel.id, ondelete="CASCADE"), title=_("Model"), classified="internal"
    )
    version_id: Mapped[UUID] = field(
        ForeignKey(ModelVersion.id, ondelete="RESTRICT"), title=_("Version"), classified="internal"
    )
    stage_id: Mapped[UUID] = field(ForeignKey(Stage.id, ondelete="RESTRICT"), title=_("Stage"), classified="internal")
    stage_key: Mapped[UUID] = field(Id, classified="internal")
    stage_name: Mapped[str] = field(String(60), title=_("Name of the stage"), classified="internal")
    kind: Mapped[str] = field(String(6), title=_("Kind"), classified="internal", choices=KINDS)
    label: Mapped[str] = field(String(10), title=_("Label of the lifecycle"), classified="internal", choices=LABELS)
    position: Mapped[int] = field(Integer, title=_("Order"), classified="internal")
    number: Mapped[int] = field(Integer, title=_("Passage"), classified="internal")
    visit: Mapped[int] = field(Integer, title=_("Visit"), classified="internal", default=1)
    step: Mapped[int] = field(Integer, title=_("Step"), classified="internal", default=0)
    entered_at: Mapped[datetime] = field(title=_("Entered at"), classified="internal")
    left_at: Mapped[datetime | None] = field(title=_("Left at"), classified="internal")
    recorded_at: Mapped[datetime] = field(title=_("Recorded at"), classified="internal")
    left_recorded_at: Mapped[datetime | None] = field(classified="internal")
    direction: Mapped[str] = field(String(8), title=_("Direction"), classified="internal", choices=DIRECTIONS)
    cause: Mapped[str] = field(String(8), title=_("Cause"), classified="internal", choices=CAUSES)
    moved_by: Mapped[str | None] = field(String(80), title=_("By"), classified="internal")
    reason: Mapped[str | None] = field(String(1000), title=_("Reason"), classified="sensitive")
    evidence: Mapped[dict[str, Any]] = field(json_type(), title=_("Evidence"), classified="internal", default=dict)
    handoff_id: Mapped[UUID | None] = field(Id, title=_("Hand-off"), classified="internal", index=True)
    answer: Mapped[str | None] = field(
        String(10), title=_("Answer of the other side"), classified="internal", choices=ANSWERS
    )
    answered_at: Mapped[datetime | None] = field(title=_("Answered at"), classified="internal")
    waited_seconds: Mapped[int | None] = field(Integer, title=_("Working time until the answer"), classified="internal")
    declined_why: Mapped[str | None] = field(String(1000), title=_("Why it was declined"), classified="sensitive")

    __table_args__ = (
        Index("ix_lifecycle_interval_of", "customer_id", "model_id", "entered_at"),
        Index("ix_lifecycle_interval_model", "model_id", "entered_at"),
    )


class RolledUp(Entry):
    """What an organisation's stage is by its people from ``since`` on (UTC, of the business's clock), never changed: a
    change is another row. ``people`` has how many are in which stage, by the names of these; ``conflict`` says that
    they contradict each other, or the organisation's own passage."""

    __tablename__ = "lifecycle_rolled_up"
    __access__ = Access.via("customer_id", resource="lifecycle.passage")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Organisation"), classified="internal"
    )
    model_id: Mapped[UUID] = field(
        ForeignKey(LifecycleModel.id, ondelete="CASCADE"), title=_("Model"), classified="internal"
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal")
    stage_name: Mapped[str | None] = field(String(60), title=_("Stage"), classified="internal")
    method: Mapped[str] = field(String(10), title=_("Roll-up"), classified="internal")
    people: Mapped[dict[str, Any]] = field(json_type(), title=_("People by stage"), classified="internal")
    conflict: Mapped[bool] = field(title=_("Contradictory"), classified="internal", default=False)

    __table_args__ = (Index("ix_lifecycle_rolled_up_of", "customer_id", "model_id", "since"),)


MODELS: list[type[Any]] = [Passage, StageInterval, RolledUp]
