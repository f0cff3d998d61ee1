"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_work.tasks import (
    access,
    adding,
    alarm_models,
    display,
    escalating,
    events,
    facts,
    giving,
    models,
    moving,
    pages,
    reminding,
    reports,
    ticking,
)
from crmkit_work.tasks.alarm_models import Escalation, Ladder, Reminder, ReminderFiring, TeamLead
from crmkit_work.tasks.models import Task, TaskNote

_ = texts("crmkit_work")

MODELS = [*models.MODELS, *alarm_models.MODELS]
RESOURCES = [
    Resource(
        name="work.task",
        model=Task,
        title=_("Task"),
        plural=_("Tasks"),
        columns=["number", "title", "customer_id", "due_at", "priority", "state", "owner_id", "queue_id"],
        search=["title"],
        sort="due_at",
        icon="list-check",
        menu=False,
    ),
    Resource(
        name="work.task_note",
        model=TaskNote,
        title=_("Note on a task"),
        plural=_("Notes on tasks"),
        columns=["task_id", "text", "user_id", "created_at"],
        icon="note",
        menu=False,
    ),
    Resource(
        name="work.reminder",
        model=Reminder,
        title=_("Reminder"),
        plural=_("Reminders"),
        columns=["task_id", "user_id", "kind", "next_at", "state"],
        sort="next_at",
        icon="bell",
        menu=False,
    ),
    Resource(
        name="work.reminder_firing",
        model=ReminderFiring,
        title=_("Reminder that fired"),
        plural=_("Reminders that fired"),
        columns=["task_id", "planned_at", "fired_at", "late"],
        sort="-fired_at",
        icon="bell",
        menu=False,
    ),
    Resource(
        name="work.ladder",
        model=Ladder,
        title=_("Escalation ladder"),
        plural=_("Escalation ladders"),
        columns=["name", "title", "queue_id", "automatic", "position", "active"],
        sort="position",
        icon="trending-up",
    ),
    Resource(
        name="work.team_lead",
        model=TeamLead,
        title=_("Lead of a team"),
        plural=_("Leads of teams"),
        columns=["team_id", "user_id"],
        icon="users",
        menu=False,
    ),
    Resource(
        name="work.escalation",
        model=Escalation,
        title=_("Escalation"),
        plural=_("Escalations"),
        columns=["task_id", "ladder", "step", "target", "planned_at", "fired_at", "late", "acknowledged_at"],
        sort="-fired_at",
        icon="alert-triangle",
        menu=False,
    ),
]
OPERATIONS = [
    *adding.OPERATIONS,
    *moving.OPERATIONS,
    *giving.OPERATIONS,
    *reminding.OPERATIONS,
    *escalating.OPERATIONS,
    *ticking.OPERATIONS,
]
EVENTS = events.EVENTS
JOBS = ticking.JOBS
CHECKS = ticking.CHECKS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
CARDS = display.CARDS
CALENDARS = display.CALENDARS
SEARCHABLES = display.SEARCHABLES
PERSONAL_DATA = [
    PersonalData(
        table=Task.__tablename__,
        columns=["title", "description", "outcome_note"],
        purpose=_("Doing what was promised to the customer"),
    ),
    PersonalData(table=TaskNote.__tablename__, columns=["text"], purpose=_("Doing what was promised to the customer")),
    PersonalData(table=Reminder.__tablename__, purpose=_("Doing what was promised to the customer")),
]
access_rules = access.access_rules
customer_panels = display.customer_panels
timeline = display.timeline
