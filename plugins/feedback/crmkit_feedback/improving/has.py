"""What improving has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_feedback.improving import annotating, events, models, operations, pages, reports, ticking

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.improvement",
        model=models.Improvement,
        title=_("Improvement"),
        plural=_("Improvements"),
        columns=["number", "title", "state", "theme_id", "owner_id", "due_on", "released_on"],
        search=["title", "problem"],
        sort="-number",
        icon="list-check",
        menu=False,
    ),
    Resource(
        name="feedback.annotation",
        model=models.Annotation,
        title=_("Annotation of trends"),
        plural=_("Annotations of trends"),
        columns=["day", "title", "survey_id"],
        search=["title"],
        sort="-day",
        icon="calendar",
        menu=False,
        description=_("What happened on a day and may be seen in a trend."),
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *annotating.OPERATIONS, *ticking.OPERATIONS]
JOBS = ticking.JOBS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
