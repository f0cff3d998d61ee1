"""What rewards have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.desk import links
from crmkit_loyalty.rewards import events, models, operations, redeeming

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.reward",
        model=models.Reward,
        title=_("Reward"),
        plural=_("Rewards"),
        columns=["title", "name", "kind", "points", "stock", "level", "until", "active"],
        sort="points",
        icon="gift",
        panels=links.to_programme,
    ),
    Resource(
        name="loyalty.redemption",
        model=models.Redemption,
        title=_("Redemption"),
        plural=_("Redemptions"),
        columns=["number", "customer_id", "reward_id", "quantity", "points", "state", "redeemed_at"],
        sort="-number",
        icon="ticket",
        panels=links.to_member,
    ),
    Resource(
        name="loyalty.voucher",
        model=models.Voucher,
        title=_("Voucher"),
        plural=_("Vouchers"),
        columns=["number", "customer_id", "state", "good_through", "used_at", "used_ref"],
        sort="-created_at",
        search=["number"],
        icon="ticket",
        menu=False,
        panels=links.to_member,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *redeeming.OPERATIONS]
_PURPOSE = _("Giving customers what they redeemed")
PERSONAL_DATA = [
    PersonalData(table=models.Redemption.__tablename__, columns=["tracking"], purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.Voucher.__tablename__, columns=["number"], purpose=_PURPOSE, on_merge="move"),
]
