"""The tables of what calls tasks to mind: reminders, escalation ladders, their logs, and the tick that drives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.words import PRIORITIES

_ = texts("crmkit_work")

KINDS = {"at": _("At an instant"), "before": _("Before it is due"), "recurring": _("Again and again")}
"""What a reminder goes by, with titles."""
REMINDER_STATES = {"waiting": _("Waiting"), "fired": _("Fired"), "dismissed": _("Dismissed")}
"""What a reminder can be, with titles."""
TARGETS = {
    "owner": _("Owner"),
    "lead": _("Lead of the team"),
    "above": _("Lead of the team above"),
    "user": _("User"),
    "team": _("Whole team"),
}
"""Whom a step of a ladder tells, with titles."""


class Reminder(Record):
    """That somebody is to be reminded of a task: at an instant, so long before it is due, or again and again.

    ``minutes`` and ``working_days`` are how long before the due time (negative: after it); ``rule`` is one of RFC 5545,
    counted from ``start_at`` in ``zone``. ``next_at`` is when it fires next, in UTC; nothing for one that waits for its
    task to get a due time. ``count`` is how often it has fired.
    """

    __tablename__ = "work_reminder"
    __access__ = Access.via("task_id", resource="work.task")

    task_id: Mapped[UUID] = field(
        ForeignKey(Task.id, ondelete="CASCADE"), title=_("Task"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("For"), classified="internal", index=True, editable=False
    )
    """Who is reminded; nobody in particular for whoever owns the task then."""
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    start_at: Mapped[datetime | None] = field(title=_("At"), classified="internal", editable=False)
    minutes: Mapped[int] = field(Integer, title=_("Minutes before"), classified="internal", default=0, editable=False)
    working_days: Mapped[int] = field(
        Integer, title=_("Working days before"), classified="internal", default=0, editable=False
    )
    rule: Mapped[str | None] = field(String(300), title=_("Rule"), classified="internal", editable=False)
    zone: Mapped[str] = field(String(60), title=_("Time zone"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=REMINDER_STATES, default="waiting", editable=False
    )
    next_at: Mapped[datetime | None] = field(title=_("Fires at"), classified="internal", editable=False)
    snoozed: Mapped[bool] = field(title=_("Put off"), classified="internal", default=False, editable=False)
    count: Mapped[int] = field(Integer, title=_("Fired"), classified="internal", default=0, editable=False)

    __table_args__ = (Index("ix_work_reminder_next", "state", "next_at", "id"),)


class ReminderFiring(Record):
    """That a reminder fired: when it was planned, when it happened, whom it told, and for whom that one stood in.

    ``late`` marks what fired long after it was planned; ``told`` is empty where nobody was there to be told.
    """

    __tablename__ = "work_reminder_firing"
    __access__ = Access.via("task_id", resource="work.task")
    __history__ = False

    reminder_id: Mapped[UUID] = field(
        ForeignKey(Reminder.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    task_id: Mapped[UUID] = field(
        ForeignKey(Task.id, ondelete="CASCADE"), title=_("Task"), classified="internal", index=True, editable=False
    )
    planned_at: Mapped[datetime] = field(title=_("Planned for"), classified="internal", editable=False)
    fired_at: Mapped[datetime] = field(title=_("Fired at"), classified="internal", editable=False)
    late: Mapped[bool] = field(title=_("Late"), classified="internal", default=False, editable=False)
    told: Mapped[list[str]] = field(json_type(), title=_("Told"), classified="internal", default=list, editable=False)
    in_place_of: Mapped[UUID | None] = field(Id, title=_("In place of"), classified="internal", editable=False)


class Ladder(Record):
    """An escalation ladder: who is told when a task is not done in time, step by step.

    ``steps`` are kept as they are written, one a line. It holds for tasks of its queue and priorities, where it names
    any; ``position`` orders those of which several would hold, the first one counts.
    """

    __tablename__ = "work_ladder"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    steps: Mapped[str] = field(String(4000), title=_("Steps"), classified="public")
    queue_id: Mapped[UUID | None] = field(
        ForeignKey("work_queue.id", ondelete="CASCADE"), title=_("Queue"), classified="internal"
    )
    priorities: Mapped[list[str]] = field(json_type(), title=_("Priorities"), classified="public", default=list)
    automatic: Mapped[bool] = field(title=_("For every task that it fits"), classified="public", default=True)
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class TeamLead(Record):
    """Who leads a team: whom a ladder tells after the owner."""

    __tablename__ = "work_team_lead"
    __access__ = Access.open()

    team_id: Mapped[UUID] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", unique=True
    )
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Lead"), classified="internal", index=True
    )


class Escalation(Record):
    """That a step of a ladder was taken for a task: when it was planned, when it happened, whom it told."""

    __tablename__ = "work_escalation"
    __access__ = Access.via("task_id", resource="work.task")
    __history__ = False

    task_id: Mapped[UUID] = field(
        ForeignKey(Task.id, ondelete="CASCADE"), title=_("Task"), classified="internal", index=True, editable=False
    )
    ladder: Mapped[str] = field(String(60), title=_("Escalation ladder"), classified="internal", editable=False)
    step: Mapped[int] = field(Integer, title=_("Step"), classified="internal", editable=False)
    turn: Mapped[int] = field(Integer, title=_("Repetition"), classified="internal", editable=False)
    target: Mapped[str] = field(String(10), title=_("Tells"), classified="internal", choices=TARGETS, editable=False)
    planned_at: Mapped[datetime] = field(title=_("Planned for"), classified="internal", editable=False)
    fired_at: Mapped[datetime] = field(title=_("Fired at"), classified="internal", editable=False)
    late: Mapped[bool] = field(title=_("Late"), classified="internal", default=False, editable=False)
    told: Mapped[list[str]] = field(json_type(), title=_("Told"), classified="internal", default=list, editable=False)
    acknowledged_at: Mapped[datetime | None] = field(title=_("Acknowledged at"), classified="internal", editable=False)
    acknowledged_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Acknowledged by"), classified="internal", editable=False
    )


class Heartbeat(Model):
    """When reminders and escalations were looked through last; one row."""

    __tablename__ = "work_heartbeat"
    __access__ = Access.open(resource="work.task")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    ticked_at: Mapped[datetime] = field(classified="internal")


MODELS: list[type[Any]] = [Reminder, ReminderFiring, Ladder, TeamLead, Escalation, Heartbeat]
PRIORITY_NAMES = tuple(PRIORITIES)
