"""What liability has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_loyalty.liability import models, operations, pages, reports

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.liability",
        model=models.LiabilityClosing,
        title=_("Closing of points"),
        plural=_("Closings of points"),
        columns=["day", "program_id", "type_id", "points", "share", "expected_minor", "cost_minor"],
        sort="-day",
        icon="archive",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
