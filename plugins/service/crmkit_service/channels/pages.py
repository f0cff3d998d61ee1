"""The page of channels: where cases come in, and what of it waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_service.cases.models import CaseType
from crmkit_service.channels.models import Intake, ServiceChannel
from crmkit_service.channels.sending import can_mail
from crmkit_service.channels.words import CHANNEL_KINDS, FIELDS, INTAKE_STATES, LEFT, WAYS

_ = texts("crmkit_service")

CHANNELS = "/modules/service/channels"
ROWS = 50


def channels(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the channels, and what came in and is in no case."""
    rights = session.guarding.rights
    waiting = session.scalars(
        select(Intake)
        .where(Intake.state.in_(("waiting", "suspect", "failed", "left")))
        .order_by(Intake.received_at.desc(), Intake.id.desc())
        .limit(ROWS)
    ).all()
    found = session.scalars(select(ServiceChannel).order_by(ServiceChannel.kind.desc(), ServiceChannel.name)).all()
    return {
        "channels": found,
        "titles": {each.id: each.title for each in found},
        "types": {each.id: each.title for each in session.scalars(select(CaseType))},
        "queues": {each.id: each.title for each in session.scalars(select(Queue))},
        "waiting": waiting,
        "kinds": CHANNEL_KINDS,
        "fields": FIELDS,
        "ways": WAYS,
        "states": INTAKE_STATES,
        "reasons": LEFT,
        "can_mail": can_mail(session),
        "may_manage": rights.scope("service.channel", "manage") != "none",
        "may_settle": rights.scope("service.intake", "update") != "none",
        "here": CHANNELS,
    }


PAGES = [
    Page(
        name="service.channels",
        title=_("Service channels"),
        path="/channels",
        template="service/channels/channels.html",
        context=channels,
        permission="service.channel.read",
        icon="mail",
        menu=True,
    )
]
