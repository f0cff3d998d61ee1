"""What the catalogue has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_needs.catalogue import (
    areas,
    dimensions,
    display,
    events,
    evidence,
    facts,
    importing,
    merging,
    models,
    noting,
    operations,
    owning,
)

_ = texts("crmkit_needs")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="needs.need",
        model=models.Need,
        title=_("Need"),
        plural=_("Needs"),
        columns=["number", "title", "kind", "urgency", "state", "area_id", "owner_id", "due_on"],
        sort="-number",
        icon="bulb",
        search=["title"],
        panels=display.panels,
        imports=importing.NEEDS,
        menu=False,
    ),
    Resource(
        name="needs.evidence",
        model=models.Evidence,
        title=_("Evidence"),
        plural=_("Evidence"),
        columns=["need_id", "customer_id", "source", "importance", "heard_at", "wants_news"],
        sort="-heard_at",
        icon="message",
        imports=importing.EVIDENCE,
        menu=False,
    ),
    Resource(
        name="needs.area",
        model=models.ProductArea,
        title=_("Product area"),
        plural=_("Product areas"),
        columns=["title", "name", "parent_id", "lead_id", "active"],
        sort="name",
        icon="sitemap",
        menu=False,
    ),
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
customer_panels = display.customer_panels
timeline = display.timeline
OPERATIONS = [
    *areas.OPERATIONS,
    *operations.OPERATIONS,
    *evidence.OPERATIONS,
    *noting.OPERATIONS,
    *merging.OPERATIONS,
    *importing.OPERATIONS,
    *owning.OPERATIONS,
]
SUBSCRIPTIONS = owning.SUBSCRIPTIONS
JOBS = owning.JOBS
PERSONAL_DATA = [
    PersonalData(
        table=models.Evidence.__tablename__,
        columns=["quote"],
        purpose=_("Knowing what customers need"),
        on_merge="move",
    )
]
