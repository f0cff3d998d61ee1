"""What acquiring has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_lifecycle.acquiring import models, operations, reports
from crmkit_lifecycle.acquiring.models import SourceCost

_ = texts("crmkit_lifecycle")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="lifecycle.cost",
        model=SourceCost,
        title=_("Cost of a source"),
        plural=_("Costs of sources"),
        columns=["source", "first", "last", "amount_minor", "currency"],
        search=["source"],
        sort="-first",
        icon="coin",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
REPORTS = reports.REPORTS
