"""What contribution has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_value.contribution import facts, models, operations

_ = texts("crmkit_value")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="value.margin",
        model=models.CategoryMargin,
        title=_("Margin of a category"),
        plural=_("Margins of categories"),
        columns=["category", "percent"],
        sort="category",
        icon="chart-pie",
        menu=False,
    ),
    Resource(
        name="value.service_cost",
        model=models.ServiceCost,
        title=_("Cost of a contact"),
        plural=_("Costs of contacts"),
        columns=["kind", "contact_minor", "hour_minor"],
        sort="kind",
        icon="clock",
        menu=False,
    ),
    Resource(
        name="value.acquisition_cost",
        model=models.AcquisitionCost,
        title=_("Cost of winning customers"),
        plural=_("Costs of winning customers"),
        columns=["source", "first", "last", "amount_minor", "currency", "note"],
        sort="-first",
        icon="coin",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
FACTS = facts.FACTS
