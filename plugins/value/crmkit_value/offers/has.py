"""What offers has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_value.offers import display, facts, models, operations, pages, reports

_ = texts("crmkit_value")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="value.not_offered",
        model=models.NotOffered,
        title=_("Product that is not offered"),
        plural=_("Products that are not offered"),
        columns=["product_id", "reason"],
        sort="product_id",
        icon="gift",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
JOBS = operations.JOBS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(table=table, purpose=_("Offering what suits the customer"), on_merge="keep_winner", derived=True)
    for table in (models.NextOffer.__tablename__, models.NextProduct.__tablename__)
]
customer_panels = display.customer_panels
