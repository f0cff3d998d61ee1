"""What other plugins may import of work; everything else may change at any time."""

from __future__ import annotations

from crmkit_work.approvals.chains import approvals_needed, is_approved, require_approval
from crmkit_work.assignment.assigning import assign
from crmkit_work.assignment.loads import note_load
from crmkit_work.assignment.models import Queue
from crmkit_work.assignment.standing import is_available
from crmkit_work.assignment.territories import customers_in_territory
from crmkit_work.assignment.values import Assignment, Availability, Reason, Rejected, Wish
from crmkit_work.calendars.clock import Hours, NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.calendars.reading import calendar_for, calendar_named, own_calendars, working_calendar
from crmkit_work.handoffs.models import Handoff
from crmkit_work.notices.telling import NewNotice, notify
from crmkit_work.tasks.inputs import NewTask
from crmkit_work.tasks.making import create_task
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import lead_of, main_team, members_of, queues_of, stand_in
from crmkit_work.tasks.words import TASK_STATES

__all__ = [
    "TASK_STATES",
    "Assignment",
    "Availability",
    "Handoff",
    "Hours",
    "NewNotice",
    "NewTask",
    "NoWorkingTime",
    "Queue",
    "Reason",
    "Rejected",
    "Task",
    "Wish",
    "WorkingCalendar",
    "WorkingHours",
    "approvals_needed",
    "assign",
    "calendar_for",
    "calendar_named",
    "create_task",
    "customers_in_territory",
    "is_approved",
    "is_available",
    "lead_of",
    "main_team",
    "members_of",
    "note_load",
    "notify",
    "own_calendars",
    "queues_of",
    "require_approval",
    "stand_in",
    "working_calendar",
]
