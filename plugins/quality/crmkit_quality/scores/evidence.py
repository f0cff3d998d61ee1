"""What scores need beside profiles, set-based: who shares an identifying value, and since when a field is confirmed.

Shared values are found by their blind tokens, so nothing has to be opened. Runs in system scope. Must not know scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from crmkit import ContactPoint, CrmSession, Customer
from crmkit_quality.scores.fields import CONTACT_KINDS
from crmkit_quality.staleness.models import Verification

_CUSTOMER: Any = Customer
_POINT: Any = ContactPoint


def shared_values(session: CrmSession, ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """Return which of some customers share which identifying fields with another customer."""
    other: Any = aliased(ContactPoint)
    owner: Any = aliased(Customer)
    same = exists().where(
        other.value_token == _POINT.value_token,
        other.kind == _POINT.kind,
        other.customer_id != _POINT.customer_id,
        owner.id == other.customer_id,
        owner.deleted_at.is_(None),
    )
    found: set[tuple[UUID, str]] = set()
    for part in _chunks(ids):
        points = select(_POINT.customer_id, _POINT.kind).where(
            _POINT.customer_id.in_(part), _POINT.kind.in_(("email", "phone")), same
        )
        found.update((row[0], row[1]) for row in session.execute(points))
        token = _CUSTOMER.identity_number_token
        twin: Any = aliased(Customer)
        twins = exists().where(twin.identity_number_token == token, twin.id != _CUSTOMER.id, twin.deleted_at.is_(None))
        alike = select(_CUSTOMER.id).where(_CUSTOMER.id.in_(part), token.is_not(None), twins)
        found.update((each, "identity_number") for each in session.scalars(alike))
        found.update((each, "registration_number") for each in _registered_twice(session, part))
    return found


def _registered_twice(session: CrmSession, ids: Sequence[UUID]) -> list[UUID]:
    """Return which customers share their registration number: it has no index, so all are looked for in one pass."""
    number = _CUSTOMER.registration_number
    own = select(_CUSTOMER.id, number).where(_CUSTOMER.id.in_(ids), number.is_not(None))
    numbers: dict[UUID, str] = {row[0]: row[1] for row in session.execute(own)}
    if not numbers:
        return []
    several = (
        select(number)
        .where(number.in_(sorted(set(numbers.values()))), _CUSTOMER.deleted_at.is_(None))
        .group_by(number)
        .having(func.count() > 1)
    )
    twice = set(session.scalars(several))
    return [customer for customer, each in numbers.items() if each in twice]


def confirmed_at(session: CrmSession, ids: Sequence[UUID]) -> dict[tuple[UUID, str], datetime]:
    """Return since when what is known of fields of some customers counts: contact points since they were verified, else
    changed; any field since somebody last found it right, or put it right."""
    found: dict[tuple[UUID, str], datetime] = {}
    verified: Any = Verification
    for part in _chunks(ids):
        points = (
            select(
                _POINT.customer_id,
                _POINT.kind,
                func.max(func.coalesce(_POINT.verified_at, _POINT.updated_at), type_=_POINT.updated_at.type),
            )
            .where(_POINT.customer_id.in_(part), _POINT.kind.in_(CONTACT_KINDS))
            .group_by(_POINT.customer_id, _POINT.kind)
        )
        done = (
            select(verified.customer_id, verified.about, func.max(verified.done_at, type_=verified.done_at.type))
            .where(verified.customer_id.in_(part), verified.outcome.in_(("confirmed", "changed")))
            .group_by(verified.customer_id, verified.about)
        )
        for statement in (points, done):
            for customer, name, at in session.execute(statement):
                if at is not None:
                    found[customer, name] = max(at, found.get((customer, name), at))
    return found


def doubted(session: CrmSession, ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """Return which fields of some customers have proved wrong and have not been verified since."""
    table: Any = Verification
    found: set[tuple[UUID, str]] = set()
    for part in _chunks(ids):
        query = select(table.customer_id, table.about).where(
            table.customer_id.in_(part), table.state == "open", table.reason == "bounced"
        )
        found.update((row[0], row[1]) for row in session.execute(query))
    return found


def _chunks(ids: Sequence[UUID], size: int = 1000) -> list[Sequence[UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
