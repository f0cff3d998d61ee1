"""What maps have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_journey.maps import models, operations, pages, reports

_ = texts("crmkit_journey")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="journey.map",
        model=models.JourneyMap,
        title=_("Journey map"),
        plural=_("Journey maps"),
        columns=["title", "name", "owner_id", "revision"],
        sort="title",
        search=["title", "name"],
        icon="map",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
