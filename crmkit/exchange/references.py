"""Which customer a row of purchases or interactions belongs to.

Must not know files. A customer is named by an external id, an e-mail address or a phone number; ids of crmkit itself
are looked up here, all others by the operation that records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.lookups import customers_by_contact, customers_by_identifier
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.ids import parse_id
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.errors import Problem
from crmkit.exchange.convert import column_problem
from crmkit.exchange.customer_values import OWN, with_country
from crmkit.exchange.customers_in import KNOWING_CUSTOMERS, own_customers
from crmkit.exchange.rows import problem
from crmkit.exchange.units import Built
from crmkit.i18n import texts

_ = texts("crmkit")

_COLUMNS = {
    "customer": "customer",
    "customer.external_id": "customer",
    "customer.source": "customer_source",
    "customer.email": "customer_email",
    "customer.phone": "customer_phone",
    "customer_id": "customer",
    "external_id": "external_id",
    "about_external_id": "refund_of",
}
Pair = tuple[str, str]


def take_reference(values: dict[str, Any], source: str, region: str | None) -> dict[str, Any] | None:
    """Take the fields that name the customer out of a row's values and return them as a reference, or None."""
    reference: dict[str, Any] = {}
    external = values.pop("customer", None)
    named = values.pop("customer_source", None)
    if external is not None:
        reference["source"] = named or source
        reference["external_id"] = external
    email, phone = values.pop("customer_email", None), values.pop("customer_phone", None)
    if email is not None:
        reference["email"] = email
    if phone is not None:
        reference["phone"] = with_country(phone, region)
    return reference or None


def resolve_own(session: CrmSession, units: Sequence[Built], column_of: Mapping[str, str]) -> None:
    """Replace references by ids of crmkit by the customers that they are."""
    wanted: dict[str, list[Built]] = {}
    for unit in units:
        reference = unit.values.get("customer")
        if reference and reference.get("source") == OWN:
            wanted.setdefault(reference["external_id"], []).append(unit)
    if not wanted:
        return
    known = own_customers(session, set(wanted))
    for own, named in wanted.items():
        for unit in named:
            if own in known:
                unit.values["customer_id"] = known[own]
                del unit.values["customer"]
            else:
                wrong = problem(_("No customer is known by this."), field=column_of.get("customer"), value=own)
                unit.reject([wrong])


def recorded_here(session: CrmSession, units: Sequence[Built]) -> dict[int, UUID]:
    """Return the interactions that units name by their id in this database, by the place of the unit."""
    ids = {
        id_: place
        for place, unit in enumerate(units)
        if unit.values.get("source") == OWN and (id_ := parse_id(unit.values.get("external_id") or "")) is not None
    }
    found: dict[int, UUID] = {}
    for part in chunks(ids):
        for id_ in session.scalars(select(Interaction.id).where(Interaction.id.in_(part))):
            found[ids[id_]] = id_
    return found


def create_missing(session: CrmSession, units: Sequence[Built], names: Mapping[int, str | None]) -> None:
    """Add a customer for each reference that nobody answers to; ``names`` by the place of the unit."""
    hold(session, KNOWING_CUSTOMERS)
    keys: dict[int, list[Pair]] = {}
    for place, unit in enumerate(units):
        reference = unit.values.get("customer")
        if reference:
            keys[place] = list(_keys(reference))
    every = {key for found in keys.values() for key in found}
    known = set(customers_by_identifier(session, {(key[0][3:], key[1]) for key in every if key[0].startswith("id:")}))
    reached = customers_by_contact(session, {key for key in every if not key[0].startswith("id:")})
    seen: set[Pair] = {(f"id:{source}", external) for source, external in known} | set(reached)
    new: list[dict[str, Any]] = []
    for place, found in keys.items():
        if not found or any(key in seen for key in found):
            continue
        seen.update(found)
        reference = units[place].values["customer"]
        values: dict[str, Any] = {
            "name": names.get(place) or (None if reference.get("email") else reference.get("external_id")),
            "email": reference.get("email"),
            "phone": reference.get("phone"),
            "standing": "customer",
        }
        if "external_id" in reference:
            values |= {"external_id": reference["external_id"], "identifier_source": reference["source"]}
        new.append({name: value for name, value in values.items() if value is not None})
    if new:
        # One that is refused leaves its purchases without a customer, and they are refused with that as the reason.
        session.run_many("customer.create", new)


def _keys(reference: Mapping[str, Any]) -> list[Pair]:
    found: list[Pair] = []
    if "external_id" in reference:
        found.append((f"id:{reference['source']}", reference["external_id"]))
    for kind in ("email", "phone"):
        key = match_key(kind, reference[kind]) if kind in reference else None
        if key is not None:
            found.append((kind, key))
    return found


def explain(problems: Sequence[Problem], column_of: Mapping[str, str]) -> list[Problem]:
    """Return an operation's problems with the headings of the columns that they are about."""
    found: list[Problem] = []
    for one in problems:
        field = one.field or ""
        if field.startswith("lines."):
            field = field.split(".", 2)[-1]
        found.append(column_problem(one, column_of, _COLUMNS.get(field, field)))
    return found
