"""What views and votes have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.helpful import counting, events, models, pages, reports, settling, watching

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.vote",
        model=models.Vote,
        title=_("Vote on an article"),
        plural=_("Votes on articles"),
        columns=["article_id", "revision", "helpful", "reason", "comment", "state", "door", "day"],
        sort="-at",
        icon="star",
        menu=False,
    )
]
EVENTS = events.EVENTS
OPERATIONS = [*counting.OPERATIONS, *watching.OPERATIONS, *settling.OPERATIONS]
JOBS = watching.JOBS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
