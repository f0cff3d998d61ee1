"""What tiers have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.desk import links
from crmkit_loyalty.tiers import events, facts, models, moving, operations

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.tier",
        model=models.Tier,
        title=_("Tier"),
        plural=_("Tiers"),
        columns=["level", "title", "name", "reach", "keep", "benefits"],
        sort="level",
        icon="medal",
        menu=False,
        panels=links.to_programme,
    ),
    Resource(
        name="loyalty.member_tier",
        model=models.MemberTier,
        title=_("Tier of a member"),
        plural=_("Tiers of members"),
        columns=["customer_id", "tier_id", "since", "until", "pinned_until"],
        sort="-since",
        icon="medal",
        menu=False,
    ),
    Resource(
        name="loyalty.tier_change",
        model=models.TierChange,
        title=_("Change of tier"),
        plural=_("Changes of tiers"),
        columns=["at", "customer_id", "before", "after", "reason"],
        sort="-at",
        icon="history",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *moving.OPERATIONS]
SUBSCRIPTIONS = moving.SUBSCRIPTIONS
JOBS = moving.JOBS
FACTS = facts.FACTS
DIMENSIONS = facts.DIMENSIONS
_PURPOSE = _("Knowing the tiers of members")
PERSONAL_DATA = [
    PersonalData(table=each.__tablename__, purpose=_PURPOSE, on_merge="move")
    for each in (models.MemberTier, models.TierChange)
]
