"""What coding has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_feedback.coding import models, operations, pages, reports

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.coding",
        model=models.Coding,
        title=_("Coding"),
        plural=_("Codings"),
        columns=["feedback_id", "user_id", "themes", "created_at"],
        sort="-created_at",
        icon="list-check",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
