"""What effort has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_experience.effort import display, events, facts, models, refreshing, reports, touchpoints

_ = texts("crmkit_experience")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="experience.effort",
        model=models.EffortIssue,
        title=_("Effort of a customer"),
        plural=_("Effort of customers"),
        columns=["customer_id", "unit", "channel", "started_at", "ended_at", "contacts", "transfers", "index", "level"],
        sort="-last_at",
        icon="activity",
        panels=display.panels,
    )
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
DIMENSIONS = facts.DIMENSIONS
REPORTS = [*reports.REPORTS, *touchpoints.REPORTS]
OPERATIONS = refreshing.OPERATIONS
JOBS = refreshing.JOBS
RULES = refreshing.RULES
customer_panels = display.customer_panels
PERSONAL_DATA = [
    PersonalData(
        table=each.__tablename__,
        columns=[],
        purpose=_("Knowing what effort customers have with us"),
        on_merge="move",
        derived=True,
    )
    for each in models.MODELS
]
