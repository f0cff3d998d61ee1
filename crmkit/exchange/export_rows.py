"""The rows of an export: customers, purchases line by line, interactions, products, as an import reads them back.

Reads page by page by key, so memory stays flat. Must not know files. What names a record is its id here, or the id that
it had in another crmkit from which it came: so that exporting, importing elsewhere and exporting again gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, selectinload

from crmkit.core.access.models import Team, User
from crmkit.core.business.money import Money
from crmkit.core.customers.conditions import Condition, where
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.fields import sealed_names
from crmkit.core.customers.models import Consent, Customer, CustomerIdentifier, custom_of
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.models import Interaction, Product, ProductCategory, PurchaseLine
from crmkit.core.store.opening import in_the_open, plain
from crmkit.core.store.sealed import is_masked, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput
from crmkit.exchange.customer_values import OWN
from crmkit.exchange.export_contacts import contact_columns
from crmkit.exchange.leaving import check_purpose, consenting
from crmkit.i18n import texts

_ = texts("crmkit")

PAGE = 1000
MAX_LEVELS = 50
"""How deeply organisations may belong to each other in an export."""
PURCHASE_KINDS = ("purchase", "refund")

CUSTOMER_COLUMNS = (
    "crmkit_id", "kind", "standing", "converted_at", "name", "sort_name", "family_name", "given_name", "middle_name",
    "salutation", "job_title", "organization", "organization_id", "email", "phone", "mobile", "street", "district",
    "postal_code", "city", "province", "country", "birth_date", "gender", "occupation", "language", "time_zone",
    "identity_kind", "identity_number", "industry", "size", "registration_number", "website", "source", "tags",
    "interests", "identifiers", "contact_points", "preferences", "consents", "owner", "team",
)  # fmt: skip
INTERACTION_COLUMNS = (
    "source", "external_id", "kind", "channel", "direction", "customer", "customer_source", "occurred_at", "subject",
    "body", "amount", "currency", "duration", "outcome", "thread", "visibility", "payload",
)  # fmt: skip
PURCHASE_COLUMNS = (
    "source", "invoice", "kind", "refund_of", "customer", "customer_source", "occurred_at", "channel", "currency",
    "line_no", "sku", "description", "quantity", "unit_price", "amount", "payload",
)  # fmt: skip
PRODUCT_COLUMNS = ("sku", "title", "category", "category_title", "kind", "active")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customers": CUSTOMER_COLUMNS,
    "interactions": INTERACTION_COLUMNS,
    "purchases": PURCHASE_COLUMNS,
    "products": PRODUCT_COLUMNS,
}
_SEALED: Mapping[str, tuple[str, ...]] = {
    "customers": ("email", "phone", "mobile", "street", "district", "postal_code", "contact_points"),
    "interactions": ("subject", "body", "payload"),
    "purchases": ("payload",),
}
"""Columns that are filled from what is sealed, besides sealed fields of their names."""
Cells = list[Any]


def is_own(resource: str, columns: Sequence[str]) -> bool:
    """Say whether a table was written by an export of crmkit; then it is read to the letter."""
    return resource in COLUMNS and set(COLUMNS[resource]) <= set(columns)


def columns_of(session: CrmSession, resource: str) -> tuple[str, ...]:
    """Return the columns of an export, those of custom fields last."""
    columns = COLUMNS[resource]
    if resource != "customers":
        return columns
    config = session.crm.config.get(session)
    return (*columns, *(f"custom.{name}" for name in config.custom_fields.get("customer", {})))


def left_out_of(session: CrmSession, resource: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns whose cells are empty where what is sealed is not revealed: of interactions, those of kinds
    that are searchable are not."""
    sealed = {*_SEALED.get(resource, ())}
    if resource == "customers":
        sealed |= sealed_names(session.crm.config.get(session))
    return tuple(name for name in columns if name in sealed)


def rows_of(
    session: CrmSession,
    resource: str,
    conditions: Sequence[str],
    columns: Sequence[str],
    *,
    whole: bool,
    purpose: str | None = None,
) -> Iterator[Cells]:
    """Return the rows of an export, with what is sealed where ``whole`` says so, and else with empty cells; with a
    ``purpose`` those alone that are about customers who allow it.

    Raises InvalidInput for a condition that cannot be read, or a purpose that there is not.
    """
    check_purpose(session, resource, purpose)
    makers: dict[str, Callable[[_Asked], Iterator[Cells]]] = {
        "customers": _customers,
        "interactions": _interactions,
        "purchases": _purchases,
        "products": _products,
    }
    asked = _Asked(session=session, conditions=tuple(conditions), columns=tuple(columns), whole=whole, purpose=purpose)
    return makers[resource](asked)


@frozen(kw_only=True)
class _Asked:
    """What is asked of an export."""

    session: CrmSession
    conditions: tuple[str, ...]
    columns: tuple[str, ...]
    whole: bool
    purpose: str | None

    def allowed(self, found: Sequence[Any], customer_of: Callable[[Any], UUID | None]) -> list[Any]:
        """Return the records that may leave: all of them, or with a purpose those about customers who allow it."""
        if self.purpose is None:
            return list(found)
        ids = {id_ for one in found if (id_ := customer_of(one)) is not None}
        allowing = consenting(self.session, ids, self.purpose)
        return [one for one in found if customer_of(one) in allowing]


def _pages(session: CrmSession, query: Select[Any], key: Any) -> Iterator[list[Any]]:
    """Return the records of a query page by page, in the order of a key, and forget them behind."""
    last: UUID | str | None = None
    while True:
        part = query if last is None else query.where(key > last)
        found = list(session.scalars(part.order_by(key).limit(PAGE)))
        if not found:
            return
        yield found
        last = getattr(found[-1], key.key)
        session.expunge_all()


# --- customers -------------------------------------------------------------------------------------------------------


def _customers(asked: _Asked) -> Iterator[Cells]:
    """Organisations that belong to none come first, then what belongs to them: so each finds its own on import."""
    session, whole = asked.session, asked.whole
    wanted = [where(session, Condition.parse(text)) for text in asked.conditions]
    custom = [name[7:] for name in asked.columns if name.startswith("custom.")]
    logins = dict(session.execute(select(User.id, User.login)).all())
    teams = dict(session.execute(select(Team.id, Team.name)).all())
    for level in range(MAX_LEVELS):
        for kind in ("organization", "person"):
            query = (
                _level(level)
                .where(Customer.kind == kind, *wanted)
                .options(
                    selectinload(Customer.contact_points),
                    selectinload(Customer.tags),
                    selectinload(Customer.identifiers),
                )
            )
            for found in _pages(session, query, Customer.id):
                parents = _parents(session, found)
                consents = _consents(session, [one.id for one in found], whole=whole)
                for one in asked.allowed(found, lambda one: one.id):
                    values = _customer(one, parents, whole=whole)
                    values["owner"] = logins.get(one.owner_id) if one.owner_id else None
                    values["team"] = teams.get(one.team_id) if one.team_id else None
                    values["consents"] = consents.get(one.id)
                    cells = [values[name] for name in CUSTOMER_COLUMNS]
                    shown: Mapping[str, Any] = (
                        custom_of(one) if whole else custom_parts(_unmasked(one.custom_open), None)
                    )
                    cells.extend(shown.get(name) for name in custom)
                    yield cells
        if session.scalar(_level(level + 1).with_only_columns(Customer.id).limit(1)) is None:
            return


def _level(level: int) -> Select[Any]:
    """Return the query for customers with so many organisations above them."""
    query = select(Customer).where(Customer.deleted_at.is_(None))
    below: Any = Customer
    for _step in range(level):
        above = aliased(Customer)
        query = query.join(above, (above.id == below.parent_id) & above.deleted_at.is_(None))
        below = above
    top = aliased(Customer)
    query = query.join(top, (top.id == below.parent_id) & top.deleted_at.is_(None), isouter=True)
    return query.where(top.id.is_(None))


def _parents(session: CrmSession, found: Sequence[Customer]) -> dict[UUID, tuple[str, str]]:
    """Return the name and the exported id of each organisation that customers belong to."""
    ids = {one.parent_id for one in found if one.parent_id is not None}
    parents: dict[UUID, tuple[str, str]] = {}
    for part in chunks(ids):
        query = select(Customer.id, Customer.name).where(Customer.id.in_(part), Customer.deleted_at.is_(None))
        names = dict(session.execute(query).all())
        own = own_ids(session, list(names))
        parents.update({id_: (name, own[id_]) for id_, name in names.items()})
    return parents


def own_ids(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the exported id of each customer."""
    found = {id_: str(id_) for id_ in ids}
    for part in chunks(found):
        query = select(CustomerIdentifier.customer_id, CustomerIdentifier.external_id).where(
            CustomerIdentifier.source == OWN, CustomerIdentifier.customer_id.in_(part)
        )
        found.update(dict(session.execute(query).all()))
    return found


def _customer(one: Customer, parents: Mapping[UUID, tuple[str, str]], *, whole: bool) -> dict[str, Any]:
    sealed = sealed_fields(Customer)
    values: dict[str, Any] = {
        name: plain(one, name) if whole else None if name in sealed else _unmasked(getattr(one, name))
        for name in CUSTOMER_COLUMNS
        if name in Customer.__table__.c and name not in ("preferences",)
    }
    own = next((item.external_id for item in one.identifiers if item.source == OWN), str(one.id))
    values["crmkit_id"] = own
    name, id_ = parents.get(one.parent_id, (None, None)) if one.parent_id else (None, None)
    values["organization"], values["organization_id"] = name, id_
    for kind, column in (("tag", "tags"), ("interest", "interests")):
        values[column] = _listed(sorted(item.name for item in one.tags if item.kind == kind))
    identifiers = sorted((item.source, item.external_id) for item in one.identifiers if item.source != OWN)
    values["identifiers"] = [{"source": source, "external_id": id_} for source, id_ in identifiers] or None
    values["preferences"] = (plain(one, "preferences") if whole else _unmasked(one.preferences)) or None
    values.update(contact_columns(one) if whole else dict.fromkeys(_SEALED["customers"]))
    return values


def _consents(session: CrmSession, ids: Sequence[UUID], *, whole: bool) -> dict[UUID, list[dict[str, Any]]]:
    """Return the ledger of consents of each customer, in order; the evidence, which is sealed, with ``whole`` alone."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for part in chunks(ids):
        query = select(Consent).where(Consent.customer_id.in_(part))
        for one in session.scalars(query.order_by(Consent.occurred_at, Consent.recorded_at, Consent.id)):
            values = {
                "purpose": one.purpose,
                "channel": one.channel,
                "granted": one.granted,
                "occurred_at": one.occurred_at.isoformat(),
                "expires_at": one.expires_at.isoformat() if one.expires_at else None,
                "source": one.source,
                "evidence": plain(one, "evidence") if whole else None,
            }
            shown = {name: value for name, value in values.items() if value is not None}
            found.setdefault(one.customer_id, []).append(shown)
    return found


def _unmasked(value: Any) -> Any:
    return None if is_masked(value) else value


def _listed(names: Sequence[str]) -> Any:
    if any(char in name for name in names for char in ';；,，、[]"') or any(name != name.strip() for name in names):
        return list(names)
    return ";".join(names) or None


# --- interactions and purchases --------------------------------------------------------------------------------------


def _stream(conditions: Sequence[str], *, purchases: bool) -> Select[Any]:
    """What was reversed and the reversals themselves are left out: together they say that nothing happened."""
    if conditions:
        raise InvalidInput(_("Conditions are for exports of customers."))
    reversal = aliased(Interaction)
    is_purchase = Interaction.kind.in_(PURCHASE_KINDS)
    return (
        select(Interaction)
        .outerjoin(reversal, reversal.reverses_id == Interaction.id)
        .where(reversal.id.is_(None), Interaction.reverses_id.is_(None), is_purchase if purchases else ~is_purchase)
    )


def _interactions(asked: _Asked) -> Iterator[Cells]:
    session, columns, whole = asked.session, asked.columns, asked.whole
    for found in _pages(session, _stream(asked.conditions, purchases=False), Interaction.id):
        customers = own_ids(session, [one.customer_id for one in found if one.customer_id])
        for one in asked.allowed(found, lambda one: one.customer_id):
            values = _common(one, customers, whole=whole)
            for name in ("direction", "duration", "outcome", "thread", "visibility"):
                values[name] = getattr(one, name)
            for name in ("subject", "body"):
                values[name] = plain(one, name) if whole else in_the_open(one, name)
            values["amount"] = _sum(one.amount_minor, one.currency)
            yield [values[name] for name in columns]


def _purchases(asked: _Asked) -> Iterator[Cells]:
    session, columns, whole = asked.session, asked.columns, asked.whole
    query = _stream(asked.conditions, purchases=True).options(
        selectinload(Interaction.lines).selectinload(PurchaseLine.product)
    )
    for found in _pages(session, query, Interaction.id):
        customers = own_ids(session, [one.customer_id for one in found if one.customer_id])
        about = _names(session, [one.about_id for one in found if one.about_id])
        for one in asked.allowed(found, lambda one: one.customer_id):
            values = _common(one, customers, whole=whole)
            values["invoice"] = values["external_id"]
            source, name = about.get(one.about_id, ("", None))
            values["refund_of"] = name if source == values["source"] else None
            blank = dict.fromkeys(("line_no", "sku", "description", "quantity", "unit_price", "amount"))
            if not one.lines:
                total = {"amount": _sum(one.amount_minor, one.currency)}
                yield [{**values, **blank, **total}[name] for name in columns]
            for line in one.lines:
                shown = {
                    "line_no": line.line_no,
                    "sku": line.product.sku if line.product else None,
                    "description": line.description,
                    "quantity": _number(line.quantity),
                    "unit_price": _number(line.unit_price),
                    "amount": _sum(line.amount_minor, one.currency),
                }
                yield [{**values, **shown}[name] for name in columns]


def _names(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID | None, tuple[str, str | None]]:
    """Return what interactions are called: the source, and the id that it gave them."""
    found: dict[UUID | None, tuple[str, str | None]] = {}
    for part in chunks(dict.fromkeys(ids)):
        query = select(Interaction.id, Interaction.source, Interaction.external_id).where(Interaction.id.in_(part))
        for id_, source, external_id in session.execute(query):
            named = source is not None and external_id is not None
            found[id_] = (source, external_id) if named else (OWN, str(id_))
    return found


def _common(one: Interaction, customers: Mapping[UUID, str], *, whole: bool) -> dict[str, Any]:
    named = one.source is not None and one.external_id is not None
    return {
        "source": one.source if named else OWN,
        "external_id": one.external_id if named else str(one.id),
        "kind": one.kind,
        "channel": one.channel,
        "customer": customers.get(one.customer_id) if one.customer_id else None,
        "customer_source": OWN if one.customer_id else None,
        "occurred_at": one.occurred_at,
        "currency": one.currency,
        "payload": {**(one.payload_open or {}), **((plain(one, "payload_sealed") or {}) if whole else {})} or None,
    }


def _sum(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else f"{Money(minor, currency).value:f}"


def _number(value: Decimal | None) -> str | None:
    if value is None:
        return None
    return f"{value.normalize():f}" if value else "0"


# --- products --------------------------------------------------------------------------------------------------------


def _products(asked: _Asked) -> Iterator[Cells]:
    session = asked.session
    if asked.conditions:
        raise InvalidInput(_("Conditions are for exports of customers."))
    categories = {one.id: one for one in session.scalars(select(ProductCategory))}
    named = {id_: (one.name, one.title) for id_, one in categories.items()}
    for found in _pages(session, select(Product), Product.sku):
        for one in found:
            name, title = named.get(one.category_id, (None, None)) if one.category_id else (None, None)
            yield [one.sku, one.title, name, title, one.kind, one.active]
