"""Customers in the past: how one stood at an instant, with everything that belongs to it, and what happened to it
since.

Instants are those of recording, in UTC: what crmkit knew then, not what had occurred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import Table, or_, select

from crmkit.core.customers.consents import ConsentStates, consents_at
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import ContactPoint, Customer, Relationship
from crmkit.core.customers.tags import identifiers_of, names_of
from crmkit.core.store.history import HistoryLine, history_about, walk_back
from crmkit.core.store.opening import values_of
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class PointSnapshot:
    """A contact point as it stood."""

    id: UUID
    kind: str
    value: str
    label: str | None
    preferred: bool
    verified_at: datetime | None
    details: Mapping[str, Any]


@frozen(kw_only=True)
class RelationshipSnapshot:
    """A relationship as it stood: what ``customer_id`` was to ``other_id``."""

    id: UUID
    customer_id: UUID
    other_id: UUID
    kind: str
    valid_from: date | None
    valid_to: date | None
    note: str | None


@frozen(kw_only=True)
class CustomerSnapshot:
    """A customer as it stood at an instant (UTC). ``fields`` are the columns of the customer by name."""

    id: UUID
    at: datetime
    fields: Mapping[str, Any]
    contact_points: tuple[PointSnapshot, ...]
    tags: tuple[str, ...]
    interests: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    """Pairs of source and external id."""
    relationships: tuple[RelationshipSnapshot, ...]
    consents: ConsentStates

    @property
    def deleted(self) -> bool:
        """Say whether the customer was deleted at the time."""
        return self.fields["deleted_at"] is not None


def customer_as_of(
    session: CrmSession, customer_id: UUID, at: datetime, *, whole: bool = False
) -> CustomerSnapshot | None:
    """Return how a customer stood at an instant, or None where it was not known yet or has been removed for good.

    ``whole`` is for the framework's own use: values come as they were, whatever the actor may see of them.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.created_at > at:
        return None
    lines = history_about(session, customer_id, whole=whole)
    own = [line for line in lines if line.record_id == customer_id]
    state = values_of(customer, whole=whole)
    state["tags"], state["interests"] = names_of(customer, "tag"), names_of(customer, "interest")
    state["identifiers"] = identifiers_of(customer)
    past = _typed(Customer.__table__, walk_back(state, own, at))
    tags, interests = past.pop("tags"), past.pop("interests")
    identifiers = past.pop("identifiers")
    past["custom"] = custom_parts(past["custom"], past.pop("custom_sealed"))
    points = _records(ContactPoint.__table__, customer.contact_points, lines, at, whole=whole)
    related = session.scalars(
        select(Relationship).where(or_(Relationship.customer_id == customer_id, Relationship.other_id == customer_id))
    )
    relationships = _records(Relationship.__table__, related, lines, at, whole=whole)
    return CustomerSnapshot(
        id=customer_id,
        at=at,
        fields={name: value for name, value in past.items() if name not in ("version", "updated_at", "name_key")},
        contact_points=tuple(
            PointSnapshot(**{name: point[name] for name in _names(PointSnapshot)})
            for point in sorted(points, key=lambda point: (point["position"], point["id"]))
        ),
        tags=tuple(tags),
        interests=tuple(interests),
        identifiers=tuple((source, external_id) for source, external_id in identifiers),
        relationships=tuple(
            RelationshipSnapshot(**{name: item[name] for name in _names(RelationshipSnapshot)})
            for item in sorted(relationships, key=lambda item: item["id"])
        ),
        consents=consents_at(session, customer_id, at, known_at=at),
    )


def _names(shape: type[Any]) -> list[str]:
    import attrs

    return [attribute.name for attribute in attrs.fields(shape)]


def _records(
    table: Table, present: Iterable[Any], lines: Iterable[HistoryLine], at: datetime, *, whole: bool
) -> list[dict[str, Any]]:
    """Return the records of a table that were there at an instant, as they stood: those that still are, and those that
    have gone since, which their history has kept."""
    by_record: dict[UUID, list[HistoryLine]] = {}
    for line in lines:
        if line.table_name == table.name:
            by_record.setdefault(line.record_id, []).append(line)
    states: dict[UUID, dict[str, Any]] = {record.id: values_of(record, whole=whole) for record in present}
    for record_id, own in by_record.items():
        if record_id not in states and own[0].kind == "delete" and own[0].recorded_at > at:
            states[record_id] = {"id": record_id}
    found: list[dict[str, Any]] = []
    for record_id, state in states.items():
        past = _typed(table, walk_back(state, by_record.get(record_id, ()), at))
        if past["created_at"] <= at:
            found.append(past)
    return found


def _typed(table: Table, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state with the values that come from the history, which is JSON, in their columns' types."""
    return {name: typed_value(table, name, value) if isinstance(value, str) else value for name, value in state.items()}


def typed_value(table: Table, name: str, value: str) -> Any:
    """Return a value in the type of its column for its JSON form."""
    column = table.c.get(name)
    if column is None or is_masked(value):
        return value
    kind: Any = column.type.python_type
    if kind in (datetime, date):
        return cast(Any, kind).fromisoformat(value)
    return kind(value) if kind in (UUID, Decimal) else value
