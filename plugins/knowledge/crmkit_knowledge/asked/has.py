"""What searches and questions have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.asked import counting, deciding, events, logging, models, pages, reports

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.search",
        model=models.Search,
        title=_("Search of somebody"),
        plural=_("Searches"),
        columns=["at", "text", "language", "door", "hits", "best"],
        sort="-at",
        icon="search",
        menu=False,
    ),
    Resource(
        name="knowledge.question",
        model=models.Question,
        title=_("Question"),
        plural=_("Questions without an answer"),
        columns=["text", "language", "state", "owner_id", "article_id", "visits", "missed", "without_hits", "last_on"],
        sort="-missed",
        icon="help",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*logging.OPERATIONS, *counting.OPERATIONS, *deciding.OPERATIONS]
JOBS = counting.JOBS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
