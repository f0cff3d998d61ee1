"""What this room has, for `crmkit_integration.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_integration.receiving import checks, operations, pages, processing
from crmkit_integration.receiving.models import ReceivedWebhook, WebhookMapping, WebhookSource

_ = texts("crmkit_integration")

MODELS = [WebhookSource, WebhookMapping, ReceivedWebhook]
RESOURCES = [
    Resource(
        name="integration.source",
        model=WebhookSource,
        title=_("Source of web-hooks"),
        plural=_("Sources of web-hooks"),
        columns=["name", "title", "scheme", "active", "runs_as_id", "seen_at"],
        search=["name", "title"],
        sort="name",
        icon="download",
        menu=False,
    ),
    Resource(
        name="integration.mapping",
        model=WebhookMapping,
        title=_("Mapping of web-hooks"),
        plural=_("Mappings of web-hooks"),
        columns=["source_id", "position", "title", "operation"],
        sort="position",
        icon="refresh",
        menu=False,
    ),
    Resource(
        name="integration.received",
        model=ReceivedWebhook,
        title=_("Web-hook that came"),
        plural=_("Web-hooks that came"),
        columns=["source_id", "received_at", "state", "reason", "place", "operation", "result"],
        sort="-received_at",
        icon="download",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
PUBLIC_PAGES = pages.PUBLIC_PAGES
CHECKS = checks.CHECKS
JOBS = [
    Job(
        name="integration.work_off",
        title=_("Work off a web-hook that is tried again"),
        handler=processing.work_off_one,
        acts_as="system",
        apart=True,
    ),
    Job(
        name="integration.work_off_left",
        title=_("Work off web-hooks that were left"),
        handler=processing.work_off_stale,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=300,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=ReceivedWebhook.__tablename__,
        columns=["body", "headers", "problems"],
        purpose=_("Taking in what other systems send"),
        on_merge="move",
        on_erase="anonymise",
        retention_days=400,
    )
]
