"""Reading the feed of events: in order, from a cursor on, as far as the reader may know of what happened.

An event about customers names those whom the reader may see, and is left out where there are none; ids of other records
that he may not see are left out of it. One about no customer needs a right on the resource that it is named after. What
tells of segments and dimensions whose members are masked for the reader is left out. Must not know how order is made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, or_, select

from crmkit.core.store.guard import region
from crmkit.errors import EventsGone, InvalidInput
from crmkit.exchange.feed.places import EVENT, place_events
from crmkit.exchange.feed.showing import Shower
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 1000
"""Most events of one page."""
LOOKED_AT = 10
"""How many times a page's events are looked at for one page, where most of them are none of the reader's."""


@frozen(kw_only=True)
class FeedEvent:
    """An event as its reader may know it. ``data`` is its content in JSON's types, ``cursor`` the place behind it."""

    cursor: str
    id: UUID
    type: str
    recorded_at: datetime
    operation: str
    actor_id: str
    cause_id: UUID | None
    correlation_id: UUID | None
    data: dict[str, Any]


@frozen(kw_only=True)
class FeedPage:
    """Some events in order. ``next`` is the cursor to go on from, whatever was left out; ``more`` says whether there
    are further events already."""

    events: tuple[FeedEvent, ...]
    next: str
    more: bool


def read_feed(
    crm: CRM,
    actor: Actor,
    after: str | None = None,
    *,
    types: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 100,
) -> FeedPage:
    """Return the events behind a cursor, in the order of their places, the oldest first.

    Without a cursor it begins with the oldest event that there is, with ``now`` behind the newest. ``types`` are names
    of events, or ``customer.*`` for all of a resource; with ``since`` what was recorded before that instant is left
    out. Each event is in exactly one place for good; none is ever put before a cursor that was given out.

    Raises InvalidInput for a cursor that is none and for a limit that is not from 1 to 1,000, EventsGone for a cursor
    that does not fit what there is.
    """
    if not 1 <= limit <= MOST:
        raise InvalidInput(_("From 1 to {most} events can be had at once."), field="limit", value=limit, most=MOST)
    place_events(crm)
    with crm.session(actor) as session:
        place = _place(session, after)
        found: list[FeedEvent] = []
        looked = 0
        more = True
        while more and len(found) < limit and looked < LOOKED_AT * limit:
            rows = _rows(session, place, types, since, limit - len(found) + 1)
            more = len(rows) > limit - len(found)
            rows = rows[: limit - len(found)]
            shown = Shower(session).show(rows)
            found.extend(_event(row, data) for row, data in zip(rows, shown, strict=True) if data is not None)
            looked += len(rows)
            if rows:
                place = rows[-1].position, rows[-1].id
        if not more and (types or since is not None):
            # Of other types there may be further ones: who asks again need not look at them once more.
            place = max(place, _newest(session), key=lambda each: each[0])
        return FeedPage(events=tuple(found), next=_cursor(*place), more=more)


def events_of(crm: CRM, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, FeedEvent]:
    """Return events by their ids as a reader may know them now, those left out of which there is nothing to know. They
    are of those that have their places: `read_feed` has given them to somebody before."""
    found: dict[UUID, FeedEvent] = {}
    with crm.session(actor) as session:
        for start in range(0, len(ids), MOST):
            query = select(EVENT).where(EVENT.c.id.in_(ids[start : start + MOST]), EVENT.c.position.is_not(None))
            with region(session, "events, of which the reader is shown what he may know"):
                rows = list(session.connection().execute(query).all())
            shown = Shower(session).show(rows)
            found |= {row.id: _event(row, data) for row, data in zip(rows, shown, strict=True) if data is not None}
    return found


def has_more(crm: CRM, after: str) -> bool:
    """Say whether anything was committed since a cursor was given out, whoever may know of it. Costs one query."""
    position = _read_cursor(after)[0]
    query = select(EVENT.c.id).where(or_(EVENT.c.position.is_(None), EVENT.c.position > position)).limit(1)
    with crm.engines.system_read.connect() as connection:
        return connection.execute(query).first() is not None


def _rows(
    session: CrmSession, place: tuple[int, UUID | None], types: Sequence[str], since: datetime | None, number: int
) -> list[Any]:
    query = select(EVENT).where(EVENT.c.position > place[0]).order_by(EVENT.c.position).limit(number)
    if types:
        names = [name for name in types if not name.endswith(".*")]
        prefixes = [EVENT.c.name.startswith(name[:-1], autoescape=True) for name in types if name.endswith(".*")]
        query = query.where(or_(EVENT.c.name.in_(names), *prefixes))
    if since is not None:
        query = query.where(EVENT.c.recorded_at >= since)
    with region(session, "events, of which the reader is shown what he may know"):
        return list(session.connection().execute(query).all())


def _place(session: CrmSession, after: str | None) -> tuple[int, UUID | None]:
    if after is None:
        return 0, None
    if after == "now":
        return _newest(session)
    position, identity = _read_cursor(after)
    if position == 0:
        return 0, None
    with region(session, "whether a cursor fits the feed"):
        connection = session.connection()
        there = connection.execute(select(EVENT.c.id).where(EVENT.c.position == position)).scalar()
        first = connection.execute(select(func.min(EVENT.c.position))).scalar()
    if there is not None and there.bytes[-4:] == identity:
        return position, there
    if there is None and first is not None and first == position + 1:
        return position, None
    raise EventsGone(fix=_("Begin anew without a cursor, and read the records that you keep a copy of."))


def _newest(session: CrmSession) -> tuple[int, UUID | None]:
    query = select(EVENT.c.position, EVENT.c.id).where(EVENT.c.position.is_not(None))
    with region(session, "the newest event"):
        row = session.connection().execute(query.order_by(EVENT.c.position.desc()).limit(1)).first()
    return (row.position, row.id) if row is not None else (0, None)


def _cursor(position: int, identity: UUID | None) -> str:
    """Return the text of a place: the number, and a part of the event's id, which tells another feed's."""
    tail = identity.bytes[-4:] if identity is not None else b"\0\0\0\0"
    return base64.urlsafe_b64encode(position.to_bytes(8, "big") + tail).decode()


def _read_cursor(text: str) -> tuple[int, bytes]:
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != 12 or raw[0] > 0x7F:
        raise InvalidInput(_('"{cursor}" is not where a page ended.'), field="after", value=text, cursor=text)
    return int.from_bytes(raw[:8], "big"), raw[8:]


def _event(row: Any, data: dict[str, Any]) -> FeedEvent:
    return FeedEvent(
        cursor=_cursor(row.position, row.id),
        id=row.id,
        type=row.name,
        recorded_at=row.recorded_at,
        operation=row.operation,
        actor_id=row.actor_id,
        cause_id=row.cause_id,
        correlation_id=row.correlation_id,
        data=data,
    )
