"""Operations on customers themselves: add, convert, delete, restore, remove, assign, and find or add by a contact."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import delete, or_, select

from crmkit.core.business.standards import named
from crmkit.core.customers.bulk import consent_event, create_many, prepare, records_of, setting_of
from crmkit.core.customers.checks import refuse_emptied
from crmkit.core.customers.contacts import normalise
from crmkit.core.customers.events import (
    CustomersAssigned,
    CustomersConverted,
    CustomersCreated,
    CustomersDeleted,
    CustomersRemoved,
    CustomersRestored,
)
from crmkit.core.customers.inputs import ContactKind, NewContactPoint, NewCustomer
from crmkit.core.customers.lookups import has_contact
from crmkit.core.customers.matching import refuse_known
from crmkit.core.customers.models import Consent, ContactPoint, Customer, Relationship
from crmkit.core.customers.references import active_users, chunks, teams
from crmkit.core.operations.inputs import UNSET, Input, UnsetType
from crmkit.core.operations.operation import operation
from crmkit.core.privacy.holds import refuse_if_held
from crmkit.core.store.clock import system_now
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.errors import Conflict, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@operation("customer.create", title=_("Add a customer"), effect="create", bulk=create_many)
def create_customer(session: CrmSession, new: NewCustomer) -> Customer:
    """Add a person or an organisation. An organisation that is named and does not exist is added as potential.

    The bulk form returns ids. Raises InvalidInput with every problem, AlreadyExists for an identifier that is taken,
    PossibleDuplicate for who seems to be known: unless it is said that it is somebody else, or always, as a plugin
    says.
    """
    refuse_known(session, new)
    return _create(session, new)


def _create(session: CrmSession, new: NewCustomer, *, check_required: bool = True) -> Customer:
    draft, *organizations = prepare(session, [new], check_required=check_required)
    if draft.error is not None:
        raise draft.error
    for item in organizations:
        session.add(records_of(item))
    if organizations:
        session.flush()
    customer = records_of(draft)
    session.add(customer)
    session.emit(CustomersCreated(customer_ids=(draft.id, *[item.id for item in organizations])))
    if draft.consents:
        session.flush()
        for row in draft.consents:
            entry = Consent(customer_id=draft.id, actor_id=session.actor.id, **row)
            session.add(entry)
            session.emit(consent_event(draft.id, {**row, "id": entry.id}))
    return customer


@operation("customer.from_contact", title=_("Find or add a customer by a contact point"), permission="customer.create")
def customer_from_contact(
    session: CrmSession,
    *,
    kind: Annotated[ContactKind, Input(title=_("Kind"), classified="internal")],
    value: Annotated[str, Input(title=_("Value"), max_length=1000)],
    name: Annotated[str | None, Input(title=_("Name"), max_length=300, classified="personal")] = None,
    source: Annotated[str | None, Input(title=_("Source"), max_length=120, classified="internal")] = None,
) -> Customer:
    """Return the customer who can be reached like this, or add one of standing potential: for unknown senders.

    Of several the one that has been known longest is meant. Fields that an admin requires are not asked for. Raises
    InvalidInput for a value that is not of its kind.
    """
    setting = setting_of(session)
    try:
        contact = normalise(kind, value, region=setting.config.country)
    except InvalidInput as error:
        raise InvalidInput([named(problem, "value") for problem in error.problems]) from None
    # Two messages of one sender are often worked off at once.
    hold(session, f"contact:{contact.kind}:{contact.match_key}")
    known = session.scalar(
        select(Customer)
        .join(ContactPoint)
        .where(has_contact(session, contact.kind, contact.match_key), Customer.deleted_at.is_(None))
        .order_by(Customer.created_at, Customer.id)
        .limit(1)
    )
    if known is not None:
        return known
    point = NewContactPoint(kind=kind, value=value, details=dict(contact.details))
    return _create(session, NewCustomer(name=name, contact_points=(point,), source=source), check_required=False)


@operation("customer.convert", title=_("Make it a customer"), effect="update")
def convert_customer(session: CrmSession, customer: Customer) -> Customer:
    """Make a potential customer a customer. Nothing is copied. Raises Conflict when it is one already."""
    if customer.standing == "customer":
        raise Conflict(_("{name} is a customer already."), name=customer.name)
    customer.standing = "customer"
    customer.converted_at = session.gate.clock.business_now()
    session.emit(CustomersConverted(customer_ids=(customer.id,)))
    return customer


@operation("customer.delete", title=_("Delete the customer"), effect="delete")
def delete_customer(session: CrmSession, customer: Customer) -> Customer:
    """Put a customer away: it is left out of lists and matching and can be restored. Raises Conflict when it is deleted
    already."""
    if customer.deleted_at is not None:
        raise Conflict(_("{name} is deleted already."), name=customer.name)
    customer.deleted_at = system_now()
    session.emit(CustomersDeleted(customer_ids=(customer.id,)))
    return customer


@operation("customer.restore", title=_("Restore the customer"), effect="update", permission="customer.delete")
def restore_customer(session: CrmSession, customer: Customer) -> Customer:
    """Bring a deleted customer back. Raises Conflict when it is not deleted."""
    if customer.deleted_at is None:
        raise Conflict(_("{name} is not deleted."), name=customer.name)
    customer.deleted_at = None
    session.emit(CustomersRestored(customer_ids=(customer.id,)))
    return customer


@operation("customer.remove", title=_("Remove the customer for good"), effect="delete", permission="customer.remove")
def remove_customer(session: CrmSession, customer: Customer) -> None:
    """Remove a customer and everything about it, its history too, in every plugin, loaded or not. It cannot be
    undone. Raises OnLegalHold while a legal hold is on it."""
    remove_whole(session, customer)


def remove_whole(session: CrmSession, customer: Customer) -> None:
    """Remove a customer and everything about it, within an operation whose permission says so. Raises OnLegalHold."""
    customer_id = customer.id
    refuse_if_held(session, customer_id)
    session.emit(CustomersRemoved(customer_ids=(customer_id,)))
    related = select(Relationship.id).where(
        or_(Relationship.customer_id == customer_id, Relationship.other_id == customer_id)
    )
    past = select(RecordChange.record_id).where(
        RecordChange.customer_id == customer_id, RecordChange.table_name == Relationship.__tablename__
    )
    # A relationship is in the history of both sides, and tells of both.
    shared = {*session.scalars(related), *session.scalars(past)}
    session.delete(customer)
    session.flush()
    session.execute(delete(RecordChange).where(RecordChange.customer_id == customer_id))
    for part in chunks(shared):
        session.execute(delete(RecordChange).where(RecordChange.record_id.in_(part)))


@operation("customer.assign", title=_("Assign the customer"), effect="update", permission="customer.assign")
def assign_customer(
    session: CrmSession,
    customer: Customer,
    *,
    owner_id: Annotated[
        UUID | UnsetType | None, Input(title=_("Owner"), classified="internal", resource="user")
    ] = UNSET,
    team_id: Annotated[UUID | UnsetType | None, Input(title=_("Team"), classified="internal", resource="team")] = UNSET,
) -> Customer:
    """Give a customer to an owner, a team, or both; null takes it away. Raises InvalidInput when there is no such
    active user or team, and for null where one is required."""
    wanted: tuple[tuple[str, Any, Any, str], ...] = (
        ("owner_id", owner_id, active_users, _("There is no such active user.")),
        ("team_id", team_id, teams, _("There is no such team.")),
    )
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for name, value, query, message in wanted:
        if value is UNSET or value == getattr(customer, name):
            continue
        if value is None:
            refuse_emptied(session.crm.config.get(session), name)
        if value is not None and session.scalar(query([value])) is None:
            problems.append(Problem("CK500", message, field=name, value=value))
        else:
            found[name] = value
    if problems:
        raise InvalidInput(problems)
    # Both at once: with one of them alone the customer might lie where its actor may put none.
    for name, value in found.items():
        setattr(customer, name, value)
    session.emit(CustomersAssigned(customer_ids=(customer.id,), owner_id=customer.owner_id, team_id=customer.team_id))
    return customer


OPERATIONS: list[Any] = [
    create_customer,
    customer_from_contact,
    convert_customer,
    delete_customer,
    restore_customer,
    remove_customer,
    assign_customer,
]
