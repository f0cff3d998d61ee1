"""The time that people spend on cases, and what an hour of it costs: what service costs is counted from both."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import Actor, CrmSession, Input, operation, texts
from crmkit.errors import ConfigurationError
from crmkit_service.cases.changing import require_here
from crmkit_service.cases.models import Case
from crmkit_service.channels.models import Handling, HandlingRate

_ = texts("crmkit_service")

Minutes = Annotated[float, Input(title=_("Minutes"), minimum=0.1, maximum=1440, classified="internal")]


@operation("service.case.log_time", title=_("Note the time spent"), permission="service.case.update", effect="update")
def log_time(session: CrmSession, case: Case, *, minutes: Minutes) -> Handling:
    """Note how long somebody worked on a case. Raises GoneElsewhere for a merged case."""
    require_here(session, case)
    return spent(session, case, round(minutes * 60), case.channel)


@operation("service.cost.set", title=_("Set what an hour costs"), permission="service.cost.manage", effect="create")
def set_rate(
    session: CrmSession,
    *,
    since: Annotated[date, Input(title=_("From"), classified="internal")],
    hourly_minor: Annotated[
        int,
        Input(
            title=_("An hour costs"),
            help=_("In minor units of the base currency, such as cents."),
            minimum=0,
            maximum=10**9,
            classified="internal",
        ),
    ],
    usual_minutes: Annotated[
        float,
        Input(
            title=_("Minutes for an answer"),
            help=_("Counted for each answer of a case of which no time was noted."),
            minimum=0,
            maximum=1440,
            classified="internal",
        ),
    ] = 5,
) -> HandlingRate:
    """Set what an hour of handling costs from a day on, in place of what was set for the same day. Raises
    ConfigurationError where the business has no base currency."""
    if session.crm.config.get(session).base_currency is None:
        raise ConfigurationError(
            _("The business has no base currency."), fix=_("crmkit run business.configure base_currency=…")
        )
    rate = session.scalar(select(HandlingRate).where(HandlingRate.since == since))
    begins = datetime.combine(since, time(), ZoneInfo(session.crm.config.get(session).zone)).astimezone(UTC)
    if rate is None:
        rate = HandlingRate(since=since, since_at=begins)
        session.add(rate)
    rate.since_at = begins
    rate.hourly_minor, rate.usual_seconds = hourly_minor, round(usual_minutes * 60)
    return rate


def spent(
    session: CrmSession,
    case: Case,
    seconds: int,
    channel: str,
    *,
    at: datetime | None = None,
    user_id: UUID | None = None,
) -> Handling:
    """Note time that was spent on a case within an operation, by whoever acts unless said otherwise."""
    actor: Actor = session.actor
    clock = session.gate.clock
    row = Handling(
        recorded_at=clock.now(),
        case_id=case.id,
        customer_id=case.customer_id,
        user_id=user_id or actor.user_id,
        at=at or clock.business_now(),
        seconds=seconds,
        channel=channel,
        actor_id=actor.id,
    )
    session.add(row)
    return row


OPERATIONS = [log_time, set_rate]
