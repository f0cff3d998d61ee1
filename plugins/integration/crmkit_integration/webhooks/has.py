"""What this room has, for `crmkit_integration.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_integration.webhooks import checks, events, noting, operations, pages, replaying, running
from crmkit_integration.webhooks.models import Attempt, Delivery, Endpoint, EndpointProgress, EndpointSecret
from crmkit_integration.webhooks.personal import CHANNELS as CHANNELS, deliver_message as deliver_message

_ = texts("crmkit_integration")

MODELS = [Endpoint, EndpointSecret, EndpointProgress, Delivery, Attempt]
RESOURCES = [
    Resource(
        name="integration.endpoint",
        model=Endpoint,
        title=_("Web-hook"),
        plural=_("Web-hooks"),
        columns=["name", "url", "state", "because", "since", "owner_id"],
        search=["name", "url"],
        sort="name",
        icon="send",
        menu=False,
    ),
    Resource(
        name="integration.delivery",
        model=Delivery,
        title=_("Message of a web-hook"),
        plural=_("Messages of web-hooks"),
        columns=["message_id", "event_type", "endpoint_id", "state", "attempts", "status", "next_at", "ended_at"],
        search=["message_id", "event_type"],
        sort="-created_at",
        icon="send",
        menu=False,
    ),
    Resource(
        name="integration.attempt",
        model=Attempt,
        title=_("Attempt at a delivery"),
        plural=_("Attempts at deliveries"),
        columns=["began_at", "delivery_id", "number", "outcome", "status", "millis"],
        sort="-began_at",
        icon="refresh",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *replaying.OPERATIONS, *noting.OPERATIONS]
EVENTS = events.EVENTS
PAGES = pages.PAGES
CARDS = pages.CARDS
CHECKS = checks.CHECKS
JOBS = [
    Job(
        name="integration.deliver",
        title=_("Deliver web-hooks"),
        handler=running.deliver,
        every="10 seconds",
        catch_up="latest",
        acts_as="system",
        lease=60,
        apart=True,
    ),
    Job(
        name="integration.clean",
        title=_("Shorten the log of web-hooks"),
        handler=replaying.clean,
        cron="35 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=300,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table="integration_delivery",
        purpose=_("The order of messages to other systems about a customer, and the proof that they were sent"),
        on_merge="move",
        on_erase="delete",
    )
]
