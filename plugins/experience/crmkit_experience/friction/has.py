"""What friction has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_experience.friction import counting, models, pages, reports

_ = texts("crmkit_experience")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="experience.friction",
        model=models.FrictionStep,
        title=_("Step that may be hard"),
        plural=_("Steps that may be hard"),
        columns=["step", "customers", "leading", "certain", "excess", "affected"],
        sort="place",
        search=["step"],
        icon="alert-triangle",
        menu=False,
    )
]
OPERATIONS = counting.OPERATIONS
JOBS = counting.JOBS
PAGES = pages.PAGES
REPORTS = reports.REPORTS
