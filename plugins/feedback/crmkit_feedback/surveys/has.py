"""What surveys have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_feedback.surveys import editing, events, loading, models, operations, pages, previewing

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.survey",
        model=models.Survey,
        title=_("Survey"),
        plural=_("Surveys"),
        columns=["title", "name", "state", "metric", "purpose", "anonymous", "opened_at"],
        sort="name",
        icon="clipboard-list",
        menu=False,
    )
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *editing.OPERATIONS, *loading.OPERATIONS, *previewing.OPERATIONS]
PAGES = [*pages.PAGES, *previewing.PAGES]
