"""What this room has, for `crmkit_messaging.plugin`."""

from __future__ import annotations

from crmkit import InteractionKind, PayloadField, PersonalData, Resource, texts
from crmkit_messaging.sending import (
    accepting,
    checks,
    departing,
    dispatching,
    display,
    events,
    facts,
    models,
    operations,
    pages,
    regulating,
    reports,
    settling,
    setup,
)
from crmkit_messaging.sending.models import Cap, OutgoingMessage, Policy, QuietHours, Suppression, Throttle

_ = texts("crmkit_messaging")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="messaging.message",
        model=OutgoingMessage,
        title=_("Outgoing message"),
        plural=_("Outgoing messages"),
        columns=["created_at", "customer_id", "channel", "purpose", "state", "reason", "due_at", "sent_at"],
        sort="-created_at",
        description=_("Messages to customers, with what became of them."),
        icon="send",
        menu=False,
    ),
    Resource(
        name="messaging.policy",
        model=Policy,
        title=_("Policy of a purpose"),
        plural=_("Policies of purposes"),
        columns=["purpose", "needs_consent", "quiet", "capped", "urgent_passes"],
        sort="purpose",
        icon="shield-check",
        menu=False,
    ),
    Resource(
        name="messaging.quiet_hours",
        model=QuietHours,
        title=_("Quiet hours"),
        plural=_("Quiet hours"),
        columns=["channel", "hours", "days"],
        sort="channel",
        icon="moon",
        menu=False,
    ),
    Resource(
        name="messaging.cap",
        model=Cap,
        title=_("Cap"),
        plural=_("Caps"),
        columns=["channel", "purpose", "number", "per", "hours"],
        sort="channel",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="messaging.throttle",
        model=Throttle,
        title=_("Throttle"),
        plural=_("Throttles"),
        columns=["channel", "mailbox", "number", "seconds"],
        sort="channel",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="messaging.suppression",
        model=Suppression,
        title=_("Suppressed address"),
        plural=_("Suppressed addresses"),
        columns=["created_at", "kind", "reason", "source", "customer_id"],
        sort="-created_at",
        description=_("Addresses that get no messages any more. The addresses themselves are not kept."),
        icon="shield-lock",
        menu=False,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=OutgoingMessage.__tablename__,
        columns=["subject", "body", "html", "address", "answer"],
        purpose=_("Writing to the customer, and knowing what was written"),
        retention_days=1095,
    ),
    PersonalData(
        table=Suppression.__tablename__,
        purpose=_("Not writing again to who wants no messages"),
        on_erase="anonymise",
    ),
]
INTERACTION_KINDS = [
    InteractionKind(
        name="messaging.message",
        title=_("Message"),
        direction="out",
        payload=[
            PayloadField(name="purpose", classified="internal", title=_("Purpose")),
            PayloadField(name="status", classified="internal", title=_("Status")),
        ],
        description=_("A message by a channel that has no kind of its own."),
    )
]
OPERATIONS = [
    *accepting.OPERATIONS,
    *departing.OPERATIONS,
    *settling.OPERATIONS,
    *operations.OPERATIONS,
    *regulating.OPERATIONS,
]
EVENTS = events.EVENTS
JOBS = dispatching.JOBS
FACTS = facts.FACTS
REPORTS = reports.REPORTS
CHECKS = checks.CHECKS
CARDS = display.CARDS
PAGES = pages.PAGES
timeline = display.timeline
customer_panels = display.customer_panels
plugin_enabled = setup.plugin_enabled
