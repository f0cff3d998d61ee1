"""What this room has, for `crmkit_integration.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_integration.syncing import checks, jobs, operations, pages
from crmkit_integration.syncing.models import SyncConflict, SyncPair, SyncPlan, SyncRun

_ = texts("crmkit_integration")

MODELS = [SyncPlan, SyncPair, SyncConflict, SyncRun]
RESOURCES = [
    Resource(
        name="integration.sync",
        model=SyncPlan,
        title=_("Synchronisation"),
        plural=_("Synchronisations"),
        columns=["name", "title", "connector", "direction", "active", "run_at"],
        search=["name", "title"],
        sort="name",
        icon="refresh",
        menu=False,
    ),
    Resource(
        name="integration.conflict",
        model=SyncConflict,
        title=_("Conflict of a synchronisation"),
        plural=_("Conflicts of synchronisations"),
        columns=["customer_id", "field_name", "found_at", "state", "choice"],
        sort="-found_at",
        icon="alert-triangle",
        menu=False,
    ),
    Resource(
        name="integration.sync_run",
        model=SyncRun,
        title=_("Run of a synchronisation"),
        plural=_("Runs of synchronisations"),
        columns=["sync_id", "kind", "state", "began_at", "ended_at"],
        sort="-began_at",
        icon="history",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
CHECKS = checks.CHECKS
JOBS = [
    Job(
        name="integration.sync",
        title=_("Synchronise with another system"),
        handler=jobs.run_one,
        acts_as="system",
        apart=True,
        lease=300,
        attempts=5,
    ),
    Job(
        name="integration.reconcile",
        title=_("Compare with another system"),
        handler=jobs.reconcile_one,
        acts_as="system",
        apart=True,
        lease=300,
        attempts=5,
    ),
    Job(
        name="integration.sync_due",
        title=_("Begin synchronisations that are due"),
        handler=jobs.run_due,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        apart=True,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=SyncPair.__tablename__,
        columns=["pending", "reason"],
        purpose=_("Keeping customers in step with another system"),
        on_merge="move",
        on_erase="anonymise",
        derived=True,
    ),
    PersonalData(
        table=SyncConflict.__tablename__,
        columns=["ours", "theirs"],
        purpose=_("Settling what differs from another system"),
        on_merge="move",
        on_erase="delete",
        derived=True,
    ),
]
