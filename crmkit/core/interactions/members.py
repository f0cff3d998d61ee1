"""Whose interactions an organisation's timeline shows beside its own: those of its people and of its parts.

Must not know interactions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer, Relationship
from crmkit.core.interactions.lookups import chunks

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

LEVELS = 8
"""How deep the tree of organisations is followed."""
TO_ORGANIZATION = ("employee", "contact")
"""Kinds of relationship from a person to an organisation that the person works or speaks for."""
TO_PERSON = ("employer",)
"""Kinds of relationship from an organisation to a person who works for it."""


@frozen(kw_only=True)
class Member:
    """Somebody whose interactions count as the organisation's, from ``since`` until before ``until`` (UTC; None for no
    bound)."""

    customer_id: UUID
    since: datetime | None = None
    until: datetime | None = None

    def includes(self, instant: datetime) -> bool:
        """Say whether something that occurred at an instant counts."""
        return (self.since is None or self.since <= instant) and (self.until is None or instant < self.until)


def members_of(session: CrmSession, customer_id: UUID) -> list[Member]:
    """Return the people and parts of an organisation, each with the times for which they count.

    People belong by ``parent_id``, or by a relationship as employee or contact person, for its dates (calendar days
    in the business's zone, both included). Parts of an organisation belong with their people. Deleted customers do not
    count. A person has no members.
    """
    if session.scalar(select(Customer.kind).where(Customer.id == customer_id)) != "organization":
        return []
    zone = ZoneInfo(session.crm.config.get(session).zone)
    whole: set[UUID] = {customer_id}
    level: Collection[UUID] = [customer_id]
    dated: dict[UUID, list[Member]] = {}
    for _number in range(LEVELS):
        parts: set[UUID] = set()
        for part in chunks(level):
            query = select(Customer.id, Customer.kind).where(
                Customer.parent_id.in_(part), Customer.deleted_at.is_(None)
            )
            for identity, kind in session.execute(query):
                if identity not in whole:
                    whole.add(identity)
                    if kind == "organization":
                        parts.add(identity)
            for member in _related(session, part, zone):
                dated.setdefault(member.customer_id, []).append(member)
        if not parts:
            break
        level = parts
    found = [Member(customer_id=identity) for identity in whole if identity != customer_id]
    for identity, spans in dated.items():
        if identity not in whole:
            found += spans
    return sorted(found, key=lambda member: (member.customer_id, member.since or datetime.min.replace(tzinfo=UTC)))


def _related(session: CrmSession, organizations: list[UUID], zone: ZoneInfo) -> list[Member]:
    person, organization = Relationship.customer_id, Relationship.other_id
    found: list[Member] = []
    for who, whom, kinds in ((person, organization, TO_ORGANIZATION), (organization, person, TO_PERSON)):
        query = (
            select(who, Relationship.valid_from, Relationship.valid_to)
            .join(Customer, Customer.id == who)
            .where(whom.in_(organizations), Relationship.kind.in_(kinds), Customer.deleted_at.is_(None))
        )
        found += [
            Member(customer_id=identity, since=_midnight(first, zone), until=_midnight(last, zone, days=1))
            for identity, first, last in session.execute(query)
        ]
    return found


def _midnight(day: date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    # 9999-12-31 is how people write "for ever": beyond what instants can say there is no bound.
    if day is None or not date(1, 1, 3) < day < date(9999, 12, 29):
        return None
    return datetime.combine(day + timedelta(days=days), time(), zone).astimezone(UTC)
