"""What passages has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_lifecycle.passages import (
    dimensions,
    display,
    events,
    facts,
    handing,
    models,
    operations,
    pages,
    rules,
    running,
)
from crmkit_lifecycle.passages.models import Passage, RolledUp, StageInterval

_ = texts("crmkit_lifecycle")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="lifecycle.passage",
        model=Passage,
        title=_("Passage"),
        plural=_("Passages"),
        columns=["customer_id", "model_id", "stage_id", "stage_since", "number", "due_at", "ended_at", "outcome"],
        sort="-stage_since",
        icon="arrows-sort",
    ),
    Resource(
        name="lifecycle.interval",
        model=StageInterval,
        title=_("Time in a stage"),
        plural=_("Times in stages"),
        columns=["customer_id", "stage_id", "entered_at", "left_at", "direction", "cause", "answer"],
        sort="-entered_at",
        icon="history",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *running.OPERATIONS, *handing.OPERATIONS]
EVENTS = events.EVENTS
SUBSCRIPTIONS = [*running.SUBSCRIPTIONS, *handing.SUBSCRIPTIONS]
JOBS = [*operations.JOBS, *running.JOBS, *handing.JOBS]
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
RULES = rules.RULES
PAGES = pages.PAGES
_PURPOSE = _("Knowing how far the customer has come")
PERSONAL_DATA = [
    PersonalData(table=Passage.__tablename__, purpose=_PURPOSE),
    PersonalData(table=StageInterval.__tablename__, columns=["reason", "declined_why", "evidence"], purpose=_PURPOSE),
    PersonalData(table=RolledUp.__tablename__, purpose=_PURPOSE, derived=True),
]
customer_panels = display.customer_panels
timeline = display.timeline_entries
