"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import CRM, PersonalData, Resource, texts
from crmkit_quality.duplicates import automatic, deciding, facts, index, listening, models, runs
from crmkit_quality.duplicates.entry import match_customers as match_customers
from crmkit_quality.duplicates.events import EVENTS as EVENTS
from crmkit_quality.duplicates.models import Key, MergeNote, Pair
from crmkit_quality.duplicates.pages import CARDS as CARDS, PAGES as PAGES, customer_panels as customer_panels

_ = texts("crmkit_quality")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="quality.pair",
        model=Pair,
        title=_("Possible duplicates"),
        plural=_("Possible duplicates"),
        columns=["first_id", "second_id", "probability", "band", "state", "conflict", "decided_at"],
        sort="-gain",
        icon="users",
        description=_("Pairs of customers that are probably one."),
        menu=False,
    )
]
OPERATIONS = [
    *runs.OPERATIONS,
    *deciding.OPERATIONS,
    *automatic.OPERATIONS,
    *index.OPERATIONS,
    *listening.OPERATIONS,
]
JOBS = listening.JOBS
SUBSCRIPTIONS = listening.SUBSCRIPTIONS
FACTS = facts.FACTS
_PURPOSE = _("Finding customers who are there twice")
PERSONAL_DATA = [
    PersonalData(table=Pair.__tablename__, column="first_id", columns=["reason"], purpose=_PURPOSE, derived=True),
    PersonalData(table=Pair.__tablename__, column="second_id", columns=["reason"], purpose=_PURPOSE, derived=True),
    PersonalData(table=MergeNote.__tablename__, purpose=_PURPOSE),
    PersonalData(table=Key.__tablename__, purpose=_PURPOSE, on_merge="keep_winner", derived=True),
]


def plugin_enabled(crm: CRM) -> None:
    """Have workers put all customers into the index."""
    crm.run(crm.system("the index of duplicates"), "quality.index.rebuild", {})
