"""What contracts have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_value.contracts import models, operations, pages

_ = texts("crmkit_value")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="value.cohort",
        model=models.ContractCohort,
        title=_("Cohort under contract"),
        plural=_("Cohorts under contract"),
        columns=["name", "started_on", "period_months", "counts"],
        sort="-started_on",
        icon="history",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
