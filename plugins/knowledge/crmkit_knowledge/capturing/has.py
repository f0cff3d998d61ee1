"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_knowledge.capturing import drafting, events, facts, linking, models, pages, reports

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.link",
        model=models.ArticleLink,
        title=_("Link of an article"),
        plural=_("Links of articles"),
        columns=["article_id", "kind", "ref", "customer_id", "at", "user_id", "removed_at"],
        sort="-at",
        icon="link",
        menu=False,
    )
]
EVENTS = events.EVENTS
OPERATIONS = [*drafting.OPERATIONS, *linking.OPERATIONS]
FACTS = facts.FACTS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
customer_panels = pages.customer_panels
PERSONAL_DATA = [
    PersonalData(
        table=models.ArticleLink.__tablename__,
        purpose=_("Knowing which articles help customers"),
        on_merge="move",
    )
]
