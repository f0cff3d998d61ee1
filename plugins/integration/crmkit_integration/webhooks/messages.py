"""What is sent: an event as its endpoint's owner may know it, in the form of Standard Webhooks. Must not know HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from crmkit import Actor, CrmSession, FeedEvent, Problem, texts
from crmkit.errors import InvalidInput
from crmkit_integration.webhooks.models import TEST, Endpoint

_ = texts("crmkit_integration")

EVERY = "*"
_encode = msgspec.json.Encoder(decimal_format="string").encode


def message_id(identity: UUID) -> str:
    """Return the id of the message about an event: the same for every endpoint, attempt and replay."""
    return f"msg_{identity.hex}"


def body_of(event_type: str, happened_at: datetime, data: Mapping[str, Any]) -> bytes:
    """Return the body of a message: its type, when it happened (UTC), and what its reader may know of it, as JSON."""
    at = happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return _encode({"type": event_type, "timestamp": at, "data": dict(data)})


def test_body(endpoint: str, happened_at: datetime) -> bytes:
    """Return the body of a message that tries an endpoint out."""
    return body_of(TEST, happened_at, {"endpoint": endpoint})


def reader_of(owner_id: UUID, limits: list[Any] | None) -> Actor:
    """Return who reads the feed for an endpoint: its owner, within the limits of a token where there are any."""
    return Actor(
        id=f"user:{owner_id}",
        kind="user",
        user_id=owner_id,
        limits=None if limits is None else tuple(str(each) for each in limits),
    )


def types_of(events: list[str]) -> tuple[str, ...]:
    """Return the types that the feed is asked for; none means all."""
    return () if EVERY in events else tuple(events)


def customers_of(event: FeedEvent) -> list[str]:
    """Return the ids of the customers whom an event names, each once."""
    found = [event.data.get("customer_id"), *(event.data.get("customer_ids") or ())]
    return list(dict.fromkeys(str(each) for each in found if each))


def is_about(event: FeedEvent, endpoint_id: UUID) -> bool:
    """Say whether an event is about an endpoint or its deliveries: telling it of these would never end."""
    return event.data.get("endpoint_id") == str(endpoint_id)


def resource_of(event_type: str) -> str:
    """Return the resource that a kind of event is of."""
    return event_type.rpartition(".")[0]


def checked_events(session: CrmSession, given: tuple[str, ...]) -> list[str]:
    """Return patterns of events, each once. Raises InvalidInput for none, and for one that fits no event."""
    known = session.gate.registry.events
    events = list(dict.fromkeys(each.strip() for each in given if each.strip()))
    problems = [
        Problem(InvalidInput.code, _('There is no event "{value}".'), field="events", value=each)
        for each in events
        if not _fits(each, known)
    ]
    if not events:
        problems.append(Problem(InvalidInput.code, _("Name the events: customer.*, or * for all."), field="events"))
    if problems:
        raise InvalidInput(problems)
    return events


def _fits(pattern: str, known: Mapping[str, Any]) -> bool:
    if pattern == EVERY or pattern in known:
        return True
    return pattern.endswith(".*") and any(name.startswith(pattern[:-1]) for name in known)


def preview(endpoint: Endpoint, event: FeedEvent | None) -> str:
    """Return the body that is sent for an event, or to try the endpoint out where there is none, in lines."""
    if event is None:
        raw = test_body(endpoint.name, endpoint.created_at)
    else:
        raw = body_of(event.type, event.recorded_at, event.data)
    return msgspec.json.format(raw, indent=2).decode()
