"""What programmes have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.desk import links
from crmkit_loyalty.programs import events, joining, models, operations

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.program",
        model=models.Program,
        title=_("Loyalty programme"),
        plural=_("Loyalty programmes"),
        columns=["title", "name", "enrolment", "clawback", "holdout", "active"],
        sort="name",
        icon="award",
        menu=False,
        panels=links.to_programme,
    ),
    Resource(
        name="loyalty.point_type",
        model=models.PointType,
        title=_("Kind of points"),
        plural=_("Kinds of points"),
        columns=["program_id", "title", "name", "spendable", "expiry", "expiry_months", "unit_cost"],
        sort="name",
        icon="coin",
        menu=False,
        panels=links.to_programme,
    ),
    Resource(
        name="loyalty.account",
        model=models.Account,
        title=_("Account of points"),
        plural=_("Accounts of points"),
        columns=["number", "customer_id", "kind", "state"],
        sort="-created_at",
        search=["number"],
        icon="credit-card",
        menu=False,
        panels=links.to_member,
    ),
    Resource(
        name="loyalty.member",
        model=models.Member,
        title=_("Member"),
        plural=_("Members"),
        columns=["customer_id", "program_id", "account_id", "role", "joined_at", "left_at"],
        sort="-joined_at",
        icon="users",
        panels=links.to_member,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *joining.OPERATIONS]
_PURPOSE = _("Taking part in a loyalty programme")
PERSONAL_DATA = [
    PersonalData(table=models.Account.__tablename__, columns=["number"], purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.Draw.__tablename__, purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.Member.__tablename__, columns=["referral"], purpose=_PURPOSE, on_merge="move"),
]
