"""What channels have, for the hook module."""

from __future__ import annotations

from crmkit import InteractionKind, PayloadField, PersonalData, Resource, texts
from crmkit_service.channels import (
    acknowledging,
    calls,
    deflecting,
    forming,
    handling,
    models,
    pages,
    public,
    rating,
    receiving,
    sending,
    setting,
    settling,
    visiting,
)
from crmkit_service.channels.events import EVENTS

__all__ = [
    "EVENTS",
    "INTERACTION_KINDS",
    "MODELS",
    "OPERATIONS",
    "PAGES",
    "PERSONAL_DATA",
    "PUBLIC_PAGES",
    "RESOURCES",
    "SUBSCRIPTIONS",
]

_ = texts("crmkit_service")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="service.channel",
        model=models.ServiceChannel,
        title=_("Service channel"),
        plural=_("Service channels"),
        columns=["title", "name", "kind", "mailbox", "type_id", "queue_id", "active"],
        sort="name",
        icon="mail",
        menu=False,
    ),
    Resource(
        name="service.intake",
        model=models.Intake,
        title=_("What came in"),
        plural=_("What came in"),
        columns=["received_at", "way", "channel_id", "state", "reason", "customer_id", "case_id"],
        sort="-received_at",
        icon="mail",
        menu=False,
        description=_("What came in by mail, by forms and from other systems, and what became of it."),
    ),
    Resource(
        name="service.rating",
        model=models.Rating,
        title=_("Rating"),
        plural=_("Ratings"),
        columns=["rated_at", "case_id", "customer_id", "score", "owner_id"],
        sort="-rated_at",
        icon="star",
        menu=False,
        description=_("How satisfied customers were with how their cases were solved."),
    ),
    Resource(
        name="service.handling",
        model=models.Handling,
        title=_("Time spent"),
        plural=_("Times spent"),
        columns=["at", "case_id", "user_id", "seconds", "channel"],
        sort="-at",
        icon="clock",
        menu=False,
    ),
    Resource(
        name="service.cost",
        model=models.HandlingRate,
        title=_("What an hour costs"),
        plural=_("What an hour costs"),
        columns=["since", "hourly_minor", "usual_seconds"],
        sort="-since",
        icon="coin",
        menu=False,
    ),
]
INTERACTION_KINDS = [
    InteractionKind(
        name=rating.KIND,
        title=_("Rating of a case"),
        channel="web",
        direction="in",
        payload=[
            PayloadField(name="number", type="integer", classified="internal", title=_("Number of the case")),
            PayloadField(name="score", type="integer", classified="internal", title=_("Score")),
        ],
        description=_("A customer has said how satisfied they are with how a case was solved."),
    )
]
OPERATIONS = [
    *setting.OPERATIONS,
    *receiving.OPERATIONS,
    *sending.OPERATIONS,
    *acknowledging.OPERATIONS,
    *deflecting.OPERATIONS,
    *forming.OPERATIONS,
    *settling.OPERATIONS,
    *visiting.OPERATIONS,
    *rating.OPERATIONS,
    *calls.OPERATIONS,
    *handling.OPERATIONS,
]
SUBSCRIPTIONS = [
    *receiving.SUBSCRIPTIONS,
    *sending.SUBSCRIPTIONS,
    *acknowledging.SUBSCRIPTIONS,
    *settling.SUBSCRIPTIONS,
    *rating.SUBSCRIPTIONS,
]
PAGES = pages.PAGES
PUBLIC_PAGES = public.PUBLIC_PAGES
_PURPOSE = _("Helping the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Intake.__tablename__, columns=["answers", "sender"], purpose=_PURPOSE),
    PersonalData(table=models.Departure.__tablename__, purpose=_PURPOSE, derived=True),
    PersonalData(table=models.Rating.__tablename__, columns=["score", "comment"], purpose=_PURPOSE),
    PersonalData(table=models.Handling.__tablename__, purpose=_PURPOSE),
]
