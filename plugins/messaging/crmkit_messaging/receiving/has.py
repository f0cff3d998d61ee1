"""What this room has, for `crmkit_messaging.plugin`."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_messaging.receiving import (
    checks,
    events,
    fetching,
    following,
    models,
    pages,
    reported,
    resolving,
    showing,
    storing,
    writing,
)
from crmkit_messaging.receiving.models import AutomaticAnswer, Bounce, MailReference, ReceivedMail, StuckMail

_ = texts("crmkit_messaging")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="messaging.mail",
        model=ReceivedMail,
        title=_("Mail"),
        plural=_("Received mails"),
        columns=["received_at", "kind", "customer_id", "mailboxes", "unresolved", "answered"],
        sort="-received_at",
        description=_("Mails that came in, beside their interactions."),
        icon="mail",
        menu=False,
    ),
    Resource(
        name="messaging.bounce",
        model=Bounce,
        title=_("Bounce"),
        plural=_("Bounces and complaints"),
        columns=["happened_at", "severity", "status", "customer_id", "message_id", "suppressed"],
        sort="-happened_at",
        icon="mail",
        menu=False,
    ),
    Resource(
        name="messaging.stuck",
        model=StuckMail,
        title=_("Mail that is stuck"),
        plural=_("Mails that are stuck"),
        columns=["mailbox", "uid", "attempts", "error", "state"],
        sort="-created_at",
        description=_("Mails that could not be taken in; they are still on their server."),
        icon="alert-triangle",
        menu=False,
    ),
]
OPERATIONS = [
    storing.take_in,
    reported.settle,
    *fetching.OPERATIONS,
    *following.OPERATIONS,
    *resolving.OPERATIONS,
]
EVENTS = events.EVENTS
SUBSCRIPTIONS = following.SUBSCRIPTIONS
JOBS = fetching.JOBS
PAGES = [*pages.PAGES, *showing.PAGES, *writing.PAGES]
CHECKS = checks.CHECKS
customer_panels = pages.customer_panels
PERSONAL_DATA = [
    PersonalData(
        table=ReceivedMail.__tablename__,
        columns=["html", "quoted", "left_out"],
        purpose=_("Answering what the customer writes"),
    ),
    PersonalData(table=MailReference.__tablename__, purpose=_("Keeping conversations together"), derived=True),
    PersonalData(
        table=Bounce.__tablename__,
        columns=["diagnostic"],
        purpose=_("Not writing to addresses that are no good"),
        retention_days=730,
    ),
    PersonalData(
        table=AutomaticAnswer.__tablename__,
        purpose=_("Not answering automatically again and again"),
        retention_days=365,
    ),
]
