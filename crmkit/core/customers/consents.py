"""The consent ledger: what customers allowed and withdrew, and what holds at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.customers.bulk import consent_event
from crmkit.core.customers.drafts import consent_row
from crmkit.core.customers.inputs import NewConsent
from crmkit.core.customers.models import Consent, Customer
from crmkit.core.customers.references import chunks
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

EVERY = "*"


@frozen(kw_only=True)
class ConsentState:
    """The last entry for a purpose and a channel at an instant. ``granted`` is false once the entry has expired."""

    entry_id: UUID
    purpose: str
    channel: str
    granted: bool
    since: datetime
    expires_at: datetime | None


@frozen
class ConsentStates:
    """What a customer allows at an instant, for each purpose and channel of which something is known."""

    states: tuple[ConsentState, ...]

    def allows(self, purpose: str, channel: str) -> bool:
        """Say whether a purpose is allowed by a channel: the later entry counts of the channel's own and that for every
        channel. What nothing is known of is not allowed."""
        fitting = [item for item in self.states if item.purpose == purpose and item.channel in (channel, EVERY)]
        return bool(fitting) and max(fitting, key=lambda item: (item.since, item.entry_id)).granted


@operation("consent.record", title=_("Record a consent"), effect="create", permission="customer.update")
def record_consent(session: CrmSession, customer: Customer, new: NewConsent) -> Consent:
    """Add an entry to the consent ledger: allowed, or withdrawn. Raises InvalidInput."""
    problems: list[Problem] = []
    row = consent_row(new, session.crm.config.get(session), session.gate.clock.business_now(), problems)
    if problems:
        raise InvalidInput(problems)
    entry = Consent(customer_id=customer.id, actor_id=session.actor.id, **row)
    session.add(entry)
    session.emit(consent_event(customer.id, {**row, "id": entry.id}))
    return entry


def consents_at(
    session: CrmSession, customer_id: UUID, at: datetime, *, known_at: datetime | None = None
) -> ConsentStates:
    """Return what a customer allows at an instant, by what had been recorded at ``known_at`` (by default: all)."""
    return consents_of(session, [customer_id], at, known_at=known_at)[customer_id]


def consents_of(
    session: CrmSession, customer_ids: Sequence[UUID], at: datetime, *, known_at: datetime | None = None
) -> Mapping[UUID, ConsentStates]:
    """Return for each of many customers what it allows at an instant."""
    entries: dict[UUID, list[Consent]] = {customer_id: [] for customer_id in customer_ids}
    for part in chunks(entries):
        query = select(Consent).where(Consent.customer_id.in_(part), Consent.occurred_at <= at)
        if known_at is not None:
            query = query.where(Consent.recorded_at <= known_at)
        for entry in session.scalars(query):
            entries[entry.customer_id].append(entry)
    return {customer_id: current(found, at) for customer_id, found in entries.items()}


def current(entries: Iterable[Consent], at: datetime) -> ConsentStates:
    """Return what entries of the ledger amount to at an instant; those that occurred later do not count."""
    last: dict[tuple[str, str], Consent] = {}
    for entry in sorted(entries, key=lambda entry: (entry.occurred_at, entry.recorded_at, entry.id)):
        if entry.occurred_at <= at:
            last[entry.purpose, entry.channel] = entry
    return ConsentStates(
        tuple(
            ConsentState(
                entry_id=entry.id,
                purpose=purpose,
                channel=channel,
                granted=entry.granted and (entry.expires_at is None or entry.expires_at > at),
                since=entry.occurred_at,
                expires_at=entry.expires_at,
            )
            for (purpose, channel), entry in sorted(last.items())
        )
    )


OPERATIONS: list[Any] = [record_consent]
