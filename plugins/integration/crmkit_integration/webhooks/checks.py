"""What ``crmkit doctor`` asks of web-hooks out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, texts
from crmkit_integration.webhooks.models import (
    CAUSES,
    DEAD,
    DISABLED,
    FAILING,
    WAITING,
    Delivery,
    Endpoint,
    EndpointProgress,
)

_ = texts("crmkit_integration")

LATE = timedelta(minutes=15)
"""How long a message may be due before that is a finding."""


def examine(session: CrmSession) -> list[Finding]:
    """Find endpoints that fail or were switched off by the framework, messages that were given up, and messages that
    nobody sends."""
    found: list[Finding] = []
    for endpoint in session.scalars(select(Endpoint).order_by(Endpoint.name)):
        if endpoint.state == FAILING:
            found.append(
                Finding(
                    level="warning",
                    code="INT101",
                    message=_('Nothing gets through to the web-hook "{name}" since {since}.'),
                    hint=_("Look at its log: crmkit integration endpoints deliveries NAME."),
                    values={"name": endpoint.name, "since": endpoint.since},
                )
            )
        elif endpoint.state == DISABLED and endpoint.because != "manual":
            found.append(
                Finding(
                    level="error",
                    code="INT102",
                    message=_('The web-hook "{name}" was switched off: {because}.'),
                    hint=_("Mend the receiver, then: crmkit integration endpoints on NAME."),
                    values={"name": endpoint.name, "because": CAUSES[endpoint.because or "manual"]},
                )
            )
    dead = session.execute(
        select(Endpoint.name, func.count())
        .join(Delivery, Delivery.endpoint_id == Endpoint.id)
        .where(Delivery.state == DEAD)
        .group_by(Endpoint.name)
        .order_by(Endpoint.name)
    )
    found += [
        Finding(
            level="warning",
            code="INT103",
            message=_('{number} messages of the web-hook "{name}" were given up.'),
            hint=_("crmkit integration endpoints dead NAME lists them, replay NAME delivers them again."),
            values={"name": name, "number": number},
        )
        for name, number in dead
    ]
    late = _late(session)
    if late:
        found.append(
            Finding(
                level="warning",
                code="INT104",
                message=_("{number} messages of web-hooks are due and nobody sends them."),
                hint=_("Have a worker run: crmkit worker."),
                values={"number": late},
            )
        )
    return found or [Finding(level="ok", code="INT100", message=_("Web-hooks are delivered."))]


def _late(session: CrmSession) -> int:
    now = session.gate.clock.now()
    # Behind a message that waits for its next attempt others may be due as long as they want.
    retried = select(Delivery.endpoint_id).where(Delivery.state == WAITING, Delivery.attempts > 0)
    query = (
        select(func.count())
        .select_from(Delivery)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .join(EndpointProgress, EndpointProgress.endpoint_id == Endpoint.id)
        .where(
            Endpoint.state != DISABLED,
            Delivery.state == WAITING,
            Delivery.next_at < now - LATE,
            Delivery.endpoint_id.not_in(retried) | (Delivery.attempts > 0),
            EndpointProgress.rest_until.is_(None) | (EndpointProgress.rest_until < now - LATE),
        )
    )
    return session.scalar(query) or 0


CHECKS = [Check(name="integration.webhooks", title=_("Web-hooks are delivered"), run=examine)]
