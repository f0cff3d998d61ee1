"""How endpoints fare, as pages, commands and checks show it: counts, messages, attempts, and what would be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, NotFound, User, events_of, texts
from crmkit_integration.webhooks.messages import preview
from crmkit_integration.webhooks.models import (
    DEAD,
    WAITING,
    Attempt,
    Delivery,
    Endpoint,
    EndpointProgress,
    EndpointSecret,
)

_ = texts("crmkit_integration")


@frozen(kw_only=True)
class Standing:
    """An endpoint with what waits for it, what was given up, and when something was delivered to it last (UTC)."""

    endpoint: Endpoint
    owner: str
    waiting: int
    dead: int
    failures: int
    delivered_at: datetime | None
    failing_since: datetime | None
    secrets: int


def standings(session: CrmSession, name: str | None = None) -> list[Standing]:
    """Return the endpoints that the reader sees, by their names, or the one of a name."""
    query = select(Endpoint, EndpointProgress).outerjoin(EndpointProgress, EndpointProgress.endpoint_id == Endpoint.id)
    if name is not None:
        query = query.where(Endpoint.name == name)
    rows = session.execute(query.order_by(Endpoint.name)).all()
    ids = [endpoint.id for endpoint, _progress in rows]
    counted = _counts(session, ids)
    now = session.gate.clock.now()
    signing = session.execute(
        select(EndpointSecret.endpoint_id, func.count())
        .where(
            EndpointSecret.endpoint_id.in_(ids),
            EndpointSecret.expires_at.is_(None) | (EndpointSecret.expires_at > now),
        )
        .group_by(EndpointSecret.endpoint_id)
    )
    secrets: dict[UUID, int] = {row[0]: row[1] for row in signing}
    owners = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(_owners(rows))))}
    return [
        Standing(
            endpoint=endpoint,
            owner=owners.get(endpoint.owner_id, "") if endpoint.owner_id is not None else "",
            waiting=counted.get((endpoint.id, WAITING), 0),
            dead=counted.get((endpoint.id, DEAD), 0),
            failures=0 if progress is None else progress.failures,
            delivered_at=None if progress is None else progress.delivered_at,
            failing_since=None if progress is None else progress.failing_since,
            secrets=secrets.get(endpoint.id, 0),
        )
        for endpoint, progress in rows
    ]


def standing_of(session: CrmSession, name: str) -> Standing:
    """Return the endpoint of a name, or of an id. Raises NotFound."""
    found = standings(session, name)
    if not found:
        found = [each for each in standings(session) if str(each.endpoint.id) == name]
    if not found:
        raise NotFound(_('There is no web-hook "{name}".'), name=name)
    return found[0]


def messages_of(session: CrmSession, endpoint_id: UUID, state: str = "", limit: int = 50) -> list[Delivery]:
    """Return the messages of an endpoint, the newest first, of one state or of all."""
    query = select(Delivery).where(Delivery.endpoint_id == endpoint_id)
    if state:
        query = query.where(Delivery.state == state)
    return list(session.scalars(query.order_by(Delivery.seq.desc()).limit(limit)))


def attempts_at(session: CrmSession, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Attempt]]:
    """Return the attempts at messages, the oldest first."""
    found: dict[UUID, list[Attempt]] = {}
    query = select(Attempt).where(Attempt.delivery_id.in_(ids)).order_by(Attempt.began_at, Attempt.id)
    for each in session.scalars(query):
        found.setdefault(each.delivery_id, []).append(each)
    return found


def preview_of(session: CrmSession, endpoint: Endpoint, message: Delivery | None = None) -> str:
    """Return what is sent for a message, or for the newest one of an endpoint, as far as the reader may know of it: the
    endpoint's owner may know more, or less."""
    if message is None:
        query = select(Delivery).where(Delivery.endpoint_id == endpoint.id, Delivery.event_id.is_not(None))
        message = session.scalars(query.order_by(Delivery.seq.desc()).limit(1)).one_or_none()
    if message is None or message.event_id is None:
        return preview(endpoint, None)
    found = events_of(session.crm, session.actor, [message.event_id]).get(message.event_id)
    if found is None:
        raise NotFound(_("You may not know what this message says."))
    return preview(endpoint, found)


def _counts(session: CrmSession, ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    rows = session.execute(
        select(Delivery.endpoint_id, Delivery.state, func.count())
        .where(Delivery.endpoint_id.in_(ids), Delivery.state.in_((WAITING, DEAD)))
        .group_by(Delivery.endpoint_id, Delivery.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _owners(rows: Sequence[Any]) -> list[UUID]:
    return [endpoint.owner_id for endpoint, _progress in rows if endpoint.owner_id is not None]
