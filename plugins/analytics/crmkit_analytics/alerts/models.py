"""The tables of alerts: what was unusual and what was said to it; and who wants to be told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, User, field, json_type, kernel_key, texts
from crmkit_analytics.alerts.series import WATCHED

_ = texts("crmkit_analytics")

STATES = {"open": _("Open"), "acknowledged": _("Acknowledged"), "over": _("Over")}


class Alert(Record):
    """A cause for which figures were unusual, from its first day to its last.

    ``metric`` is the figure that was off the farthest, ``value`` and ``expected`` are its on ``last_day``; ``figures``
    has all of that day. Amounts are minor units of the base currency.
    """

    __tablename__ = "analytics_alert"
    __access__ = Access.open(resource="analytics.alert")

    cause: Mapped[str] = field(String(40), title=_("Cause"), classified="internal", editable=False)
    direction: Mapped[str] = field(String(4), title=_("Direction"), classified="internal", editable=False)
    metric: Mapped[str] = field(String(40), title=_("Figure"), classified="internal", choices=WATCHED, editable=False)
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    first_day: Mapped[date] = field(title=_("First day"), classified="internal", editable=False)
    last_day: Mapped[date] = field(title=_("Last day"), classified="internal", editable=False)
    value: Mapped[float] = field(title=_("Value"), classified="internal", editable=False)
    expected: Mapped[float] = field(title=_("Expected"), classified="internal", editable=False)
    z: Mapped[float] = field(title=_("Deviations"), classified="internal", editable=False)
    figures: Mapped[list[Any]] = field(json_type(), classified="internal", default=list, editable=False)
    note: Mapped[str | None] = field(String(1000), title=_("Note"), classified="internal", editable=False)
    acknowledged_by: Mapped[str | None] = field(
        String(80), title=_("Acknowledged by"), classified="internal", editable=False
    )
    acknowledged_at: Mapped[datetime | None] = field(title=_("Acknowledged at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_analytics_alert_cause", "cause", "last_day"),)


class AlertWatcher(Record):
    """That somebody wants to be told of alerts."""

    __tablename__ = "analytics_alert_watcher"
    __access__ = Access.open(resource="analytics.alert")

    user_id: Mapped[UUID] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("User"), classified="internal", unique=True
    )


MODELS: list[type[Any]] = [Alert, AlertWatcher]
