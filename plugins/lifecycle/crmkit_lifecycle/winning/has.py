"""What keeping and winning back has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_lifecycle.winning import events, facts, measuring, models, operations, pages, running
from crmkit_lifecycle.winning.models import Attempt, CarePlan

_ = texts("crmkit_lifecycle")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="lifecycle.plan",
        model=CarePlan,
        title=_("Plan to keep or win back"),
        plural=_("Plans to keep and win back"),
        columns=["name", "title", "purpose", "active", "eligible", "control_percent"],
        search=["title", "name"],
        sort="name",
        icon="heart",
    ),
    Resource(
        name="lifecycle.winback",
        model=Attempt,
        title=_("Attempt to keep or win back"),
        plural=_("Attempts to keep and win back"),
        columns=["customer_id", "plan_id", "number", "arm", "state", "began_at", "until", "ended_at"],
        sort="-began_at",
        icon="heart",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *running.OPERATIONS]
EVENTS = events.EVENTS
JOBS = running.JOBS
FACTS = facts.FACTS
REPORTS = measuring.REPORTS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=Attempt.__tablename__, columns=["evidence"], purpose=_("Keeping customers and winning them back")
    )
]
