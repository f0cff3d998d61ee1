"""What a run of deliveries writes: that it takes an endpoint up, what there is to deliver, how attempts went.

Each is one short transaction; whoever has lost an endpoint to another run writes nothing. Must not know the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import insert, select

from crmkit import Conflict, CrmSession, Input, Refused, new_id, operation, texts
from crmkit_integration.settings import settings_of
from crmkit_integration.webhooks.events import (
    DeliveryDied,
    EndpointDisabled,
    EndpointFailing,
    EndpointRecovered,
)
from crmkit_integration.webhooks.models import (
    DEAD,
    DELIVERED,
    DISABLED,
    FAILING,
    OK,
    WAITING,
    WITHHELD,
    Attempt,
    Delivery,
    Endpoint,
    EndpointProgress,
)
from crmkit_integration.webhooks.schedule import ATTEMPTS, RESTING, pause, rest
from crmkit_integration.webhooks.sending import GONE

_ = texts("crmkit_integration")

RIGHT = "integration.endpoint.update"
BUSY = (429, 503)
"""Answers by which a receiver asks for a pause altogether, where it says how long."""
LONGEST_PAUSE = timedelta(hours=1)
"""Longest time for which such an answer stops everything for an endpoint."""

Plain = Annotated[str, Input(classified="internal")]


@frozen(kw_only=True)
class NewDelivery:
    """An event that an endpoint is to be told."""

    event_id: UUID
    message_id: Plain
    event_type: Plain
    happened_at: datetime
    customers: Annotated[tuple[str, ...], Input(classified="internal")]
    line: Plain


@frozen(kw_only=True)
class NotedResult:
    """How an attempt went. ``wait`` is in seconds."""

    delivery_id: UUID
    began_at: datetime
    outcome: Plain
    status: int | None
    millis: int
    detail: Plain
    wait: float | None


@frozen(kw_only=True)
class Note:
    """What a run has to write about one endpoint. ``hold`` are seconds for which it goes on holding it, 0 to let go."""

    endpoint_id: UUID
    run: UUID
    hold: float
    cursor: Annotated[str | None, Input(classified="internal")] = None
    deliveries: tuple[NewDelivery, ...] = ()
    results: tuple[NotedResult, ...] = ()
    withheld: tuple[UUID, ...] = ()


@frozen(kw_only=True)
class After:
    """What became of a delivery by an attempt."""

    delivery_id: UUID
    state: str
    attempts: int
    next_at: datetime


@frozen(kw_only=True)
class Noted:
    """How an endpoint stands after something was noted: the ids of new deliveries by message, with their places in the
    order; what became of those that were tried; its failures and its rest; whether it was switched off."""

    made: Mapping[str, tuple[UUID, int]]
    after: tuple[After, ...]
    failures: int
    rest_until: datetime | None
    disabled: bool
    held_until: datetime


@operation(
    "integration.endpoint.take_up", title=_("Take a web-hook up"), permission=RIGHT, effect="update", hidden=True
)
def take_up(session: CrmSession, *, endpoint_id: UUID, run: UUID, hold: float) -> bool:
    """Have one run alone deliver to an endpoint, for so many seconds. Returns whether it may: another one may be at it.

    Raises Refused outside system scope.
    """
    _only_system(session)
    now = session.gate.clock.now()
    progress = _locked(session, endpoint_id)
    if progress is None or (progress.run not in (None, run) and progress.held_until and progress.held_until > now):
        return False
    progress.run, progress.held_until = run, now + timedelta(seconds=hold)
    return True


@operation("integration.delivery.note", title=_("Note deliveries"), permission=RIGHT, effect="update", hidden=True)
def note(session: CrmSession, note: Note) -> Noted:
    """Write what a run has come to know, in one piece: the cursor with the deliveries that lie before it, and the
    results with what follows from them.

    Raises Conflict for a run that no longer holds the endpoint, Refused outside system scope.
    """
    _only_system(session)
    progress = _locked(session, note.endpoint_id)
    endpoint = session.get(Endpoint, note.endpoint_id)
    if progress is None or endpoint is None or progress.run != note.run:
        raise Conflict(_("Another run delivers for this web-hook."))
    now = session.gate.clock.now()
    made = _put_in_order(session, progress, note.deliveries, now)
    if note.cursor is not None:
        progress.cursor, progress.cursor_at = note.cursor, now
    after = _take_results(session, endpoint, progress, note, now)
    if endpoint.state != DISABLED and progress.failing_since is not None:
        days = settings_of(session.crm.settings).disable_after_days
        if progress.failing_since <= now - timedelta(days=days):
            disable(session, endpoint, "failing", now)
    held_until = now + timedelta(seconds=note.hold)
    if note.hold:
        progress.held_until = held_until
    else:
        progress.run = progress.held_until = None
    return Noted(
        made=made,
        after=tuple(after),
        failures=progress.failures,
        rest_until=progress.rest_until,
        disabled=endpoint.state == DISABLED,
        held_until=held_until,
    )


@operation("integration.endpoint.orphan", title=_("Switch off"), permission=RIGHT, effect="update", hidden=True)
def orphan(session: CrmSession, endpoint: Endpoint) -> None:
    """Switch an endpoint off whose owner is no active user any more. Raises Refused outside system scope."""
    _only_system(session)
    disable(session, endpoint, "owner", session.gate.clock.now())


def disable(session: CrmSession, endpoint: Endpoint, because: Any, now: datetime) -> None:
    """Switch an endpoint off, unless it is: what waits for it goes on waiting."""
    if endpoint.state == DISABLED:
        return
    endpoint.state, endpoint.because, endpoint.since = DISABLED, because, now
    session.emit(EndpointDisabled(endpoint_id=endpoint.id, because=because))


# --- what is to be delivered ------------------------------------------------------------------------------------------


def _put_in_order(
    session: CrmSession, progress: EndpointProgress, fresh: tuple[NewDelivery, ...], now: datetime
) -> dict[str, tuple[UUID, int]]:
    if not fresh:
        return {}
    wanted = {each.message_id: each for each in fresh}
    known = session.scalars(
        select(Delivery.message_id).where(
            Delivery.endpoint_id == progress.endpoint_id, Delivery.message_id.in_(list(wanted))
        )
    ).all()
    made: dict[str, tuple[UUID, int]] = {}
    rows: list[dict[str, Any]] = []
    for each in wanted.values():
        if each.message_id in known:
            continue
        progress.last_seq += 1
        made[each.message_id] = (new_id(), progress.last_seq)
        rows.append(
            {
                "id": made[each.message_id][0],
                "version": 1,
                "endpoint_id": progress.endpoint_id,
                "seq": progress.last_seq,
                "message_id": each.message_id,
                "event_id": each.event_id,
                "event_type": each.event_type,
                "happened_at": each.happened_at,
                "customer_id": UUID(each.customers[0]) if each.customers else None,
                "others": list(each.customers[1:]),
                "line": each.line,
                "state": WAITING,
                "attempts": 0,
                "next_at": now,
                "created_by": session.actor.id,
            }
        )
    if rows:
        session.execute(insert(Delivery), rows)
    return made


# --- how it went ------------------------------------------------------------------------------------------------------


def _take_results(
    session: CrmSession, endpoint: Endpoint, progress: EndpointProgress, note: Note, now: datetime
) -> list[After]:
    ids = [each.delivery_id for each in note.results] + list(note.withheld)
    if not ids:
        return []
    # What was erased meanwhile is simply no longer there.
    found = {each.id: each for each in session.scalars(select(Delivery).where(Delivery.id.in_(ids)))}
    for identity in note.withheld:
        if identity in found:
            found[identity].state, found[identity].ended_at = WITHHELD, now
    rows: list[dict[str, Any]] = []
    for result in note.results:
        delivery = found.get(result.delivery_id)
        if delivery is None:
            continue
        delivery.attempts += 1
        delivery.status = result.status
        delivery.tried_at = delivery.tried_at or result.began_at
        rows.append(
            {
                "id": new_id(),
                "endpoint_id": endpoint.id,
                "delivery_id": delivery.id,
                "number": delivery.attempts,
                "began_at": result.began_at,
                "outcome": result.outcome,
                "status": result.status,
                "millis": result.millis,
                "detail": result.detail,
            }
        )
        if result.outcome == "delivered":
            _succeeded(session, endpoint, progress, delivery, now)
        else:
            _failed(session, endpoint, progress, delivery, result, now)
    if rows:
        session.execute(insert(Attempt), rows)
    return [
        After(delivery_id=each.id, state=each.state, attempts=each.attempts, next_at=each.next_at)
        for each in found.values()
    ]


def _succeeded(
    session: CrmSession, endpoint: Endpoint, progress: EndpointProgress, delivery: Delivery, now: datetime
) -> None:
    delivery.state, delivery.ended_at = DELIVERED, now
    progress.failures, progress.failing_since, progress.rest_until = 0, None, None
    progress.delivered_at = now
    if endpoint.state == FAILING:
        endpoint.state, endpoint.because, endpoint.since = OK, None, now
        session.emit(EndpointRecovered(endpoint_id=endpoint.id))


def _failed(
    session: CrmSession,
    endpoint: Endpoint,
    progress: EndpointProgress,
    delivery: Delivery,
    result: NotedResult,
    now: datetime,
) -> None:
    wait = timedelta(seconds=result.wait) if result.wait is not None else timedelta(0)
    progress.failures += 1
    progress.failing_since = progress.failing_since or now
    resting = rest(progress.failures)
    if result.status in BUSY:
        resting = max(resting, min(wait, LONGEST_PAUSE))
    progress.rest_until = now + resting if resting else None
    delivery.next_at = now + max(pause(delivery.attempts), wait)
    # While nothing at all gets through it is not the message that is at fault: then the endpoint is switched off
    # sooner or later, and nothing is given up.
    others = progress.delivered_at is not None and delivery.tried_at is not None
    if delivery.attempts >= ATTEMPTS and others and progress.delivered_at > delivery.tried_at:  # type: ignore[operator]
        delivery.state, delivery.ended_at = DEAD, now
        session.emit(DeliveryDied(endpoint_id=endpoint.id, delivery_id=delivery.id, event_type=delivery.event_type))
    if result.status == GONE:
        disable(session, endpoint, "gone", now)
    elif progress.failures >= RESTING and endpoint.state == OK:
        endpoint.state, endpoint.since = FAILING, now
        session.emit(EndpointFailing(endpoint_id=endpoint.id))


def _locked(session: CrmSession, endpoint_id: UUID) -> EndpointProgress | None:
    query = select(EndpointProgress).where(EndpointProgress.endpoint_id == endpoint_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is noted by the framework alone."))


OPERATIONS = [take_up, note, orphan]
