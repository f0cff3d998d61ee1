"""The tables of tasks: the task, what was noted about it, and the counter of its short numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, and_
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.tasks.words import OPEN, OUTCOMES, PRIORITIES, REPEAT_WHEN, TASK_STATES

_ = texts("crmkit_work")


class Task(Record):
    """Something that is to be done: by whom, until when, about what, and what came of it.

    ``number`` is what people say ("task 1042"). ``ref`` names the record that it is about, ``<resource>:<id>``;
    ``source`` says who made it: a plugin, or nothing for a person. ``rank`` is the priority as a number. All instants
    are UTC. ``done_at`` is when it was done or dropped, and nothing while it is open; ``repeat_start`` is the due time
    of the first of a series, from which its rule counts in ``repeat_zone``. ``given_by_id`` is who gave it to its
    present owner or queue and goes on seeing it.
    """

    __tablename__ = "work_task"
    __access__ = Access.owned(via="customer_id")

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal")
    description: Mapped[str | None] = field(String(20_000), title=_("Description"), classified="text")
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True, editable=False
    )
    queue_id: Mapped[UUID | None] = field(
        ForeignKey("work_queue.id", ondelete="SET NULL"), title=_("Queue"), classified="internal", editable=False
    )
    given_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Given by"),
        classified="internal",
        index=True,
        editable=False,
    )
    assignment_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    assigned_why: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    """Why the assignment engine gave it to its owner: a code, and what fills in its words."""
    due_at: Mapped[datetime | None] = field(title=_("Due"), classified="internal")
    due_calendar_id: Mapped[UUID | None] = field(
        ForeignKey(WorkingHours.id, ondelete="SET NULL"), title=_("Working calendar"), classified="internal"
    )
    priority: Mapped[str] = field(
        String(8), title=_("Priority"), classified="internal", choices=PRIORITIES, default="normal"
    )
    rank: Mapped[int] = field(Integer, classified="internal", default=1, editable=False)
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=TASK_STATES, default="open", editable=False
    )
    source: Mapped[str] = field(String(60), title=_("Source"), classified="internal", default="", editable=False)
    ref: Mapped[str] = field(String(160), title=_("About"), classified="internal", default="", editable=False)
    snoozed_until: Mapped[datetime | None] = field(title=_("Put aside until"), classified="internal", editable=False)
    started_at: Mapped[datetime | None] = field(title=_("Started at"), classified="internal", editable=False)
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", index=True, editable=False)
    done_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Done by"), classified="internal", editable=False
    )
    outcome: Mapped[str | None] = field(
        String(20), title=_("Outcome"), classified="internal", choices=OUTCOMES, editable=False
    )
    outcome_note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="text", editable=False)

    repeat_rule: Mapped[str | None] = field(String(300), title=_("Repeats"), classified="internal")
    repeat_when: Mapped[str] = field(
        String(8), title=_("The next one is made"), classified="internal", choices=REPEAT_WHEN, default="finished"
    )
    repeat_zone: Mapped[str | None] = field(String(60), classified="internal", editable=False)
    repeat_start: Mapped[datetime | None] = field(classified="internal", editable=False)
    series_id: Mapped[UUID | None] = field(Id, classified="internal", index=True, editable=False)
    repeated: Mapped[bool] = field(classified="internal", default=False, editable=False)
    repeat_at: Mapped[datetime | None] = field(classified="internal", editable=False)
    """When the next of the series is to be made, of one that makes it by its due time and has not made it yet."""

    ladder_id: Mapped[UUID | None] = field(
        ForeignKey("work_ladder.id", ondelete="SET NULL"), title=_("Escalation ladder"), classified="internal"
    )
    escalation_at: Mapped[datetime | None] = field(title=_("Escalates at"), classified="internal", editable=False)
    escalation_index: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    acknowledged_at: Mapped[datetime | None] = field(title=_("Acknowledged at"), classified="internal", editable=False)
    acknowledged_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Acknowledged by"), classified="internal", editable=False
    )

    __table_args__ = (Index("ix_work_task_ref", "ref"),)

    @property
    def is_open(self) -> bool:
        """Say whether something is still to be done."""
        return self.state in OPEN


class TaskNote(Record):
    """What somebody has noted about a task."""

    __tablename__ = "work_task_note"
    __access__ = Access.via("task_id", resource="work.task")

    task_id: Mapped[UUID] = field(
        ForeignKey(Task.id, ondelete="CASCADE"), title=_("Task"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="internal", editable=False
    )
    text: Mapped[str] = field(String(5000), title=_("Note"), classified="text", editable=False)


class TaskCounter(Model):
    """The last short number that was given to a task: one row, held while a task is added."""

    __tablename__ = "work_task_counter"
    __access__ = Access.open(resource="work.task")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


def _partial(name: str, *columns: Any, where: Any) -> Index:
    """Return an index over the rows alone for which a condition holds. The condition has no values, as SQLite finds an
    index by it whatever values a statement has."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("ix_work_task_mine", Task.owner_id, Task.due_at, Task.id, where=Task.done_at.is_(None))
_partial(
    "ix_work_task_queued",
    Task.queue_id,
    Task.due_at,
    Task.id,
    where=and_(Task.owner_id.is_(None), Task.done_at.is_(None)),
)
_partial("ix_work_task_due", Task.due_at, Task.id, where=Task.done_at.is_(None))
_partial("ix_work_task_snoozed", Task.snoozed_until, where=Task.snoozed_until.is_not(None))
_partial("ix_work_task_escalates", Task.escalation_at, Task.id, where=Task.escalation_at.is_not(None))
_partial("ix_work_task_repeats", Task.repeat_at, Task.id, where=Task.repeat_at.is_not(None))

MODELS: list[type[Any]] = [Task, TaskNote, TaskCounter]
