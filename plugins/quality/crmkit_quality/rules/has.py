"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import CRM, Job, PersonalData, Resource, texts
from crmkit_quality.rules import operations
from crmkit_quality.rules.models import FieldRule, Violation

_ = texts("crmkit_quality")

MODELS = [FieldRule, Violation]
RESOURCES = [
    Resource(
        name="quality.rule",
        model=FieldRule,
        title=_("Field rule"),
        plural=_("Field rules"),
        columns=["title", "about", "severity", "aspect", "enabled"],
        search=["title"],
        sort="name",
        icon="list-check",
    ),
    Resource(
        name="quality.violation",
        model=Violation,
        title=_("Violation"),
        plural=_("Violations"),
        columns=["customer_id", "rule", "about", "severity", "since"],
        search=["rule"],
        sort="-since",
        icon="alert-triangle",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
JOBS = [
    Job(
        name="quality.forget_rule",
        title=_("Forget the violations of a rule"),
        handler=operations.forget_rule,
        acts_as="system",
    )
]
PERSONAL_DATA = [
    PersonalData(
        table=Violation.__tablename__,
        purpose=_("Keeping data right"),
        on_merge="keep_winner",
        derived=True,
    )
]


def plugin_enabled(crm: CRM) -> None:
    """Add the shipped rules that are not there yet."""
    crm.run(crm.system("shipped field rules"), "quality.rule.ship")
