"""The tables of monitors: how each flow is watched, and the alarms that were raised."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, field, texts
from crmkit_journey.flows.models import Flow
from crmkit_journey.watching.words import KINDS

_ = texts("crmkit_journey")


class Watch(Record):
    """How a flow is watched. Who waits at a node for longer than ``stuck_days``, and than nineteen of twenty before, is
    stuck. More than ``failed_share`` (0 to 1) of the passages of a week that failed raise an alarm, and pause the flow
    with ``pause``. After ``quiet_days`` into which nobody came, where some came before, the entry has stopped."""

    __tablename__ = "journey_watch"
    __access__ = Access.open()

    flow_id: Mapped[UUID] = field(
        ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="public", unique=True, editable=False
    )
    stuck_days: Mapped[int] = field(Integer, title=_("Stuck after (days)"), classified="public", default=14)
    failed_share: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Share that may fail"), classified="public", default=Decimal("0.05")
    )
    quiet_days: Mapped[int] = field(Integer, title=_("Nobody came for (days)"), classified="public", default=7)
    pause: Mapped[bool] = field(title=_("Pause it where too many fail"), classified="public", default=False)


class Alarm(Record):
    """Something is wrong with a flow, of a ``kind``, at a node where it is about one. ``value`` is what was measured,
    ``base`` what was expected, in the unit of the kind: passages, shares or days. It ends when it is no longer so."""

    __tablename__ = "journey_alarm"
    __access__ = Access.open()
    __history__ = False

    flow_id: Mapped[UUID] = field(
        ForeignKey(Flow.id, ondelete="CASCADE"), title=_("Flow"), classified="internal", editable=False
    )
    kind: Mapped[str] = field(String(8), title=_("What"), classified="internal", choices=KINDS, editable=False)
    node: Mapped[str] = field(String(40), title=_("Node"), classified="internal", default="", editable=False)
    value: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Measured"), classified="internal", editable=False)
    base: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Expected"), classified="internal", editable=False)
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_journey_alarm_open", "flow_id", "ended_at"),)


MODELS: list[type[Any]] = [Watch, Alarm]
