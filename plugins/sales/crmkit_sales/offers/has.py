"""What offers has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_sales.offers import display, events, facts, models, operations, pages, reports

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.offer",
        model=models.OfferAnswer,
        title=_("Answer to an offer"),
        plural=_("Answers to offers"),
        columns=["customer_id", "product_id", "answer", "answered_at", "until"],
        sort="-answered_at",
        icon="gift",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
EVENTS = events.EVENTS
JOBS = operations.JOBS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=models.NextOffer.__tablename__,
        purpose=_("Offering what suits the customer"),
        on_merge="keep_winner",
        derived=True,
    ),
    PersonalData(
        table=models.OfferAnswer.__tablename__, columns=["note"], purpose=_("Offering what suits the customer")
    ),
]
customer_panels = display.customer_panels
