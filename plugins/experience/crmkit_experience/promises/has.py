"""What promises has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_experience.promises import (
    display,
    events,
    facts,
    keeping,
    making,
    models,
    noticing,
    pages,
    reports,
    ticking,
)

_ = texts("crmkit_experience")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="experience.promise",
        model=models.Promise,
        title=_("Promise to a customer"),
        plural=_("Promises to customers"),
        columns=["customer_id", "kind", "what", "due_at", "owner_id", "state", "late"],
        sort="-due_at",
        icon="flag",
        menu=False,
    ),
    Resource(
        name="experience.promise_suggestion",
        model=models.PromiseSuggestion,
        title=_("Text that reads like a promise"),
        plural=_("Texts that read like promises"),
        columns=["customer_id", "kind", "what", "due_at", "owner_id", "state"],
        sort="-said_at",
        icon="bulb",
        menu=False,
    ),
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
RULES = ticking.RULES
REPORTS = reports.REPORTS
PAGES = pages.PAGES
CARDS = display.CARDS
customer_panels = display.customer_panels
OPERATIONS = [*making.OPERATIONS, *keeping.OPERATIONS, *noticing.OPERATIONS, *ticking.OPERATIONS]
SUBSCRIPTIONS = noticing.SUBSCRIPTIONS
JOBS = ticking.JOBS
_PURPOSE = _("Keeping what was promised to customers")
PERSONAL_DATA = [
    PersonalData(table=models.Promise.__tablename__, columns=["what", "outcome"], purpose=_PURPOSE, on_merge="move"),
    PersonalData(
        table=models.PromiseSuggestion.__tablename__,
        columns=["what"],
        purpose=_PURPOSE,
        on_merge="move",
        retention_days=365,
    ),
]
