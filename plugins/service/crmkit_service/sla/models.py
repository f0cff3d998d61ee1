"""The tables of service levels: policies with their versions, ladders, rotas, clocks of cases, and what escalated."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Model, Record, User, field, json_type, kernel_key, new_id, texts
from crmkit_service.cases.models import Case
from crmkit_service.sla.words import ALL_CLOCKS, KINDS, LEVELS, STATES

_ = texts("crmkit_service")


class Ladder(Record):
    """An escalation ladder: who is told, and what is done, as a deadline comes nearer and when it has passed.

    ``steps`` are kept as they are written, one a line.
    """

    __tablename__ = "service_ladder"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    steps: Mapped[str] = field(String(4000), title=_("Steps"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Policy(Record):
    """What is promised to whom: the conditions under which it holds for a case; its versions say what it promises.

    Of the active policies of a kind the first one that fits a case holds for it: by ``level``, the most special one
    first, then by ``position``. A condition that is empty is none. ``condition`` is an expression over facts of the
    customer. ``about`` is the contract that cases are about, ``customer_id`` the customer whose contract it is.
    """

    __tablename__ = "service_sla_policy"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(
        String(4), title=_("Agreed"), classified="public", choices=KINDS, default="sla", editable=False
    )
    level: Mapped[str] = field(String(10), title=_("Level"), classified="public", choices=LEVELS, default="usual")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)
    condition: Mapped[str] = field(String(2000), title=_("Holds for customers"), classified="internal", default="")
    types: Mapped[list[str]] = field(json_type(), title=_("Types of case"), classified="public", default=list)
    queues: Mapped[list[str]] = field(json_type(), title=_("Queues"), classified="public", default=list)
    priorities: Mapped[list[str]] = field(json_type(), title=_("Priorities"), classified="public", default=list)
    about: Mapped[str | None] = field(String(160), title=_("Contract"), classified="internal")
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    calendar: Mapped[str | None] = field(String(60), title=_("Working calendar"), classified="public")
    ladder_id: Mapped[UUID | None] = field(
        ForeignKey(Ladder.id, ondelete="SET NULL"), title=_("Escalation ladder"), classified="public", index=True
    )
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class PolicyVersion(Entry):
    """What a policy promises from an instant on: its clocks, as they compute. Never changed: a change is a version."""

    __tablename__ = "service_sla_version"
    __access__ = Access.open(resource="service.sla_policy")

    policy_id: Mapped[UUID] = field(
        ForeignKey(Policy.id, ondelete="CASCADE"), title=_("Policy"), classified="public", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="public")
    since: Mapped[datetime] = field(title=_("Since"), classified="public")
    clocks: Mapped[list[Any]] = field(json_type(), title=_("Clocks"), classified="public", default=list)
    user_id: Mapped[UUID | None] = field(kernel_key(User.id, ondelete="SET NULL"), title=_("By"), classified="public")

    __table_args__ = (UniqueConstraint("policy_id", "number"),)


class Clock(Model):
    """A turn of a clock of a case, as it was folded last; instants are of the business's clock.

    ``party`` is the queue that a clock of an agreement is about, "" for the customer's clocks. ``target`` and
    ``consumed`` are seconds of working time. ``next_at`` is when something comes of it by itself: its deadline, or a
    step of its ladder; ``taken`` are the steps that were taken, ``told_breach`` whether its breach was told.
    """

    __tablename__ = "service_clock"
    __access__ = Access.via("case_id", resource="service.case")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False, default=new_id)
    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    clock: Mapped[str] = field(String(16), title=_("Clock"), classified="internal", choices=ALL_CLOCKS)
    party: Mapped[str] = field(String(36), title=_("With"), classified="internal", default="")
    number: Mapped[int] = field(Integer, title=_("Turn"), classified="internal", default=1)
    state: Mapped[str] = field(String(10), title=_("State"), classified="internal", choices=STATES)
    started_at: Mapped[datetime] = field(title=_("Started"), classified="internal")
    due_at: Mapped[datetime | None] = field(title=_("Due at"), classified="internal")
    ended_at: Mapped[datetime | None] = field(title=_("Ended"), classified="internal")
    breached_at: Mapped[datetime | None] = field(title=_("Missed at"), classified="internal")
    target: Mapped[int] = field(Integer, title=_("Target (seconds)"), classified="internal")
    consumed: Mapped[int] = field(Integer, title=_("Used up (seconds)"), classified="internal")
    policy_id: Mapped[UUID | None] = field(
        ForeignKey(Policy.id, ondelete="SET NULL"), title=_("Policy"), classified="internal", index=True
    )
    policy_version: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    priority: Mapped[str] = field(String(6), title=_("Priority"), classified="internal")
    calendar: Mapped[str] = field(String(60), title=_("Working calendar"), classified="internal")
    computed_at: Mapped[datetime] = field(title=_("Computed"), classified="internal")
    next_at: Mapped[datetime | None] = field(title=_("Next step"), classified="internal", index=True)
    taken: Mapped[list[str]] = field(json_type(), title=_("Steps taken"), classified="internal", default=list)
    told_breach: Mapped[bool] = field(classified="internal", default=False)
    acknowledged_at: Mapped[datetime | None] = field(title=_("Acknowledged at"), classified="internal")
    acknowledged_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Acknowledged by"), classified="internal"
    )

    __table_args__ = (
        UniqueConstraint("case_id", "clock", "party", "number"),
        Index("ix_service_clock_state", "state", "due_at"),
    )


class Escalation(Entry):
    """That a step of a ladder was taken for a case: when it was planned, when it happened and how late that was, whom
    it told, and what else was done. ``target`` is the working time that the clock had then, in seconds."""

    __tablename__ = "service_escalation"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    clock_id: Mapped[UUID] = field(ForeignKey(Clock.id, ondelete="CASCADE"), classified="internal")
    clock: Mapped[str] = field(String(16), title=_("Clock"), classified="internal", choices=ALL_CLOCKS)
    ladder: Mapped[str] = field(String(60), title=_("Escalation ladder"), classified="internal")
    step: Mapped[int] = field(Integer, title=_("Step"), classified="internal")
    turn: Mapped[int] = field(Integer, title=_("Repetition"), classified="internal")
    seconds: Mapped[int] = field(Integer, classified="internal")
    whom: Mapped[str] = field(String(80), title=_("Tells"), classified="internal")
    planned_at: Mapped[datetime] = field(title=_("Planned for"), classified="internal")
    fired_at: Mapped[datetime] = field(title=_("Fired at"), classified="internal")
    late_seconds: Mapped[int] = field(Integer, title=_("Late by (seconds)"), classified="internal", default=0)
    told: Mapped[list[str]] = field(json_type(), title=_("Told"), classified="internal", default=list)
    done: Mapped[list[str]] = field(json_type(), title=_("Done besides"), classified="internal", default=list)

    __table_args__ = (
        UniqueConstraint("clock_id", "seconds", "step", "turn"),
        Index("ix_service_escalation_case", "case_id", "fired_at"),
        Index("ix_service_escalation_fired", "fired_at"),
    )


class Rota(Record):
    """Who is on call, in turns: a list that a step of a ladder can tell."""

    __tablename__ = "service_rota"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")


class RotaShift(Record):
    """A turn of somebody on call, from an instant until another one (UTC)."""

    __tablename__ = "service_rota_shift"
    __access__ = Access.open()

    rota_id: Mapped[UUID] = field(ForeignKey(Rota.id, ondelete="CASCADE"), title=_("Rota"), classified="public")
    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("On call"), classified="internal", index=True
    )
    starts_at: Mapped[datetime] = field(title=_("Since"), classified="internal")
    ends_at: Mapped[datetime] = field(title=_("Until"), classified="internal")

    __table_args__ = (Index("ix_service_rota_shift", "rota_id", "starts_at"),)


class Heartbeat(Model):
    """When clocks were looked through last, by the system's clock, and how far they had been caught up; one row."""

    __tablename__ = "service_heartbeat"
    __access__ = Access.open(resource="service.sla_policy")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    ticked_at: Mapped[datetime] = field(classified="internal")
    fired: Mapped[int] = field(Integer, classified="internal", default=0)
    late: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [Ladder, Policy, PolicyVersion, Clock, Escalation, Rota, RotaShift, Heartbeat]
