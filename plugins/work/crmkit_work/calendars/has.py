"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_work.calendars import operations
from crmkit_work.calendars.models import CustomerCalendar, SpecialDay, TeamCalendar, WorkingHours

_ = texts("crmkit_work")

MODELS = [WorkingHours, SpecialDay, TeamCalendar, CustomerCalendar]
RESOURCES = [
    Resource(
        name="work.calendar",
        model=WorkingHours,
        title=_("Working calendar"),
        plural=_("Working calendars"),
        columns=["name", "title", "zone", "holiday_country", "usual"],
        search=["name", "title"],
        sort="name",
        icon="clock",
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
OPERATIONS = operations.OPERATIONS
PERSONAL_DATA = [
    PersonalData(
        table=CustomerCalendar.__tablename__, purpose=_("Keeping the customer's hours"), on_merge="keep_winner"
    )
]
