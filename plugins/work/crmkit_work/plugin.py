"""What work has, for the kernel's hooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from crmkit import PersonalData, Resource, hookimpl, texts
from crmkit_work.calendars import operations
from crmkit_work.calendars.models import CustomerCalendar, SpecialDay, TeamCalendar, WorkingHours

_ = texts("crmkit_work")


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the tables of working calendars."""
    return [WorkingHours, SpecialDay, TeamCalendar, CustomerCalendar]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    return [
        Resource(
            name="work.calendar",
            model=WorkingHours,
            title=_("Working calendar"),
            plural=_("Working calendars"),
            columns=["name", "title", "zone", "holiday_country", "usual"],
            search=["name", "title"],
            sort="name",
            icon="clock-hour-4",
        ),
        Resource(
            name="work.calendar_day",
            model=SpecialDay,
            title=_("Day of a calendar"),
            plural=_("Days of calendars"),
            columns=["calendar_id", "day", "kind", "title"],
            sort="day",
            icon="calendar",
            menu=False,
        ),
    ]


@hookimpl
def crmkit_operations() -> Sequence[Callable[..., Any]]:
    """Return the operations on working calendars."""
    return operations.OPERATIONS


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what is kept about customers: by which calendar somebody works for them."""
    return [
        PersonalData(
            table=CustomerCalendar.__tablename__, purpose=_("Keeping the customer's hours"), on_merge="keep_winner"
        )
    ]
