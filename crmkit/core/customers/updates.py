"""Changing customers: one, or many at once. A change is planned and checked whole before any record is touched, so that
one that is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit.core.customers.bulk import setting_of, write
from crmkit.core.customers.checks import Setting, check_fields, check_identity
from crmkit.core.customers.contacts import ADDRESS_PARTS
from crmkit.core.customers.custom import custom_values, json_problem
from crmkit.core.customers.drafts import SHORT_POINTS, collect_identifiers, collect_points, collect_tags
from crmkit.core.customers.events import CustomersCreated, CustomersUpdated, in_batches
from crmkit.core.customers.inputs import CustomerChange, CustomerUpdate
from crmkit.core.customers.models import Customer, CustomerIdentifier, custom_of
from crmkit.core.customers.names import NameParts, folded, sort_name, split_name, whole_name
from crmkit.core.customers.points import add_points, replace_points
from crmkit.core.customers.references import (
    check_circles,
    check_identifiers,
    check_references,
    chunks,
    organization_drafts,
)
from crmkit.core.customers.tags import identifiers_of, keep_set, set_tags, touch
from crmkit.core.operations.inputs import given
from crmkit.core.operations.operation import operation
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, StaleWrite
from crmkit.i18n import texts

_ = texts("crmkit")

_BESIDE = frozenset(
    {*SHORT_POINTS, "street", "district", "postal_code", "contact_points", "tags", "interests", "preferences", "custom"}
    | {"organization", "external_id", "identifier_source", "identifiers"}
)
"""Fields of a change that are not columns of the customer."""
_NAMES = ("name", "family_name", "given_name", "middle_name")


@define(kw_only=True)
class Plan:
    """A checked change to one customer. ``row`` has the new values of columns; ``error`` is set where it is refused."""

    customer: Customer
    row: dict[str, Any] = field(factory=dict[str, Any])
    tags: dict[str, list[str]] = field(factory=dict[str, list[str]])
    points: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    whole: list[dict[str, Any]] | None = None
    """All contact points, where they are replaced."""
    identifiers: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    organization: str | None = None
    error: CrmkitError | None = None

    @property
    def id(self) -> UUID:
        """Return the customer's id."""
        return self.customer.id


def plan_of(customer: Customer, changes: CustomerUpdate, setting: Setting) -> Plan:
    """Return the plan of a change. Problems are in its ``error``."""
    values, problems = given(changes), list[Problem]()
    row = {name: value for name, value in values.items() if name not in _BESIDE}
    check_fields(row, setting, problems)
    if "identity_kind" in row or "identity_number" in row:
        kind = row.get("identity_kind", plain(customer, "identity_kind"))
        number = row.get("identity_number", plain(customer, "identity_number"))
        row["identity_number"] = check_identity(kind, number, problems)
    if any(name in row for name in (*_NAMES, "sort_name", "kind")):
        _rename(customer, row, problems)
    plan = Plan(customer=customer, row=row)
    _plan_points(plan, values, setting, problems)
    found = collect_tags(values.get("tags", ()), values.get("interests", ()), problems)
    for kind, name in (("tag", "tags"), ("interest", "interests")):
        if name in values:
            plan.tags[kind] = [tag for tag_kind, tag in found if tag_kind == kind]
    source = values.get("identifier_source") or values.get("source") or customer.source
    plan.identifiers = collect_identifiers(values.get("external_id"), source, values.get("identifiers", ()), problems)
    if "organization" in values:
        plan.organization = values["organization"] or None
        if values["organization"] is None:
            row["parent_id"] = None
        elif plan.organization and not folded(plan.organization):
            plan.organization = None
    _merge(plan, values, setting, problems)
    _check_required(plan, values, setting, problems)
    if problems:
        plan.error = InvalidInput(problems)
    return plan


def _rename(customer: Customer, row: dict[str, Any], problems: list[Problem]) -> None:
    old = NameParts(
        family=plain(customer, "family_name"),
        given=plain(customer, "given_name"),
        middle=plain(customer, "middle_name"),
    )
    called, sorted_as = plain(customer, "name"), plain(customer, "sort_name")
    parts = NameParts(
        family=row.get("family_name", old.family),
        given=row.get("given_name", old.given),
        middle=row.get("middle_name", old.middle),
    )
    name = row.get("name", called)
    if "name" not in row and parts != old and called == whole_name(old):
        name = whole_name(parts)
    elif "name" in row and parts == old and name != called:
        # The parts of another name are not those of this one.
        parts = split_name(name) if name and row.get("kind", customer.kind) == "person" else NameParts()
    if not name or name.isspace():
        problems.append(Problem("CK500", _("A name is required."), field="name"))
        return
    row.update(name=name[:300], family_name=parts.family, given_name=parts.given, middle_name=parts.middle)
    row["name_key"] = folded(row["name"])
    if not row.get("sort_name"):
        given_by_hand = sorted_as != sort_name(called, old) and "sort_name" not in row
        row["sort_name"] = sorted_as if given_by_hand else sort_name(row["name"], parts)


def _plan_points(plan: Plan, values: Mapping[str, Any], setting: Setting, problems: list[Problem]) -> None:
    customer, row = plan.customer, plan.row
    short = {name: values[name] for name in (*SHORT_POINTS, *ADDRESS_PARTS) if values.get(name)}
    if any(name in short for name in ("street", "district", "postal_code")):
        for name in ("country", "province", "city"):
            here = row.get(name, plain(customer, name))
            if here:
                short[name] = here
    region = row.get("country", plain(customer, "country")) if not problems else None
    region = region or setting.config.country
    if short:
        plan.points = collect_points((), short, region, problems)
    if "contact_points" in values:
        plan.whole = collect_points(values["contact_points"], {}, region, problems)


def _merge(plan: Plan, values: Mapping[str, Any], setting: Setting, problems: list[Problem]) -> None:
    if values.get("preferences"):
        flaw = json_problem(values["preferences"], "preferences")
        if flaw is not None:
            problems.append(flaw)
        plan.row["preferences"] = _laid_over(plain(plan.customer, "preferences"), values["preferences"])
    if values.get("custom"):
        changed = custom_values(setting.config, "customer", values["custom"], problems)
        plan.row["custom"] = _laid_over(custom_of(plan.customer), changed)


def _laid_over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**old, **new}.items() if value is not None}


def _check_required(plan: Plan, values: Mapping[str, Any], setting: Setting, problems: list[Problem]) -> None:
    for name in sorted(setting.config.required.get("customer", ())):
        column = "parent_id" if name == "organization" else name
        emptied = column in plan.row and name not in ("preferences", "custom") and plan.row[column] in (None, "")
        emptied = emptied and not (column == "parent_id" and plan.organization)
        tagless = name in ("tags", "interests") and name in values and not values[name]
        pointless = plan.whole is not None and name in ("email", "phone", "address")
        if emptied or tagless or (pointless and not any(point["kind"] == name for point in plan.whole or ())):
            problems.append(Problem("CK500", _("This is required."), field=name))
    if "custom" in plan.row:
        for name, info in setting.config.custom_fields.get("customer", {}).items():
            if info.required and name in values["custom"] and name not in plan.row["custom"]:
                problems.append(Problem("CK500", _("This is required."), field=f"custom.{name}"))


def apply_plans(session: CrmSession, plans: Sequence[Plan]) -> None:
    """Check what plans refer to and carry out those that are not refused, with events."""
    check_references(session, plans)
    check_identifiers(session, plans)
    organizations = organization_drafts(session, plans)
    check_circles(session, plans)
    _check_kinds(session, plans)
    if organizations:
        write(session, organizations)
        session.emit(*in_batches(lambda ids: CustomersCreated(customer_ids=ids), [item.id for item in organizations]))
    changed: list[UUID] = []
    fields: set[str] = set()
    for plan in plans:
        if plan.error is None:
            names = _apply(session, plan)
            if names:
                changed.append(plan.id)
                fields |= names
    session.emit(*in_batches(lambda ids: CustomersUpdated(customer_ids=ids, fields=tuple(sorted(fields))), changed))


def _apply(session: CrmSession, plan: Plan) -> set[str]:
    customer, names = plan.customer, set[str]()
    for name, value in plan.row.items():
        # Read first: a value that is not loaded would be missing from the history.
        if (custom_of(customer) if name == "custom" else plain(customer, name)) != value:
            setattr(customer, name, value)
            names.add(name)
    for kind, tags in plan.tags.items():
        if set_tags(session, customer, kind, tags):
            names.add("tags" if kind == "tag" else "interests")
    if plan.whole is not None and replace_points(session, customer, plan.whole):
        names.add("contact_points")
    if plan.points and add_points(session, customer, plan.points):
        names.add("contact_points")
    known = identifiers_of(customer)
    added = [pair for pair in plan.identifiers if pair not in known]
    if added:
        customer.identifiers.extend(CustomerIdentifier(source=source, external_id=id_) for source, id_ in added)
        touch(customer)
        keep_set(session, customer, "identifiers", known, sorted([*known, *added]))
        names.add("identifiers")
    return names - {"name_key"}


def _check_kinds(session: CrmSession, plans: Sequence[Plan]) -> None:
    """Refuse to make a person of an organisation that others belong to."""
    wanted = {
        plan.id: plan
        for plan in plans
        if plan.error is None and plan.row.get("kind") == "person" and plan.customer.kind == "organization"
    }
    for part in chunks(wanted):
        for parent_id in session.scalars(select(Customer.parent_id).where(Customer.parent_id.in_(part)).distinct()):
            if parent_id is not None:
                wanted[parent_id].error = InvalidInput(
                    [Problem("CK500", _("Others belong to this organisation."), field="kind", value="person")]
                )


@operation("customer.update", title=_("Change the customer"), effect="update")
def update_customer(session: CrmSession, customer: Customer, changes: CustomerUpdate) -> Customer:
    """Change a customer; what is not given stays. Raises InvalidInput with every problem, AlreadyExists for an
    identifier that another customer has."""
    plan = plan_of(customer, changes, setting_of(session))
    apply_plans(session, [plan])
    if plan.error is not None:
        raise plan.error
    return customer


def update_many(session: CrmSession, changes: Sequence[CustomerChange]) -> list[UUID | CrmkitError]:
    """Change many customers; the bulk form of ``customer.update_many``. A customer that comes twice is changed by the
    first of its changes and the second is refused."""
    known: dict[UUID, Customer] = {}
    for part in chunks({change.id for change in changes}):
        loaded = session.scalars(
            select(Customer)
            .where(Customer.id.in_(part))
            .options(
                selectinload(Customer.contact_points), selectinload(Customer.tags), selectinload(Customer.identifiers)
            )
        )
        known.update((customer.id, customer) for customer in loaded)
    setting = setting_of(session)
    plans: dict[int, Plan] = {}
    results: list[UUID | CrmkitError] = []
    seen: set[UUID] = set()
    for place, change in enumerate(changes):
        customer = known.get(change.id)
        results.append(change.id)
        if customer is None:
            results[place] = NotFound(_("There is no such record: {id}."), id=change.id)
        elif change.id in seen or (change.version is not None and change.version != customer.version):
            results[place] = StaleWrite(fix=_("Read it again and repeat the change."))
        else:
            seen.add(change.id)
            plans[place] = plan_of(customer, change.changes, setting)
    apply_plans(session, list(plans.values()))
    for place, plan in plans.items():
        if plan.error is not None:
            results[place] = plan.error
    return results


@operation(
    "customer.update_many", title=_("Change many customers"), hidden=True, bulk=update_many, permission="customer.bulk"
)
def change_customer(session: CrmSession, change: CustomerChange) -> Customer:
    """Change the customer with an id: ``customer.update`` for lists of changes, as an import has them.

    Raises NotFound, StaleWrite, InvalidInput and AlreadyExists. The bulk form returns ids.
    """
    (result,) = update_many(session, [change])
    if isinstance(result, CrmkitError):
        raise result
    return session.get_one(Customer, result)


OPERATIONS: list[Any] = [update_customer, change_customer]
