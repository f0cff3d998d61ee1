"""What actions has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_experience.actions import models, operations, pages, reports

_ = texts("crmkit_experience")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="experience.action",
        model=models.ImprovementAction,
        title=_("Improvement"),
        plural=_("Improvements"),
        columns=["name", "title", "state", "starts_on", "owner_id", "effect", "verdict"],
        sort="-created_at",
        search=["name", "title", "measure", "step"],
        icon="trending-up",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
JOBS = operations.JOBS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
