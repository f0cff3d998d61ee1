"""Customers opened for comparing: everything by which it can be told whether two records are the same customer.

Whoever looks for duplicates, scores data or profiles it needs the sealed values of a whole base: here they are read as
rows, batch by batch, with the keys of a batch fetched at once. Must not know what is compared, and nothing of a profile
is ever to be shown to anybody: show the record instead, which masks what its reader may not see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from attrs import field, frozen
from sqlalchemy import ColumnElement, Connection, select

from crmkit.core.customers.contacts import ADDRESS_PARTS
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier
from crmkit.core.store.guard.regions import region
from crmkit.core.store.sealed import OpenItem
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, Erased

BATCH = 1000
"""Customers that are read at once: with their keys and rows some ten megabytes."""
WHY = "customers are compared; what is read is not shown"

_customer: Any = cast(Any, Customer).__table__
_point: Any = cast(Any, ContactPoint).__table__
_identifier: Any = cast(Any, CustomerIdentifier).__table__
_TEXTS = (
    "kind", "standing", "name", "family_name", "given_name", "middle_name", "gender", "registration_number",
    "job_title", "country", "province", "city", "website", "language", "source",
)  # fmt: skip
_PLAIN = (*_TEXTS, "parent_id", "owner_id", "team_id", "created_at", "updated_at")
_decode_date = msgspec.json.Decoder(date).decode
_decode_parts = msgspec.json.Decoder(dict[str, Any]).decode
_SEALED: Mapping[str, Any] = {
    "birth_date": _decode_date, "identity_number": bytes.decode, "custom_sealed": _decode_parts,
}  # fmt: skip
_COLUMNS = (_customer.c.id, *(_customer.c[name] for name in (*_PLAIN, *_SEALED, "custom")))
_PARENT = 1 + len(_TEXTS)
_FIRST_SEALED = 1 + len(_PLAIN)
_POINT_COLUMNS = tuple(_point.c[name] for name in ("id", "customer_id", "kind", "value", "details"))


@frozen(kw_only=True, slots=True)
class PostalAddress:
    """The parts of a postal address; what is not known is empty. An address that is known as one text alone has it as
    its ``street``."""

    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    postal_code: str = ""
    street: str = ""


@frozen(kw_only=True, slots=True)
class CustomerProfile:
    """Everything by which two customers can be compared, opened; never to be shown to anybody.

    Texts that are not known are empty. ``phones`` are in E.164, with ``x`` and an extension behind where there is one;
    ``identifiers`` are pairs of a source and the customer's id there; ``organization`` is the name of the organisation
    that a person belongs to. Instants are aware, in UTC.
    """

    id: UUID
    kind: str = "person"
    standing: str = "potential"
    name: str = ""
    family_name: str = ""
    given_name: str = ""
    middle_name: str = ""
    gender: str = ""
    birth_date: date | None = None
    identity_number: str = ""
    registration_number: str = ""
    organization: str = ""
    job_title: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    website: str = ""
    language: str = ""
    source: str = ""
    owner_id: UUID | None = None
    team_id: UUID | None = None
    created_at: datetime
    updated_at: datetime
    custom: Mapping[str, Any] = field(factory=dict[str, Any])
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<a profile of customer {self.id}>"


def customer_profiles(session: CrmSession, ids: Collection[UUID] | None = None) -> Iterator[CustomerProfile]:
    """Give the profiles of those customers that the session may see and that are not deleted, in the order of their
    ids; with ``ids`` of these only.

    They are read in batches, so memory stays flat whatever the size of the base. What was erased is empty. Raises
    SealBroken for a sealed value that was altered.
    """
    for part in _parts(session, ids):
        # The whole batch is made before any of it is handed out: who gets a profile is not to run in the region.
        with region(session, WHY):
            found = _profiles(session, part)
        yield from found


def _parts(session: CrmSession, ids: Collection[UUID] | None) -> Iterator[list[UUID]]:
    """Give the ids of the customers wanted, as the session's filter lets them through."""
    query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id)
    if ids is not None:
        listed = sorted(set(ids))
        for start in range(0, len(listed), BATCH):
            if found := list(session.scalars(query.where(Customer.id.in_(listed[start : start + BATCH])))):
                yield found
        return
    last: UUID | None = None
    while True:
        page = query if last is None else query.where(Customer.id > last)
        found = list(session.scalars(page.limit(BATCH)))
        if not found:
            return
        yield found
        last = found[-1]


def _profiles(session: CrmSession, ids: Sequence[UUID]) -> list[CustomerProfile]:
    connection = session.connection()
    rows = _rows(connection, _COLUMNS, _customer.c.id, ids)
    points = _rows(connection, _POINT_COLUMNS, _point.c.customer_id, ids, _point.c.position, _point.c.id)
    opened = _opened(session, rows, points)
    values = iter(opened[len(rows) * len(_SEALED) :])
    emails: dict[UUID, list[str]] = {}
    phones: dict[UUID, list[str]] = {}
    addresses: dict[UUID, list[PostalAddress]] = {}
    for _id, customer, kind, _value, _details in points:
        details, value = next(values) or {}, next(values)
        if kind == "address":
            addresses.setdefault(customer, []).append(_address(value, details))
        elif not value:
            continue
        elif kind == "email":
            emails.setdefault(customer, []).append(value)
        else:
            extension = details.get("extension")
            phones.setdefault(customer, []).append(f"{value}x{extension}" if extension else value)
    identifiers: dict[UUID, list[tuple[str, str]]] = {}
    named = (_identifier.c.customer_id, _identifier.c.source, _identifier.c.external_id)
    for customer, source, external in _rows(connection, named, _identifier.c.customer_id, ids, *named[1:]):
        identifiers.setdefault(customer, []).append((source, external))
    parents = _names(connection, {row[_PARENT] for row in rows if row[_PARENT] is not None})
    sealed = iter(opened)
    profiles: list[CustomerProfile] = []
    for row in rows:
        customer, *texts = row[:_PARENT]
        parent, owner, team, created, updated = row[_PARENT : _PARENT + 5]
        birth, number, hidden = next(sealed), next(sealed), next(sealed)
        shown = row[-1]
        profiles.append(
            CustomerProfile(
                id=customer,
                **dict(zip(_TEXTS, [text or "" for text in texts], strict=True)),
                birth_date=birth,
                identity_number=number or "",
                organization=parents.get(parent, ""),
                owner_id=owner,
                team_id=team,
                created_at=created,
                updated_at=updated,
                custom=custom_parts(shown, hidden) if shown or hidden else {},
                emails=tuple(emails.get(customer, ())),
                phones=tuple(phones.get(customer, ())),
                addresses=tuple(addresses.get(customer, ())),
                identifiers=tuple(identifiers.get(customer, ())),
            )
        )
    profiles.sort(key=lambda profile: profile.id.int)
    return profiles


def _rows(
    connection: Connection, columns: Sequence[Any], key: Any, ids: Iterable[UUID], *order: ColumnElement[Any]
) -> Sequence[Any]:
    query = select(*columns).where(key.in_(list(ids)))
    if key.table is _point:
        query = query.where(_point.c.kind.in_(("email", "phone", "address")))
    return connection.execute(query.order_by(*order)).all()


def _names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    query = select(_customer.c.id, _customer.c.name).where(_customer.c.id.in_(list(ids)))
    return {row[0]: row[1] for row in connection.execute(query)}


def _opened(session: CrmSession, rows: Sequence[Any], points: Sequence[Any]) -> list[Any]:
    """Return what is sealed in rows of customers and of contact points, in their order: of a customer the fields in
    `_SEALED`, of a contact point its details and its value; None for what is empty or erased."""
    items: list[OpenItem] = []
    places: list[tuple[int, Any]] = []
    found: list[Any] = [None] * (len(rows) * len(_SEALED) + len(points) * 2)
    place = 0
    for row in rows:
        for (name, decode), sealed in zip(_SEALED.items(), row[_FIRST_SEALED:-1], strict=True):
            if sealed is not None:
                items.append(OpenItem(table=_customer.name, field=name, record=row[0], sealed=sealed))
                places.append((place, decode))
            place += 1
    for point, _customer_id, kind, value, details in points:
        if details is not None:
            items.append(OpenItem(table=_point.name, field="details", record=point, sealed=details))
            places.append((place, _decode_parts))
        # Of an address the parts are compared, and the whole text only where there are none.
        if value is not None and (details is None or kind != "address"):
            items.append(OpenItem(table=_point.name, field="value", record=point, sealed=value))
            places.append((place + 1, bytes.decode))
        place += 2
    for (place, decode), value in zip(places, session.crm.vault.open_each(session, items), strict=True):
        if not isinstance(value, CrmkitError):
            found[place] = decode(value)
        elif not isinstance(value, Erased):
            raise value
    return found


def _address(value: str | None, details: Mapping[str, Any]) -> PostalAddress:
    parts = {name: str(details[name]) for name in ADDRESS_PARTS if details.get(name)}
    return PostalAddress(**parts) if parts else PostalAddress(street=value or "")
