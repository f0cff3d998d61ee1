"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_quality.cleaning import operations, pages
from crmkit_quality.cleaning.models import Cleaning, CleaningChange

_ = texts("crmkit_quality")

MODELS = [Cleaning, CleaningChange]
RESOURCES = [
    Resource(
        name="quality.cleaning",
        model=Cleaning,
        title=_("Cleaning"),
        plural=_("Cleanings"),
        columns=["created_at", "where", "cleaners", "looked_at", "changed", "refused", "state"],
        sort="-created_at",
        icon="wand",
        menu=False,
    ),
    Resource(
        name="quality.cleaning_change",
        model=CleaningChange,
        title=_("Cleaned value"),
        plural=_("Cleaned values"),
        columns=["customer_id", "about", "before", "after", "undone"],
        sort="-created_at",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
JOBS = [
    Job(
        name="quality.clean_on",
        title=_("Go on cleaning customers"),
        handler=operations.clean_on,
        acts_as="actor",
        lease=600,
    )
]
PERSONAL_DATA = [
    PersonalData(
        table=CleaningChange.__tablename__,
        columns=["before", "after", "point_before", "point_after"],
        purpose=_("Taking cleanings back"),
        retention_days=365,
    )
]
