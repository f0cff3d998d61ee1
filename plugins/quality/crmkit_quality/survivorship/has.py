"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_quality.survivorship import enriching, facts, merging, operations, pages
from crmkit_quality.survivorship.keeping import keep_values as keep_values
from crmkit_quality.survivorship.models import Source, SurvivorshipRule
from crmkit_quality.survivorship.pages import panels as customer_panels

__all__ = ["customer_panels", "keep_values"]

_ = texts("crmkit_quality")

MODELS = [Source, SurvivorshipRule]
RESOURCES = [
    Resource(
        name="quality.source",
        model=Source,
        title=_("Source"),
        plural=_("Sources"),
        columns=["title", "name", "trust", "updated_at"],
        search=["name", "title"],
        sort="-trust",
        icon="shield-check",
        description=_("Systems that values come from, and how far each is trusted."),
    ),
    Resource(
        name="quality.survivorship",
        model=SurvivorshipRule,
        title=_("Rule of survivorship"),
        plural=_("Rules of survivorship"),
        columns=["field", "strategy", "sources", "updated_at"],
        search=["field"],
        sort="field",
        icon="adjustments",
        description=_("Whose value stays where two records of a customer, or two systems, say something else."),
    ),
]
OPERATIONS = [*operations.OPERATIONS, *merging.OPERATIONS, *enriching.OPERATIONS]
FACTS = facts.FACTS
PAGES = pages.PAGES
