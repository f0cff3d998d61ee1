"""What alerts have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_analytics.alerts import models, operations, pages

_ = texts("crmkit_analytics")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="analytics.alert",
        model=models.Alert,
        title=_("Alert"),
        plural=_("Alerts"),
        columns=["metric", "direction", "state", "first_day", "last_day", "value", "expected", "z"],
        sort="-last_day",
        icon="bell",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
JOBS = operations.JOBS
PAGES = pages.PAGES
