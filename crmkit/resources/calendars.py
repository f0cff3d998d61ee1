"""The entries of somebody's calendar: own calls, visits and meetings, and the records in plugins' calendars.

Must not know files or the web. What the reader may not see is not there; what is masked for the reader stays out of the
titles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction, Participant
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.session import CrmSession
from crmkit.exchange.calendars import CalendarEntry
from crmkit.hooks.contributions import Calendar
from crmkit.i18n import texts, translate

_ = texts("crmkit")

KINDS = ("call", "visit", "meeting")
"""The kinds of interactions that take time, and stand in a calendar."""
BEFORE = timedelta(days=180)
AFTER = timedelta(days=730)
"""How far back and ahead a feed goes."""
MOST = 5000
"""Entries of one calendar."""


@frozen(kw_only=True)
class Span:
    """The days of the company's zone that are asked for, both included."""

    first: date
    last: date
    zone: str = "UTC"

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """Return from when on and before when instants lie in the span, in UTC."""
        zone = ZoneInfo(self.zone)
        begin = datetime.combine(self.first, time(), zone)
        return begin.astimezone(UTC), datetime.combine(self.last + timedelta(days=1), time(), zone).astimezone(UTC)


def feed_span(session: CrmSession) -> Span:
    """Return the days that a feed covers today."""
    today = session.today()
    return Span(first=today - BEFORE, last=today + AFTER, zone=session.crm.config.get(session).zone)


def own_entries(session: CrmSession, span: Span, *, language: str = "en", base: str = "") -> Iterator[CalendarEntry]:
    """Return what stands in the calendar of the session's user: interactions that the user recorded or took part in or
    that are with the user's customers, and the user's records in plugins' calendars.

    ``base`` is the address of the installation, for links to the records.
    """
    user = session.actor.user_id
    yield from interaction_entries(session, span, user=user, language=language, base=base)
    for calendar in session.gate.registry.tables["calendar"].values():
        yield from record_entries(session, calendar, span, user=user, language=language, base=base)


def interaction_entries(
    session: CrmSession, span: Span, *, user: UUID | None, language: str, base: str
) -> Iterator[CalendarEntry]:
    """Return interactions that take time, the latest first; those that were reversed are not among them."""
    begin, end = span.instants
    reversal = aliased(Interaction)
    query = (
        select(Interaction)
        .outerjoin(reversal, reversal.reverses_id == Interaction.id)
        .where(Interaction.kind.in_(KINDS), Interaction.occurred_at >= begin, Interaction.occurred_at < end)
        .where(reversal.id.is_(None), Interaction.reverses_id.is_(None))
        .options(selectinload(Interaction.customer))
    )
    if user is not None:
        took_part = select(Participant.interaction_id).where(Participant.user_id == user)
        query = query.where(
            or_(
                Interaction.actor_id == f"user:{user}",
                Interaction.customer.has(Customer.owner_id == user),
                Interaction.id.in_(took_part),
            )
        )
    titles = {name: kind.title for name, kind in session.gate.registry.tables["interaction kind"].items()}
    for one in session.scalars(query.order_by(Interaction.occurred_at.desc(), Interaction.id).limit(MOST)):
        kind = translate(titles.get(one.kind, one.kind), language)
        named = [_shown(one.subject), _shown(one.customer.name) if one.customer is not None else ""]
        yield CalendarEntry(
            uid=f"interaction-{one.id}@crmkit",
            title=": ".join((kind, ", ".join(text for text in named if text))) if any(named) else kind,
            kind=kind,
            first=one.occurred_at,
            last=one.occurred_at + timedelta(seconds=one.duration) if one.duration else None,
            changed_at=one.recorded_at,
            url=f"{base}/customers/{one.customer_id}" if base and one.customer_id else "",
        )


def record_entries(
    session: CrmSession, calendar: Calendar, span: Span, *, user: UUID | None, language: str, base: str
) -> Iterator[CalendarEntry]:
    """Return the records of a plugin's calendar on their days; with ``user`` those alone that are the user's, where
    they have an owner."""
    declared = session.gate.registry.resources.get(calendar.resource)
    if declared is None:
        return
    model: Any = declared.model
    start = getattr(model, calendar.start)
    end = getattr(model, calendar.end) if calendar.end else None
    begin, finish = _bounds(model, calendar.start, span)
    query = select(model).where(start < finish)
    if end is None:
        query = query.where(start >= begin)
    else:
        until, _finish = _bounds(model, calendar.end, span)
        query = query.where(or_(start >= begin, and_(end.is_not(None), func.coalesce(end, start) >= until)))
    if hasattr(model, "deleted_at"):
        query = query.where(model.deleted_at.is_(None))
    if user is not None and hasattr(model, "owner_id"):
        query = query.where(model.owner_id == user)
    names = calendar.label or declared.columns[:2]
    title = translate(calendar.title, language)
    for record in session.scalars(query.order_by(start, model.id).limit(MOST)):
        said = _labels(record, names)
        yield CalendarEntry(
            uid=f"{calendar.resource}-{record.id}-{calendar.name}@crmkit",
            title=said or translate(declared.title, language),
            kind=title,
            first=getattr(record, calendar.start),
            last=getattr(record, calendar.end) if calendar.end else None,
            changed_at=getattr(record, "updated_at", None) or getattr(record, "created_at", None) or _EPOCH,
            url=f"{base}/records/{calendar.resource}/{record.id}" if base else "",
        )


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _labels(record: Any, names: Sequence[str]) -> str:
    values = [_shown(getattr(record, name, None)) for name in names]
    return ", ".join(value for value in values if value)


def _shown(value: object) -> str:
    """Return a value as text; nothing for what is masked or refers to another record."""
    if value is None or is_masked(value) or isinstance(value, (UUID, bytes)):
        return ""
    return str(value).strip()


def _bounds(model: Any, name: str, span: Span) -> tuple[Any, Any]:
    if model.__table__.c[name].type.python_type is datetime:
        return span.instants
    return span.first, cast(date, span.last) + timedelta(days=1)
