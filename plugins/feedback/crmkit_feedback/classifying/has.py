"""What classifying has, for the hook module."""

from __future__ import annotations

from crmkit import CRM, Resource, texts
from crmkit_feedback.classifying import applying, events, facts, models, operations, pages, reports

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.theme",
        model=models.Theme,
        title=_("Theme"),
        plural=_("Themes"),
        columns=["title", "name", "parent_id", "words", "queue", "active"],
        sort="name",
        icon="tags",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *applying.OPERATIONS]
FACTS = facts.FACTS
JOBS = operations.JOBS
SUBSCRIPTIONS = operations.SUBSCRIPTIONS
PAGES = pages.PAGES
REPORTS = reports.REPORTS


def plugin_enabled(crm: CRM) -> None:
    """Add the themes to begin with, where there are none."""
    crm.run(crm.system("the first themes"), "feedback.theme.ship")
