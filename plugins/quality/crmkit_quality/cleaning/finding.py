"""What a cleaning would change of some customers. Reads as whoever asks; must not write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit import CrmSession, Customer, Refused, customers_where, texts
from crmkit_quality.cleaning.cleaners import POINTS, TEXTS, Cleaner, cleaned

_ = texts("crmkit_quality")

PAGE = 500
"""Customers that are loaded at once."""


@frozen(kw_only=True)
class Proposal:
    """What a cleaning would change of one value, and which cleaners do. ``contact_point_id`` is set for one of a
    contact point."""

    about: str
    before: str
    after: str
    by: tuple[str, ...]
    contact_point_id: UUID | None = None


@frozen(kw_only=True)
class Proposed:
    """What a cleaning would change of one customer."""

    customer_id: UUID
    name: str
    version: int
    changes: tuple[Proposal, ...]


@define(kw_only=True)
class Preview:
    """What a cleaning would do: customers looked at, those that it changes, changes by cleaner and by field, and the
    first rows. ``points`` says whether contact points were looked at, which the reader has to see in full for that;
    ``more`` that there are more customers than were looked at."""

    looked_at: int = 0
    changed: int = 0
    by_cleaner: dict[str, int] = field(factory=dict[str, int])
    by_field: dict[str, int] = field(factory=dict[str, int])
    rows: list[Proposed] = field(factory=list[Proposed])
    points: bool = False
    more: bool = False

    def note(self, found: Proposed, rows: int) -> None:
        """Count what would be changed of one customer."""
        self.changed += 1
        for each in found.changes:
            self.by_field[each.about] = self.by_field.get(each.about, 0) + 1
            for name in each.by:
                self.by_cleaner[name] = self.by_cleaner.get(name, 0) + 1
        if len(self.rows) < rows:
            self.rows.append(found)


def preview(
    session: CrmSession, cleaners: Sequence[Cleaner], where: str = "", *, rows: int = 20, limit: int | None = None
) -> Preview:
    """Return what a cleaning would do with the customers that the session may see, at most ``limit`` of them.

    Raises ExpressionError for a condition that cannot be used, Refused for who sees personal fields masked.
    """
    found = Preview(points=sees_points(session))
    for customers in pages_of(session, where):
        for customer in customers:
            if limit is not None and found.looked_at >= limit:
                found.more = True
                return found
            found.looked_at += 1
            proposed = propose(customer, cleaners, points=found.points)
            if proposed is not None:
                found.note(proposed, rows)
        for customer in customers:
            session.expunge(customer)
    return found


def pages_of(session: CrmSession, where: str, after: UUID | None = None) -> Iterator[Sequence[Customer]]:
    """Give the customers for whom a condition holds (an empty one: all), page by page in the order of their ids.

    Raises ExpressionError and UnknownFact; Refused for who sees personal fields masked, and could not tell what to
    change.
    """
    require_sight(session)
    last = after
    while True:
        page = page_of(session, where, last)
        if not page:
            return
        last = page[-1].id
        yield page


def page_of(session: CrmSession, where: str, after: UUID | None, size: int = PAGE) -> list[Customer]:
    """Return the next customers for whom a condition holds."""
    query = select(Customer).where(Customer.deleted_at.is_(None)).order_by(Customer.id).limit(size)
    if where.strip():
        query = query.where(Customer.id.in_(customers_where(session, where)))
    if after is not None:
        query = query.where(Customer.id > after)
    return list(session.scalars(query.options(selectinload(Customer.contact_points))))


def require_sight(session: CrmSession) -> None:
    """Raise Refused for who does not see personal fields in full."""
    if session.level(Customer, "personal") != "full":
        raise Refused(_("Only who sees the personal fields of customers in full can clean them."))


def sees_points(session: CrmSession) -> bool:
    """Say whether the session's actor sees contact points in full."""
    return session.level(Customer, "sensitive") == "full"


def propose(customer: Customer, cleaners: Sequence[Cleaner], *, points: bool) -> Proposed | None:
    """Return what cleaners would change of a customer, or None."""
    fields = fields_of(customer)
    found: list[Proposal] = []
    for name in TEXTS:
        value = getattr(customer, name)
        if value:
            after, by = cleaned(name, value, fields, cleaners)
            if by and not (name == "name" and not after):
                found.append(Proposal(about=name, before=value, after=after, by=by))
    for point in customer.contact_points if points else ():
        if point.kind in POINTS and point.value:
            after, by = cleaned(point.kind, point.value, fields, cleaners)
            if by and after:
                found.append(
                    Proposal(about=point.kind, before=point.value, after=after, by=by, contact_point_id=point.id)
                )
    if not found:
        return None
    return Proposed(customer_id=customer.id, name=customer.name, version=customer.version, changes=tuple(found))


def fields_of(customer: Customer) -> Mapping[str, Any]:
    """Return the fields of a customer that cleaners look at beside the value itself."""
    return {name: getattr(customer, name) or "" for name in ("kind", "country", "province")}
