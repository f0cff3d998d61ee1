"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_quality.staleness import cards, events, operations, raising
from crmkit_quality.staleness.models import Verification

_ = texts("crmkit_quality")

MODELS = [Verification]
RESOURCES = [
    Resource(
        name="quality.verification",
        model=Verification,
        title=_("Verification"),
        plural=_("Verifications"),
        columns=["customer_id", "about", "reason", "due_on", "owner_id", "state", "outcome"],
        sort="due_on",
        icon="checklist",
    )
]
OPERATIONS = [*operations.OPERATIONS, *raising.OPERATIONS]
EVENTS = events.EVENTS
CARDS = cards.CARDS
JOBS = [
    Job(
        name="quality.raise_verifications",
        title=_("Raise verifications of what is stale"),
        handler=raising.raise_nightly,
        cron="30 5 * * *",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(
        name="quality.check_customer",
        title=_("Check a customer"),
        handler=raising.check_customer,
        acts_as="system",
    ),
]
PERSONAL_DATA = [
    PersonalData(table=Verification.__tablename__, columns=["note"], purpose=_("Keeping data right"), on_merge="move")
]
