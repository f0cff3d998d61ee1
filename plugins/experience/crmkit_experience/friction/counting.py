"""Friction, counted over all customers by night, and who they are for a reader.

Must not know where steps come from, nor pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import asdict, frozen
from sqlalchemy import select

from crmkit import CrmSession, Job, NotFound, Refused, catalogue_of, frame, operation, places, texts
from crmkit_experience.friction.models import FrictionStep
from crmkit_experience.friction.sources import SOURCES, source_of
from crmkit_experience.friction.touches import Span, Touch
from crmkit_experience.friction.weighing import Weighed, count, weigh
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

MANAGE = "experience.friction.manage"
COUNT, REFRESH = "experience.friction.count", "experience.count_friction"
WORTH = ("value.clv", "value.contribution_365", "purchase.net_amount")
"""The facts that say what a customer is worth: the first that there is."""


@frozen(kw_only=True)
class Worth:
    """What customers are worth, by the fact ``name``, in major units of ``currency``; below 0 counts as 0."""

    name: str
    currency: str
    of: Mapping[UUID, float]


@operation(COUNT, title=_("Count friction"), permission=MANAGE, hidden=True)
def count_friction(session: CrmSession) -> int:
    """Count how all customers fared at each step in the last days, as the settings say, and return how many steps have
    enough of them. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    span, settings = span_of(session), settings_of(session.crm.settings)
    worth = worth_of(session)
    found = weigh(count(_touches(session, span), worth.of if worth is not None else {}), settings.friction_least)
    known = {each.step: each for each in session.scalars(select(FrictionStep))}
    zone = ZoneInfo(session.business().zone)
    days = (span.since.astimezone(zone).date(), (span.until - timedelta(seconds=1)).astimezone(zone).date())
    for place, each in enumerate(found):
        values = _values(each, worth, place, *days)
        row = known.pop(values["step"], None)
        if row is None:
            session.add(FrictionStep(**values))
            continue
        for name, value in values.items():
            setattr(row, name, value)
    for row in known.values():
        session.delete(row)
    session.flush()
    return len(found)


@operation("experience.friction.refresh", title=_("Count anew"), permission=MANAGE)
def refresh_friction(session: CrmSession) -> None:
    """Have friction counted anew as soon as possible; else it is done each night."""
    session.defer(REFRESH, unique=REFRESH)


def span_of(session: CrmSession) -> Span:
    """Return the span that is looked at: whole days of the company's zone, the last of them long enough ago that
    customers had time to go on."""
    settings = settings_of(session.crm.settings)
    last = session.today() - timedelta(days=settings.friction_follow_days)
    first = last - timedelta(days=settings.friction_days)
    return days_between(session, first, last)


def days_between(session: CrmSession, first: date, before: date) -> Span:
    """Return the span from a day (included) to another one (not included), in the company's zone."""
    zone = ZoneInfo(session.business().zone)
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, before))
    return Span(since=since, until=until, follow=timedelta(days=settings_of(session.crm.settings).friction_follow_days))


def worth_of(session: CrmSession) -> Worth | None:
    """Return what customers are worth whom the session sees; None where there is no such fact that the actor may read,
    or no base currency."""
    currency = session.business().base_currency
    facts = catalogue_of(session).facts
    name = next((each for each in WORTH if each in facts), None)
    if name is None or currency is None:
        return None
    try:
        found = frame(session, [name])
        of = {row[0]: max(0.0, float(row[1])) for row in found.rows() if row[1] is not None}
    except NotFound:
        # A reader without the right to the fact is told that there is none.
        return None
    return Worth(name=name, currency=currency, of=of)


def touches_at(session: CrmSession, step: str, span: Span) -> Sequence[Touch]:
    """Return how customers whom the session sees fared at a step. Raises NotFound for a step of no source."""
    found = source_of(step)
    if found is None:
        raise NotFound(
            _('There is no step "{step}".'), fix=_("Steps are named as in the list of friction."), step=step[:200]
        )
    source, rest = found
    return list(source.touches(session, span, rest))


def _touches(session: CrmSession, span: Span) -> Iterator[tuple[str, Touch]]:
    for source in SOURCES:
        for touch in source.touches(session, span, ""):
            yield source.name, touch


def _values(each: Weighed, worth: Worth | None, place: int, first: date, last: date) -> dict[str, Any]:
    tally, part = each.tally, each.parts.get(each.leading)
    shift = 10 ** places(worth.currency) if worth is not None else 1
    return {
        "step": f"{each.source}:{each.step}"[:200],
        "source": each.source,
        "customers": tally.customers,
        "parts": {name: asdict(found) for name, found in each.parts.items()},
        "leading": each.leading or None,
        "certain": each.certain,
        "excess": _decimal(part.excess if part is not None else 0.0),
        "excess_low": _decimal(part.low if part is not None else 0.0),
        "excess_high": _decimal(part.high if part is not None else 0.0),
        "affected": _decimal(each.affected),
        "worth_minor": round(tally.worth * shift) if worth is not None else None,
        "stake_minor": round(each.stake * shift) if worth is not None else None,
        "currency": worth.currency if worth is not None else None,
        "worth_by": worth.name if worth is not None else None,
        "effort_mean": _decimal(tally.effort / tally.efforts) if tally.efforts else None,
        "score_mean": _decimal(tally.score / tally.scores) if tally.scores else None,
        "place": place,
        "first_on": first,
        "last_on": last,
    }


def _decimal(value: float) -> Decimal:
    return Decimal(repr(round(value, 6)))


def _job(session: CrmSession, tick: object = None) -> None:
    session.run(COUNT)


OPERATIONS = [count_friction, refresh_friction]
JOBS = [
    Job(
        name=REFRESH,
        title=_("Where it is hard for customers"),
        handler=_job,
        every="1 day",
        catch_up="latest",
        acts_as="system",
        lease=3600,
    )
]
