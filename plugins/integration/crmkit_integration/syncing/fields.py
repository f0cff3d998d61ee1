"""The fields of a customer that can be synchronised: read as plain values, and written by the operations on customers.

Read as the user whom a synchronisation acts as: what is masked for that user is not sent anywhere. Must not know other
systems.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit import CrmSession, Customer, InvalidInput, Problem, texts

_ = texts("crmkit_integration")

PLAIN = (
    "kind", "name", "family_name", "given_name", "middle_name", "salutation", "job_title", "gender", "occupation",
    "language", "time_zone", "industry", "size", "registration_number", "website", "country", "province", "city",
    "birth_date",
)  # fmt: skip
"""Columns of a customer."""
LISTS = {"tags": "tag", "interests": "interest"}
POINTS = {"emails": "email", "phones": "phone"}
"""Contact points of a kind, all of them."""
FIELDS = (*PLAIN, *LISTS, *POINTS)
CUSTOM = "custom."
SENSITIVE = ("birth_date", *POINTS)


@frozen(kw_only=True)
class OwnRecord:
    """A customer as the user of a synchronisation sees it; ``version`` is the one that was read. Where it is merged,
    deleted or gone there are no values."""

    id: UUID
    values: Mapping[str, Any] = field(repr=False)
    version: int
    changed_at: datetime
    deleted: bool = False


def check_fields(session: CrmSession, names: Collection[str]) -> None:
    """Raise InvalidInput for a field that cannot be synchronised, or that the session's actor does not see in full."""
    problems: list[Problem] = []
    custom = session.crm.config.get(session).custom_fields.get("customer", {})
    for name in names:
        if name.startswith(CUSTOM):
            info = custom.get(name.removeprefix(CUSTOM))
            known, classified = info is not None, getattr(info, "classified", "sensitive")
        else:
            known, classified = name in FIELDS, "sensitive" if name in SENSITIVE else "personal"
        place = f"fields.{name}"
        if not known:
            message = _("There is no such field; there are {known}.")
            known_names = ", ".join((*FIELDS, "custom.…"))
            problems.append(Problem(InvalidInput.code, message, field=place, value=name, known=known_names))
        elif classified in ("personal", "sensitive", "text") and session.level(Customer, classified) != "full":
            message = _("Whoever it acts as does not see this field in full.")
            problems.append(Problem(InvalidInput.code, message, field=place, value=name))
    if problems:
        raise InvalidInput(problems)


def read_own(session: CrmSession, ids: Collection[UUID], names: Sequence[str]) -> dict[UUID, OwnRecord]:
    """Return customers by their ids as the session's actor sees them; those who are not seen are left out."""
    query = (
        select(Customer)
        .where(Customer.id.in_(list(ids)))
        .options(selectinload(Customer.contact_points), selectinload(Customer.tags))
    )
    return {
        each.id: OwnRecord(
            id=each.id,
            values={name: _value(each, name) for name in names},
            version=each.version,
            changed_at=each.updated_at,
            deleted=each.deleted_at is not None,
        )
        for each in session.scalars(query)
    }


def _value(customer: Customer, name: str) -> Any:
    if name in LISTS:
        return sorted(each.name for each in customer.tags if each.kind == LISTS[name])
    if name in POINTS:
        return sorted({_open(each.value, name) for each in customer.contact_points if each.kind == POINTS[name]})
    if name.startswith(CUSTOM):
        return plain_value(_open((customer.custom or {}).get(name.removeprefix(CUSTOM)), name))
    return plain_value(_open(getattr(customer, name), name))


def plain_value(value: Any) -> Any:
    """Return a value as it crosses the border: days as text, numbers as they are, lists sorted."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return sorted(str(each) for each in value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)


def _open(value: Any, name: str) -> Any:
    """Return a value that is not masked. Raises InvalidInput for one that is."""
    if isinstance(value, str) and type(value) is not str:
        message = _("Whoever it acts as does not see this field in full.")
        raise InvalidInput([Problem(InvalidInput.code, message, field=f"fields.{name}", value=name)])
    return value


def changes_of(session: CrmSession, customer_id: UUID | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of the operation that gives a customer, or a new one, some values."""
    changes: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, value in values.items():
        if name in POINTS:
            continue
        if name.startswith(CUSTOM):
            custom[name.removeprefix(CUSTOM)] = value
        else:
            changes[name] = (value or []) if name in LISTS else value
    if custom:
        changes["custom"] = custom
    wanted = {POINTS[name]: list(value or ()) for name, value in values.items() if name in POINTS}
    if wanted:
        customer = session.get_one(Customer, customer_id) if customer_id is not None else None
        changes["contact_points"] = _points(customer, wanted)
    return changes


def _points(customer: Customer | None, wanted: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return all contact points of a customer, those of the kinds wanted as they are to be; what is known of those that
    stay is kept."""
    points: list[dict[str, Any]] = []
    left = {kind: list(values) for kind, values in wanted.items()}
    for each in customer.contact_points if customer is not None else ():
        if each.kind in left:
            if each.value not in left[each.kind]:
                continue
            left[each.kind].remove(each.value)
        points.append(
            {
                "kind": each.kind,
                "value": each.value,
                "label": each.label,
                "preferred": each.preferred,
                "verified_at": each.verified_at,
                "details": dict(each.details or {}),
            }
        )
    points.extend({"kind": kind, "value": value} for kind, values in left.items() for value in values)
    return points
