"""The tables of keeping and winning back: how activity is judged, plans, and what was tried with whom."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Id, Record, ScaledDecimal, Team, field, json_type, kernel_key, texts
from crmkit_lifecycle.winning.words import ARMS, PURPOSES, STATES

_ = texts("crmkit_lifecycle")


class ActivityPolicy(Entry):
    """How activity is judged from ``since`` on (UTC, of the business's clock), never changed: a change is another row.

    Somebody with ``least_days`` days of purchases is silent once the own gap's P90 times ``silent_factor`` has gone by,
    lost after it times ``lost_factor``; for everybody else the gap is ``usual_days``, which is the median of all own
    P90s (``learnt_from`` customers) unless somebody has said it.
    """

    __tablename__ = "lifecycle_activity_policy"
    __access__ = Access.open(resource="lifecycle.winback")

    since: Mapped[datetime] = field(title=_("Since"), classified="internal", index=True)
    usual_days: Mapped[int] = field(Integer, title=_("Usual gap (days)"), classified="internal")
    least_days: Mapped[int] = field(
        Integer, title=_("Days of purchases for an own gap"), classified="internal", default=3
    )
    silent_factor: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Silent after so many gaps"), classified="internal", default=Decimal(1)
    )
    lost_factor: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Lost after so many gaps"), classified="internal", default=Decimal(3)
    )
    learnt_from: Mapped[int] = field(Integer, title=_("Learnt from customers"), classified="internal", default=0)


class CarePlan(Record):
    """What is done to keep customers or to win them back: who is ``eligible``, when it counts as ``success``.

    Nobody is tried again within ``cool_down_days`` of an attempt's end, or more than ``most_attempts`` times. One
    runs out after ``wait_days``. ``control_percent`` of those eligible are left alone, always the same ones, so that
    what it brings can be told. At most ``daily`` attempts begin in a run.
    """

    __tablename__ = "lifecycle_care_plan"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    purpose: Mapped[str] = field(String(10), title=_("Purpose"), classified="public", choices=PURPOSES)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    eligible: Mapped[str] = field(String(2000), title=_("Who is eligible"), classified="internal")
    success: Mapped[str] = field(String(2000), title=_("What counts as success"), classified="internal")
    task: Mapped[str] = field(String(300), title=_("What to do"), classified="internal", default="")
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="public", index=True
    )
    wait_days: Mapped[int] = field(Integer, title=_("Runs out after (days)"), classified="public", default=30)
    cool_down_days: Mapped[int] = field(Integer, title=_("Not again for (days)"), classified="public", default=90)
    most_attempts: Mapped[int] = field(Integer, title=_("At most so often"), classified="public", default=3)
    daily: Mapped[int] = field(Integer, title=_("At most so many a day"), classified="public", default=100)
    control_percent: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Control group (percent)"), classified="public", default=Decimal(10)
    )


class Attempt(Record):
    """What was tried with a customer by a plan: the ``number``-th time, on what evidence, and what came of it.

    ``arm`` says whether the customer was treated or belongs to the control group, of whom nothing is done but to look.
    All instants are of the business's clock (UTC).
    """

    __tablename__ = "lifecycle_attempt"
    __access__ = Access.via("customer_id", resource="lifecycle.winback")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    plan_id: Mapped[UUID] = field(
        ForeignKey(CarePlan.id, ondelete="CASCADE"), title=_("Plan"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Attempt"), classified="internal", editable=False)
    arm: Mapped[str] = field(String(8), title=_("Group"), classified="internal", choices=ARMS, editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    began_at: Mapped[datetime] = field(title=_("Began at"), classified="internal", editable=False)
    until: Mapped[datetime] = field(title=_("Runs out at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    recorded_at: Mapped[datetime] = field(classified="internal", editable=False)
    evidence: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Evidence"), classified="internal", default=dict, editable=False
    )
    task_id: Mapped[UUID | None] = field(Id, title=_("Task"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_lifecycle_attempt_of", "customer_id", "plan_id", "number"),
        Index("ix_lifecycle_attempt_state", "plan_id", "state", "until"),
    )


MODELS: list[type[Any]] = [ActivityPolicy, CarePlan, Attempt]
