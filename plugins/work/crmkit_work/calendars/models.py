"""The tables of working calendars."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, Team, field, json_type, kernel_key, texts

_ = texts("crmkit_work")

KINDS = {"day": _("Hours of the day"), "break": _("Break")}
"""What an entry of a calendar for a date may be."""


class WorkingHours(Record):
    """A working calendar: a time zone, the hours of each day of the week, and whose public holidays are free.

    ``week`` is kept as rows of weekday (0 is Monday), start and end in seconds after midnight.
    """

    __tablename__ = "work_calendar"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    zone: Mapped[str] = field(String(60), title=_("Time zone"), classified="public")
    week: Mapped[list[Any]] = field(json_type(), title=_("Working hours"), classified="public", default=list)
    holiday_country: Mapped[str | None] = field(String(2), title=_("Holidays of the country"), classified="public")
    holiday_subdivision: Mapped[str | None] = field(String(20), title=_("Part of the country"), classified="public")
    usual: Mapped[bool] = field(title=_("For everybody without another one"), classified="public", default=False)


class SpecialDay(Record):
    """A date on which a calendar differs: other hours (none for a day off), or a break within them."""

    __tablename__ = "work_calendar_day"
    __access__ = Access.open()

    calendar_id: Mapped[UUID] = field(
        ForeignKey(WorkingHours.id, ondelete="CASCADE"), title=_("Calendar"), classified="public", editable=False
    )
    day: Mapped[date] = field(title=_("Day"), classified="public", editable=False)
    kind: Mapped[str] = field(String(8), title=_("Kind"), classified="public", choices=KINDS, editable=False)
    hours: Mapped[list[Any]] = field(json_type(), title=_("Hours"), classified="public", default=list)
    """Rows of start and end in seconds after midnight."""
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public", default="")

    __table_args__ = (UniqueConstraint("calendar_id", "day", "kind"),)


class TeamCalendar(Record):
    """Which calendar a team works by."""

    __tablename__ = "work_team_calendar"
    __access__ = Access.open()

    team_id: Mapped[UUID] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="public", unique=True
    )
    calendar_id: Mapped[UUID] = field(
        ForeignKey(WorkingHours.id, ondelete="CASCADE"), title=_("Calendar"), classified="public", index=True
    )


class CustomerCalendar(Record):
    """Which calendar holds for a customer, whoever works for it."""

    __tablename__ = "work_customer_calendar"
    __access__ = Access.via("customer_id", resource="customer")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", unique=True
    )
    calendar_id: Mapped[UUID] = field(
        ForeignKey(WorkingHours.id, ondelete="CASCADE"), title=_("Calendar"), classified="public", index=True
    )
