"""One endpoint while a run delivers to it: what is to be sent next, and what it has to write down.

Reads and writes by operations, each in a transaction of its own, none of which is open while anything is sent. Must not
know threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit import Actor, Conflict, CrmSession, FeedEvent, FeedPage, events_of, has_more, read_feed, secret_of
from crmkit.errors import EventsGone
from crmkit_integration.webhooks.lines import Item, Lines, keys_of
from crmkit_integration.webhooks.messages import (
    body_of,
    customers_of,
    is_about,
    message_id,
    reader_of,
    resource_of,
    test_body,
    types_of,
)
from crmkit_integration.webhooks.models import WAITING, Delivery, Endpoint, EndpointProgress, EndpointSecret
from crmkit_integration.webhooks.noting import NewDelivery, Note, Noted, NotedResult
from crmkit_integration.webhooks.schedule import RESTING
from crmkit_integration.webhooks.sending import Outgoing, Result

if TYPE_CHECKING:
    from crmkit import CRM

PAGE = 200
"""Most events that are read at once."""
WIDEST = 64
"""Most messages that are handed over at a time."""
OVERLAP = timedelta(minutes=10)
"""How far back events are read again of an endpoint that has lost its place."""
MOST_FRESH = 500
"""No more events are read while so many messages could go: what waits is safe in the feed."""


@define(kw_only=True, eq=False)
class Desk:
    """An endpoint that this run has taken up. ``held_until`` is when another run may take it up (UTC)."""

    crm: CRM
    system: Actor
    run: UUID
    hold: float
    endpoint_id: UUID
    name: str
    url: str
    private: bool
    reader: Actor
    types: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)
    cursor: str | None
    cursor_at: datetime
    since: datetime | None
    revision: int
    failures: int
    rest_until: datetime | None
    held_until: datetime
    lines: Lines = field(factory=Lines)
    window: int = 0
    """How many messages are handed over at a time: more and more while all goes well, so that many results are written
    down at once."""
    closing: bool = False
    """Nothing more is sent: what there is to do has changed, or another run is at it."""
    lost: bool = False
    _known: dict[UUID, FeedEvent] = field(factory=dict)
    _withheld: list[UUID] = field(factory=list)
    _looked: bool = False
    """Whether this run has read the feed for the endpoint."""
    _looked_at: float = 0.0

    # --- what is new ------------------------------------------------------------------------------------------------

    def take_in(self, now: datetime, most: int = MOST_FRESH) -> int:
        """Read what has happened since the cursor, put it in order, and return how much it is."""
        if self.closing or self._is_resting(now):
            return 0
        if len(self.lines.items) >= most and self.lines.fresh(now) >= most:
            return 0
        if self._looked and self.cursor is not None and not has_more(self.crm, self.cursor):
            return 0
        self._looked = True
        try:
            page = self._page()
        except EventsGone:
            # The place is no longer in the feed, as after a database was restored: what was taken in already is known
            # by its id.
            self.cursor, self.since = None, self.cursor_at - OVERLAP
            page = self._page()
        events = [each for each in page.events if not is_about(each, self.endpoint_id)]
        self.cursor = page.next
        if events:
            self._put_in_order(events, now)
        return len(events)

    def _page(self) -> FeedPage:
        return read_feed(self.crm, self.reader, self.cursor, types=self.types, since=self.since, limit=PAGE)

    def _put_in_order(self, events: Sequence[FeedEvent], now: datetime) -> None:
        found = {message_id(each.id): each for each in events}
        fresh = tuple(
            NewDelivery(
                event_id=each.id,
                message_id=identity,
                event_type=each.type,
                happened_at=each.recorded_at,
                customers=tuple(customers_of(each)),
                line=resource_of(each.type),
            )
            for identity, each in found.items()
        )
        noted = self.note(cursor=self.cursor, deliveries=fresh)
        if noted is None:
            return
        items: list[Item] = []
        for identity, (delivery_id, seq) in noted.made.items():
            event = found[identity]
            self._known[delivery_id] = event
            items.append(
                Item(
                    id=delivery_id,
                    seq=seq,
                    message_id=identity,
                    event_id=event.id,
                    event_type=event.type,
                    happened_at=event.recorded_at,
                    keys=keys_of(customers_of(event), resource_of(event.type)),
                    attempts=0,
                    next_at=now,
                )
            )
        self.lines.add(sorted(items, key=lambda each: each.seq))

    # --- what is sent -----------------------------------------------------------------------------------------------

    def next(self, now: datetime, most: int) -> list[Outgoing]:
        """Return the messages that go now and mark them as being on their way; ``most`` can be sent at a time."""
        if self.closing or self._is_resting(now):
            return []
        self.window = max(self.window, most)
        free = (1 if self.failures >= RESTING else self.window) - len(self.lines.in_flight())
        items = self.lines.due(now)[: max(free, 0)]
        self._read(items)
        found: list[Outgoing] = []
        for item in items:
            body = self._body(item)
            if body is None:
                self._withheld.append(item.id)
                continue
            item.in_flight = True
            found.append(
                Outgoing(
                    delivery_id=item.id,
                    message_id=item.message_id,
                    url=self.url,
                    private=self.private,
                    secrets=self.secrets,
                    body=body,
                )
            )
        if self._withheld:
            self.note()
        return found

    def is_busy(self) -> bool:
        """Say whether something is on its way."""
        return bool(self.lines.in_flight())

    def due_at(self) -> datetime | None:
        """Return when there is something to send next, or None."""
        if self.closing:
            return None
        found = self.lines.next_at()
        return found if found is None or self.rest_until is None else max(found, self.rest_until)

    def _is_resting(self, now: datetime) -> bool:
        return self.rest_until is not None and self.rest_until > now

    def _read(self, items: Iterable[Item]) -> None:
        """Read the events of messages that were taken in by another run, or whose first attempt has failed: as their
        reader may know them now."""
        ids = [each.event_id for each in items if each.event_id is not None and each.id not in self._known]
        if not ids:
            return
        read = events_of(self.crm, self.reader, ids)
        for item in items:
            event = read.get(item.event_id) if item.event_id is not None else None
            if event is not None:
                self._known.setdefault(item.id, event)

    def _body(self, item: Item) -> bytes | None:
        if item.event_id is None:
            return test_body(self.name, item.happened_at)
        event = self._known.pop(item.id, None)
        return None if event is None else body_of(event.type, event.recorded_at, event.data)

    # --- what is written --------------------------------------------------------------------------------------------

    def take_results(self, results: Sequence[Result]) -> None:
        """Write how attempts went, and have the next messages come to the front."""
        well = all(each.outcome == "delivered" for each in results)
        self.window = min(self.window * 2, WIDEST) if well else 0
        noted = self.note(
            results=tuple(
                NotedResult(
                    delivery_id=each.delivery_id,
                    began_at=each.began_at,
                    outcome=each.outcome,
                    status=each.status,
                    millis=each.millis,
                    detail=each.detail,
                    wait=None if each.wait is None else each.wait.total_seconds(),
                )
                for each in results
            )
        )
        if noted is None:
            for each in results:
                self.lines.done(each.delivery_id)
            return
        there = {each.delivery_id for each in noted.after}
        for result in results:
            if result.delivery_id not in there:
                self.lines.done(result.delivery_id)

    def note(self, *, release: bool = False, **what: Any) -> Noted | None:
        """Write something down, and go on holding the endpoint or let go of it. Returns None where another run has
        taken it up meanwhile: then this one is through with it."""
        withheld, self._withheld = tuple(self._withheld), []
        note = Note(
            endpoint_id=self.endpoint_id,
            run=self.run,
            hold=0.0 if release else self.hold,
            withheld=withheld,
            **what,
        )
        try:
            noted: Noted = self.crm.run(self.system, "integration.delivery.note", cast(Any, note))
        except Conflict:
            self.closing = self.lost = True
            return None
        for each in noted.after:
            item = self.lines.items.get(each.delivery_id)
            if item is None:
                continue
            item.in_flight = False
            item.attempts, item.next_at = each.attempts, each.next_at
            if each.state != WAITING:
                self.lines.done(each.delivery_id)
        self.failures, self.rest_until, self.held_until = noted.failures, noted.rest_until, noted.held_until
        self.closing = self.closing or noted.disabled
        return noted

    def look_again(self, every: float) -> None:
        """Notice what others have changed: replays, tests, the endpoint itself. Then this one is closed, to be taken up
        anew as it is now."""
        if self.closing or time.monotonic() - self._looked_at < every:
            return
        self._looked_at = time.monotonic()
        with self.crm.session(self.system) as session:
            revision = session.scalar(
                select(EndpointProgress.revision).where(EndpointProgress.endpoint_id == self.endpoint_id)
            )
        self.closing = revision != self.revision


def open_desk(crm: CRM, system: Actor, run: UUID, hold: float, endpoint_id: UUID) -> Desk | None:
    """Take an endpoint up and read what waits for it, or return None where another run is at it, or it is no more."""
    if not crm.run(system, "integration.endpoint.take_up", {"endpoint_id": endpoint_id, "run": run, "hold": hold}):
        return None
    with crm.session(system) as session:
        endpoint = session.get(Endpoint, endpoint_id)
        progress = session.get(EndpointProgress, endpoint_id)
        if endpoint is None or progress is None or endpoint.owner_id is None:
            return None
        desk = Desk(
            crm=crm,
            system=system,
            run=run,
            hold=hold,
            endpoint_id=endpoint.id,
            name=endpoint.name,
            url=endpoint.url,
            private=endpoint.private,
            reader=reader_of(endpoint.owner_id, endpoint.limits),
            types=types_of(endpoint.events),
            secrets=secrets_of(session, endpoint_id),
            cursor=progress.cursor,
            cursor_at=progress.cursor_at,
            since=progress.begins_at,
            revision=progress.revision,
            failures=progress.failures,
            rest_until=progress.rest_until,
            held_until=progress.held_until or session.gate.clock.now(),
        )
        desk.lines.add(_waiting(session, endpoint_id))
    return desk


def secrets_of(session: CrmSession, endpoint_id: UUID) -> tuple[str, ...]:
    """Return the secrets that messages are signed with just now, the newest first."""
    now = session.gate.clock.now()
    found = session.scalars(
        select(EndpointSecret)
        .where(EndpointSecret.endpoint_id == endpoint_id)
        .order_by(EndpointSecret.made_at.desc(), EndpointSecret.id.desc())
    )
    valid = [each for each in found if each.expires_at is None or each.expires_at > now]
    return tuple(value for each in valid if (value := secret_of(each, "value")) is not None)


def _waiting(session: CrmSession, endpoint_id: UUID) -> list[Item]:
    columns = (
        Delivery.id,
        Delivery.seq,
        Delivery.message_id,
        Delivery.event_id,
        Delivery.event_type,
        Delivery.happened_at,
        Delivery.customer_id,
        Delivery.others,
        Delivery.line,
        Delivery.attempts,
        Delivery.next_at,
    )
    rows = session.execute(
        select(*columns).where(Delivery.endpoint_id == endpoint_id, Delivery.state == WAITING).order_by(Delivery.seq)
    )
    return [
        Item(
            id=row.id,
            seq=row.seq,
            message_id=row.message_id,
            event_id=row.event_id,
            event_type=row.event_type,
            happened_at=row.happened_at,
            keys=keys_of([str(each) for each in (row.customer_id, *row.others) if each], row.line),
            attempts=row.attempts,
            next_at=row.next_at,
        )
        for row in rows
    ]
