"""The columns of an export that tell how a customer can be reached. Must not know other columns, or files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen

from crmkit.core.customers.contacts import ADDRESS_PARTS, written_address
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.store.opening import plain


@frozen(kw_only=True)
class _Point:
    """A contact point in full."""

    id: UUID
    kind: str
    value: str
    label: str | None
    preferred: bool
    verified_at: datetime | None
    details: Mapping[str, Any]

    @classmethod
    def of(cls, point: ContactPoint) -> _Point:
        """Return a contact point of the database."""
        return cls(
            id=point.id,
            kind=point.kind,
            value=plain(point, "value"),
            label=point.label,
            preferred=point.preferred,
            verified_at=point.verified_at,
            details=plain(point, "details"),
        )


def contact_columns(one: Customer) -> dict[str, Any]:
    """Return the columns of contact points: the short ones, and a list of all where those do not say everything."""
    points = [_Point.of(point) for point in sorted(one.contact_points, key=lambda item: (item.position, item.id))]
    found: dict[str, Any] = dict.fromkeys(("email", "phone", "mobile", "street", "district", "postal_code"))
    short: list[_Point] = []
    for column, kind, label in (("email", "email", None), ("mobile", "phone", "mobile"), ("phone", "phone", None)):
        fitting = [point for point in points if point.kind == kind and point.label == label and not point.details]
        if fitting:
            found[column] = fitting[0].value
            short.append(fitting[0])
    address = next((point for point in points if point.kind == "address"), None)
    if address is not None:
        for part in ("street", "district", "postal_code"):
            found[part] = address.details.get(part)
        if _is_short(one, address):
            short.append(address)
    kinds: set[str] = set()
    as_made = True
    for point in short:
        as_made = as_made and point.preferred is (point.kind not in kinds) and point.verified_at is None
        kinds.add(point.kind)
    if as_made and [point.id for point in short] == [point.id for point in points]:
        found["contact_points"] = None
    else:
        found["contact_points"] = [_point(point) for point in points]
    return found


def _is_short(one: Customer, address: _Point) -> bool:
    """Say whether an address is the one that the short columns make."""
    parts = {part: address.details.get(part) for part in ADDRESS_PARTS}
    wanted = {name: parts[name] for name in ("city", "province", "country")}
    return (
        address.label is None
        and any(parts[name] for name in ("street", "postal_code", "district"))
        and set(address.details) <= set(ADDRESS_PARTS)
        and wanted == {name: getattr(one, name) for name in wanted}
        and written_address({name: value for name, value in parts.items() if value}) == address.value
    )


def _point(point: _Point) -> dict[str, Any]:
    values = {
        "kind": point.kind,
        "value": point.value,
        "label": point.label,
        "preferred": point.preferred or None,
        "verified_at": point.verified_at.isoformat() if point.verified_at else None,
        "details": dict(sorted(point.details.items())) or None,
    }
    if point.kind == "phone" and point.details.get("extension"):
        values["value"] = f"{point.value};ext={point.details['extension']}"
        del values["details"]
    return {name: value for name, value in values.items() if value is not None}
