"""What earning has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.desk import links
from crmkit_loyalty.earning import models, operations, taking

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.rule_set",
        model=models.RuleSet,
        title=_("Version of rules"),
        plural=_("Versions of rules"),
        columns=["program_id", "number", "state", "published_at", "note"],
        sort="-number",
        icon="list-check",
        menu=False,
        panels=links.to_programme,
    ),
    Resource(
        name="loyalty.earn_rule",
        model=models.EarnRule,
        title=_("Rule of points"),
        plural=_("Rules of points"),
        columns=["position", "title", "event", "scope", "condition", "points", "stack", "active"],
        sort="position",
        icon="coin",
        menu=False,
        panels=links.to_programme,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *taking.OPERATIONS]
SUBSCRIPTIONS = taking.SUBSCRIPTIONS
_PURPOSE = _("Knowing what points were given for")
PERSONAL_DATA = [
    PersonalData(table=each.__tablename__, purpose=_PURPOSE, on_merge="move")
    for each in (models.Contribution, models.Refunded)
]
