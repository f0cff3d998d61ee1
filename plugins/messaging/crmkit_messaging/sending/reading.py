"""Reads what a decision depends on, for many messages at once; and decides. Must not write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Consent, ContactPoint, CrmSession, Customer, consents_of
from crmkit_messaging.sending.caps import CapTerms, Departure
from crmkit_messaging.sending.deciding import Agreed, Decision, Point, Situation, Terms, decide_on
from crmkit_messaging.sending.models import Cap, OutgoingMessage, Policy, QuietHours
from crmkit_messaging.sending.quiet import Quiet, parse_quiet
from crmkit_messaging.sending.suppression import suppressed_points
from crmkit_messaging.sending.words import EVERY, day_numbers
from crmkit_messaging.sending.zones import zone_of

CHUNK = 1000
MONTH = timedelta(days=33)
"""So far back calendars count at the most, a time zone's day included."""


@frozen(kw_only=True)
class Request:
    """What is asked of the gate: a message of a purpose to a customer by a channel. ``message_id`` is that of the
    message itself, whose earlier attempts do not count against it."""

    customer_id: UUID
    channel: str
    purpose: str
    contact_point_id: UUID | None = None
    urgent: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    message_id: UUID | None = None


@frozen(kw_only=True)
class Regulations:
    """The records by which messages leave, as they stand."""

    terms: Mapping[str, Terms]
    quiet: Sequence[tuple[str, Quiet]]
    caps: Sequence[CapTerms]

    def of(self, purpose: str) -> Terms:
        """Return what a purpose asks; one without a policy is strict."""
        return self.terms.get(purpose, Terms())

    @property
    def uncapped(self) -> list[str]:
        """Return the purposes whose messages caps neither hold nor count."""
        return [purpose for purpose, terms in self.terms.items() if not terms.capped]


def decide(
    session: CrmSession,
    customer_id: UUID,
    channel: str,
    purpose: str,
    at: datetime | None = None,
    *,
    urgent: bool = False,
    contact_point_id: UUID | None = None,
) -> Decision:
    """Return whether a message may leave to a customer at an instant (UTC; by default now): at once, later or never.

    It is what the gate would say; who may not see all of the customer gets what is known to them. Nothing is kept.
    """
    request = Request(
        customer_id=customer_id, channel=channel, purpose=purpose, urgent=urgent, contact_point_id=contact_point_id
    )
    when = at or session.gate.clock.now()
    return decide_on(situations(session, [request], when)[0], when)


def decide_each(session: CrmSession, requests: Sequence[Request], at: datetime) -> list[Decision]:
    """Return the decision on each of many messages at an instant, each as if it were alone."""
    return [decide_on(situation, at) for situation in situations(session, requests, at)]


def situations(session: CrmSession, requests: Sequence[Request], at: datetime) -> list[Situation]:
    """Return what the decision on each message depends on, in a fixed number of queries for a thousand customers."""
    rules = regulations(session)
    channels: Mapping[str, Any] = session.gate.registry.tables["channel"]
    ids = list(dict.fromkeys(request.customer_id for request in requests))
    customers = _customers(session, ids)
    points = _points(session, list(customers))
    suppressed = suppressed_points(session, [point for listed in points.values() for point in listed])
    agreed = _agreed(session, list(customers), at)
    left = _departures(session, list(customers), rules, at)
    config = session.crm.config.get(session)
    found: list[Situation] = []
    for request in requests:
        customer = customers.get(request.customer_id)
        channel = channels.get(request.channel)
        kind = None if channel is None else channel.contact_kind
        if customer is None or customer.deleted_at is not None:
            found.append(Situation(there=False, channel=request.channel, purpose=request.purpose))
            continue
        province = plain(customer.province)
        found.append(
            Situation(
                there=True,
                channel=request.channel,
                purpose=request.purpose,
                needs_point=kind is not None,
                points=[
                    Point(id=each.id, preferred=each.preferred, suppressed=suppressed.get(each.id))
                    for each in points[customer.id]
                    if each.kind == kind
                ],
                wanted=request.contact_point_id,
                terms=rules.of(request.purpose),
                agreed=agreed[customer.id, request.purpose],
                zone=zone_of(
                    plain(customer.time_zone),
                    plain(customer.country),
                    province,
                    usual=config.zone,
                    home=config.country if province else None,
                ),
                quiet=[quiet for name, quiet in rules.quiet if name in (EVERY, request.channel)],
                caps=rules.caps,
                left=[each for identity, each in left[customer.id] if identity != request.message_id],
                urgent=request.urgent,
                not_before=request.not_before,
                expires_at=request.expires_at,
            )
        )
    return found


def regulations(session: CrmSession) -> Regulations:
    """Return the policies, quiet hours and caps as they stand."""
    return Regulations(
        terms={
            each.purpose: Terms(
                needs_consent=each.needs_consent,
                quiet=each.quiet,
                capped=each.capped,
                urgent_passes=each.urgent_passes,
            )
            for each in session.scalars(select(Policy))
        },
        quiet=[
            (each.channel, parse_quiet(each.hours, day_numbers(each.days)))
            for each in session.scalars(select(QuietHours))
        ],
        caps=[
            CapTerms(channel=each.channel, purpose=each.purpose, number=each.number, per=each.per, hours=each.hours)
            for each in session.scalars(select(Cap).order_by(Cap.id))
        ],
    )


def plain(value: str | None) -> str | None:
    """Return a text, or None for one that the reader may not see."""
    return value if type(value) is str else None


def _customers(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, Customer]:
    return {
        each.id: each for part in chunks(ids) for each in session.scalars(select(Customer).where(Customer.id.in_(part)))
    }


def _points(session: CrmSession, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[ContactPoint]]:
    found: dict[UUID, list[ContactPoint]] = defaultdict(list)
    for part in chunks(ids):
        query = select(ContactPoint).where(ContactPoint.customer_id.in_(part))
        for each in session.scalars(query.order_by(ContactPoint.position, ContactPoint.id)):
            found[each.customer_id].append(each)
    return found


def _agreed(session: CrmSession, ids: Sequence[UUID], at: datetime) -> Mapping[tuple[UUID, str], Sequence[Agreed]]:
    states = consents_of(session, ids, at)
    # The ledger says of what has expired that it is not granted; whether it was withdrawn before is in the entry.
    doubtful = [
        state.entry_id
        for each in states.values()
        for state in each.states
        if not state.granted and state.expires_at is not None
    ]
    lapsed: set[UUID] = set()
    for part in chunks(doubtful):
        lapsed.update(session.scalars(select(Consent.id).where(Consent.id.in_(part), Consent.granted)))
    found: dict[tuple[UUID, str], list[Agreed]] = defaultdict(list)
    for customer_id, each in states.items():
        for state in each.states:
            found[customer_id, state.purpose].append(
                Agreed(
                    channel=state.channel,
                    granted=state.granted or state.entry_id in lapsed,
                    since=state.since,
                    entry_id=state.entry_id,
                    expires_at=state.expires_at,
                )
            )
    return found


def _departures(
    session: CrmSession, ids: Sequence[UUID], rules: Regulations, at: datetime
) -> Mapping[UUID, Sequence[tuple[UUID, Departure]]]:
    found: dict[UUID, list[tuple[UUID, Departure]]] = defaultdict(list)
    if not rules.caps:
        return found
    back = max([MONTH, *(timedelta(hours=each.hours or 0) for each in rules.caps)])
    columns = (
        OutgoingMessage.customer_id,
        OutgoingMessage.id,
        OutgoingMessage.channel,
        OutgoingMessage.purpose,
        OutgoingMessage.left_at,
    )
    for part in chunks(ids):
        query = select(*columns).where(
            OutgoingMessage.customer_id.in_(part),
            OutgoingMessage.left_at > at - back,
            OutgoingMessage.purpose.not_in(rules.uncapped),
        )
        for customer_id, identity, channel, purpose, left_at in session.execute(query):
            if left_at is not None:
                found[customer_id].append((identity, Departure(channel=channel, purpose=purpose, left_at=left_at)))
    return found


def chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return parts that one statement can name."""
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
