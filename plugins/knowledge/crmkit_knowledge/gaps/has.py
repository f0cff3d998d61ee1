"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_knowledge.gaps import keeping, mining, models, pages, reports

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.gap",
        model=models.Gap,
        title=_("Gap"),
        plural=_("Gaps"),
        columns=["label", "volume", "customers", "seconds", "state", "owner_id", "article_id", "found_at"],
        sort="-volume",
        icon="search",
        menu=False,
    ),
    Resource(
        name="knowledge.gap_record",
        model=models.GapRecord,
        title=_("Record of a gap"),
        plural=_("Records of gaps"),
        columns=["gap_id", "ref", "customer_id", "nearness", "seconds"],
        sort="-nearness",
        icon="message-circle",
        menu=False,
    ),
    Resource(
        name="knowledge.alike",
        model=models.AlikePair,
        title=_("Articles that are alike"),
        plural=_("Articles that are alike"),
        columns=["first_id", "second_id", "likeness", "dismissed"],
        sort="-likeness",
        icon="copy",
        menu=False,
    ),
]
OPERATIONS = keeping.OPERATIONS
JOBS = mining.JOBS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=models.GapRecord.__tablename__,
        purpose=_("Knowing what customers ask that no article answers"),
        derived=True,
    )
]
