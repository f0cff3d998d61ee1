"""What promotions have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.promotions import events, models, operations, pages, using

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.promotion",
        model=models.Promotion,
        title=_("Promotion"),
        plural=_("Promotions"),
        columns=["title", "name", "version_no", "state", "kind", "number", "since", "until", "used", "most"],
        sort="name",
        icon="tag",
    ),
    Resource(
        name="loyalty.promotion_use",
        model=models.PromotionUse,
        title=_("Use of a promotion"),
        plural=_("Uses of promotions"),
        columns=["used_at", "promotion", "customer_id", "ref", "number", "discount_minor", "free", "returned_at"],
        sort="-used_at",
        icon="tag",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *using.OPERATIONS]
SUBSCRIPTIONS = using.SUBSCRIPTIONS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=models.PromotionUse.__tablename__,
        columns=["number"],
        purpose=_("Keeping promotions within their limits"),
        on_merge="move",
    )
]
