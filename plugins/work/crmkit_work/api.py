"""What other plugins may import of work; everything else may change at any time."""

from __future__ import annotations

from crmkit_work.calendars.clock import Hours, NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.calendars.reading import calendar_for, calendar_named, working_calendar

__all__ = [
    "Hours",
    "NoWorkingTime",
    "WorkingCalendar",
    "WorkingHours",
    "calendar_for",
    "calendar_named",
    "working_calendar",
]
