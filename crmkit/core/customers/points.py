"""The contact points of one customer as a set: adding, replacing, and keeping exactly one of each kind preferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.core.customers.events import ContactPointAdded, ContactPointChanged, ContactPointRemoved
from crmkit.core.customers.lookups import key_of
from crmkit.core.customers.models import ContactPoint, Customer, new_point
from crmkit.core.customers.tags import touch
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession

_CHANGEABLE = ("value", "label", "details", "preferred", "verified_at")


def add_points(session: CrmSession, customer: Customer, rows: Sequence[dict[str, Any]]) -> list[ContactPoint]:
    """Add the contact points that a customer does not have yet, behind the others. Returns those that were added."""
    known = {key_of(point) for point in customer.contact_points}
    kinds = {point.kind for point in customer.contact_points}
    position = max((point.position for point in customer.contact_points), default=-1)
    added: list[ContactPoint] = []
    for row in rows:
        if (row["kind"], row["match_key"]) not in known:
            position += 1
            values = {**row, "position": position, "preferred": row["preferred"] and row["kind"] not in kinds}
            point = new_point(values)
            customer.contact_points.append(point)
            added.append(point)
            session.emit(ContactPointAdded(customer_id=customer.id, contact_point_id=point.id, kind=point.kind))
    if added:
        touch(customer)
    return added


def replace_points(session: CrmSession, customer: Customer, rows: Sequence[dict[str, Any]]) -> bool:
    """Make rows the contact points of a customer; those that stay keep their ids. Returns whether anything changed."""
    known = {key_of(point): point for point in customer.contact_points}
    changed = False
    for row in rows:
        point = known.pop((row["kind"], row["match_key"]), None)
        if point is None:
            point = new_point(row)
            customer.contact_points.append(point)
            session.emit(ContactPointAdded(customer_id=customer.id, contact_point_id=point.id, kind=point.kind))
            changed = True
        else:
            values = {name: row[name] for name in _CHANGEABLE}
            values["verified_at"] = row["verified_at"] or point.verified_at
            changed = set_values(session, point, values) or changed
            if point.position != row["position"]:
                point.position = row["position"]
    for point in known.values():
        _drop(session, customer, point)
        session.emit(ContactPointRemoved(customer_id=customer.id, contact_point_id=point.id, kind=point.kind))
        changed = True
    if changed:
        touch(customer)
    return changed


def set_values(session: CrmSession, point: ContactPoint, values: dict[str, Any]) -> bool:
    """Change fields of a contact point and tell of those that differ. Returns whether any did."""
    fields = [name for name, value in values.items() if plain(point, name) != value]
    for name in fields:
        setattr(point, name, values[name])
    if fields:
        session.emit(
            ContactPointChanged(
                customer_id=point.customer_id, contact_point_id=point.id, kind=point.kind, fields=tuple(fields)
            )
        )
    return bool(fields)


def prefer(session: CrmSession, customer: Customer, chosen: ContactPoint) -> None:
    """Make a contact point the preferred one of its kind."""
    for point in customer.contact_points:
        if point.kind == chosen.kind:
            set_values(session, point, {"preferred": point is chosen})
    touch(customer)


def remove_point(session: CrmSession, customer: Customer, gone: ContactPoint) -> None:
    """Take a contact point away; where it was preferred, the first of its kind that is left is."""
    _drop(session, customer, gone)
    left = [point for point in customer.contact_points if point.kind == gone.kind]
    if gone.preferred and left:
        set_values(session, min(left, key=lambda point: point.position), {"preferred": True})
    touch(customer)
    session.emit(ContactPointRemoved(customer_id=customer.id, contact_point_id=gone.id, kind=gone.kind))


def _drop(session: CrmSession, customer: Customer, point: ContactPoint) -> None:
    customer.contact_points.remove(point)
    # Said outright: the history is written before the session would notice an orphan.
    session.delete(point)
