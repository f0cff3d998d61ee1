"""What this room has, for `crmkit_quality.plugin`."""

from __future__ import annotations

from crmkit import Job, Resource, texts
from crmkit_quality.contracts import events, operations, pages, watching
from crmkit_quality.contracts.models import ContractBreach, SourceContract

_ = texts("crmkit_quality")

MODELS = [SourceContract, ContractBreach]
RESOURCES = [
    Resource(
        name="quality.contract",
        model=SourceContract,
        title=_("Contract with a source"),
        plural=_("Contracts with sources"),
        columns=["source", "resource", "state", "owner_id", "fed_at", "fed_rows"],
        search=["source"],
        sort="source",
        icon="clipboard-check",
        menu=False,
    ),
    Resource(
        name="quality.breach",
        model=ContractBreach,
        title=_("Breach of a contract"),
        plural=_("Breaches of contracts"),
        columns=["source", "kind", "happened_at", "due_on", "owner_id", "state"],
        search=["source"],
        sort="due_on",
        icon="alert-triangle",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
EVENTS = events.EVENTS
PAGES = pages.PAGES
GUARDS = ["customer", "interaction"]
JOBS = [
    Job(
        name="quality.late_feeds",
        title=_("Look for feeds that are late"),
        handler=watching.find_late,
        cron="10 * * * *",
        catch_up="latest",
        acts_as="system",
        lease=300,
    )
]
validate_change = watching.validate_change
check_feed = watching.check_feed
