"""The tables of assignment: queues with their members and turns, people, absences, territories, open work, the log.

Who is there, what they can do and how much they have is no secret among colleagues: whoever assigns work needs it, and
a choice must not depend on who asks. What a piece of work is about is in none of these tables.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, Record, Team, User, field, json_type, kernel_key, new_id, texts
from crmkit_work.assignment.values import HOW, STRATEGIES
from crmkit_work.calendars.models import WorkingHours

_ = texts("crmkit_work")

PRESENCES = {"available": _("Available"), "busy": _("Busy"), "away": _("Away"), "offline": _("Offline")}
"""What somebody can say of their presence; new work goes to those who are available."""
ABSENCES = {
    "holiday": _("Holiday"),
    "illness": _("Illness"),
    "training": _("Training"),
    "leave": _("Leave"),
    "other": _("Other"),
}
"""Kinds of absence, for the person and who manages absences."""


class Queue(Record):
    """Where work of a kind comes in, and how it is shared out among the queue's members.

    ``skills`` are what everybody needs who gets work out of it, with the least level of each; ``max_per_day`` is for
    each member and day; ``in_hours`` says whether work goes only to people who are at work. What nobody can take goes
    to the fallback: another queue, a team, or it waits.
    """

    __tablename__ = "work_queue"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    strategy: Mapped[str] = field(
        String(16), title=_("Strategy"), classified="public", choices=STRATEGIES, default="round_robin"
    )
    sticky: Mapped[bool] = field(title=_("Who looks after the customer first"), classified="public", default=True)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    skills: Mapped[dict[str, Any]] = field(json_type(), title=_("Skills"), classified="public", default=dict)
    languages: Mapped[list[str]] = field(json_type(), title=_("Languages"), classified="public", default=list)
    calendar_id: Mapped[UUID | None] = field(
        ForeignKey(WorkingHours.id, ondelete="SET NULL"), title=_("Calendar"), classified="public", index=True
    )
    in_hours: Mapped[bool] = field(title=_("Only while people are at work"), classified="public", default=True)
    max_per_day: Mapped[int | None] = field(Integer, title=_("Most in a day for each"), classified="public")
    fallback_queue_id: Mapped[UUID | None] = field(
        ForeignKey("work_queue.id", ondelete="SET NULL"), title=_("Else to the queue"), classified="public", index=True
    )
    fallback_team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Else to the team"), classified="public", index=True
    )


class QueueMember(Record):
    """Who gets work of a queue: a person, or everybody of a team. ``capacity`` and ``max_per_day`` replace what holds
    otherwise."""

    __tablename__ = "work_queue_member"
    __access__ = Access.open(resource="work.queue")

    queue_id: Mapped[UUID] = field(
        ForeignKey(Queue.id, ondelete="CASCADE"), title=_("Queue"), classified="public", editable=False
    )
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Person"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True, editable=False
    )
    weight: Mapped[int] = field(Integer, title=_("Weight"), classified="internal", default=1)
    capacity: Mapped[int | None] = field(Integer, title=_("Most open at a time"), classified="internal")
    max_per_day: Mapped[int | None] = field(Integer, title=_("Most in a day"), classified="internal")

    __table_args__ = (
        UniqueConstraint("queue_id", "user_id"),
        UniqueConstraint("queue_id", "team_id"),
        CheckConstraint("user_id IS NULL OR team_id IS NULL", name="one_member"),
        CheckConstraint("weight BETWEEN 1 AND 1000", name="weight"),
    )


class QueueTurn(Model):
    """What a queue keeps of a person's turns: what smooth weighting has left over, the number of the last turn, and how
    many there were on the last day. Written under the lock of the queue."""

    __tablename__ = "work_queue_turn"
    __access__ = Access.open(resource="work.queue")

    queue_id: Mapped[UUID] = field(ForeignKey(Queue.id, ondelete="CASCADE"), classified="internal", primary_key=True)
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )
    current: Mapped[int] = field(classified="internal", default=0)
    served: Mapped[int] = field(classified="internal", default=0)
    turns: Mapped[int] = field(classified="internal", default=0)
    day: Mapped[date | None] = field(classified="internal")
    taken: Mapped[int] = field(Integer, classified="internal", default=0)


class Person(Record):
    """What assignment knows of somebody who works: presence, how much they take, what they can do.

    ``capacity`` is the most open work at a time, without it there is no limit; ``skills`` has a level from 1 to 10 for
    each; ``presence_until`` is when what was said of the presence ends (UTC), and the person is available again.
    """

    __tablename__ = "work_person"
    __access__ = Access.open()

    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Person"), classified="internal", unique=True, editable=False
    )
    presence: Mapped[str] = field(
        String(10), title=_("Presence"), classified="internal", choices=PRESENCES, default="available"
    )
    presence_until: Mapped[datetime | None] = field(title=_("Until"), classified="internal")
    presence_note: Mapped[str] = field(String(200), title=_("Note"), classified="internal", default="")
    capacity: Mapped[int | None] = field(Integer, title=_("Most open at a time"), classified="internal")
    skills: Mapped[dict[str, Any]] = field(json_type(), title=_("Skills"), classified="internal", default=dict)
    languages: Mapped[list[str]] = field(json_type(), title=_("Languages"), classified="internal", default=list)
    calendar_id: Mapped[UUID | None] = field(
        ForeignKey(WorkingHours.id, ondelete="SET NULL"), title=_("Calendar"), classified="internal", index=True
    )


class Absence(Record):
    """That somebody is not there for a time (UTC, the end does not belong to it), and who stands in. Colleagues see
    when and who; what for is sensitive."""

    __tablename__ = "work_absence"
    __access__ = Access.open()

    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Person"), classified="internal", editable=False
    )
    starts_at: Mapped[datetime] = field(title=_("From"), classified="internal")
    ends_at: Mapped[datetime] = field(title=_("Until"), classified="internal")
    deputy_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Deputy"), classified="internal", index=True
    )
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="sensitive", choices=ABSENCES)
    reason: Mapped[str | None] = field(String(300), title=_("Reason"), classified="sensitive")

    __table_args__ = (Index("ix_work_absence_span", "user_id", "ends_at", "starts_at"),)


class Territory(Record):
    """A part of the customers, by a condition over facts, and whose work they are: a queue's or a person's.

    Territories are a tree: the parts of one are looked at where its own condition holds, in their order, and the
    deepest that fits counts.
    """

    __tablename__ = "work_territory"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("work_territory.id", ondelete="CASCADE"), title=_("Part of"), classified="public", index=True
    )
    position: Mapped[int] = field(Integer, title=_("Order"), classified="public", default=100)
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal")
    queue_id: Mapped[UUID | None] = field(
        ForeignKey(Queue.id, ondelete="SET NULL"), title=_("Queue"), classified="public", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Person"), classified="internal", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class OpenWork(Model):
    """That a piece of work is open and whose it is: what people's load is counted by. It says nothing of the work but
    its reference."""

    __tablename__ = "work_load"
    __access__ = Access.open(resource="work.person")

    ref: Mapped[str] = field(String(160), classified="internal", primary_key=True)
    user_id: Mapped[UUID] = field(kernel_key(User.id, ondelete="CASCADE"), classified="internal", index=True)
    queue_id: Mapped[UUID | None] = field(ForeignKey(Queue.id, ondelete="SET NULL"), classified="internal", index=True)
    units: Mapped[int] = field(Integer, classified="internal", default=1)


class AssignmentEntry(Model):
    """An entry of the log of assignments: who got what, why, and what was said of everybody else. Never changed."""

    __tablename__ = "work_assignment"
    __append_only__ = True
    __access__ = Access.via("customer_id", author="actor_id")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    ref: Mapped[str] = field(String(160), title=_("Record"), classified="internal", index=True)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    queue_id: Mapped[UUID | None] = field(Id, title=_("Queue"), classified="internal", index=True)
    user_id: Mapped[UUID | None] = field(Id, title=_("Person"), classified="internal", index=True)
    team_id: Mapped[UUID | None] = field(Id, title=_("Team"), classified="internal")
    strategy: Mapped[str] = field(String(16), title=_("How"), classified="internal", choices=HOW)
    code: Mapped[str] = field(String(20), title=_("Why"), classified="internal")
    facts: Mapped[dict[str, Any]] = field(json_type(), title=_("Details"), classified="internal", default=dict)
    """What fills in the words of ``code``."""
    verdicts: Mapped[list[Any]] = field(json_type(), title=_("Why not others"), classified="internal", default=list)
    """Rows of person, code, what fills in its words, and queue."""
    asked: Mapped[dict[str, Any]] = field(json_type(), title=_("Asked for"), classified="internal", default=dict)
    """The skills and languages that the work asked for."""
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal", default="")
    decided_at: Mapped[datetime] = field(title=_("When"), classified="internal", index=True)
    actor_id: Mapped[str] = field(String(80), title=_("By"), classified="internal")

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)
