"""What can be done with interactions: record, reverse, and resolve what had no customer yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, or_, select, update

from crmkit.core.access.models import User
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.attachments import ATTACHMENT_OPERATIONS
from crmkit.core.interactions.bulk import record_many
from crmkit.core.interactions.drafts import AHEAD, EARLIEST
from crmkit.core.interactions.events import InteractionResolved, InteractionReversed, ParticipantsResolved
from crmkit.core.interactions.inputs import NewInteraction
from crmkit.core.interactions.lookups import customers_by_contact, customers_by_identifier
from crmkit.core.interactions.models import Attachment, Interaction, InteractionKey, Participant, PurchaseLine
from crmkit.core.interactions.products import PRODUCT_OPERATIONS
from crmkit.core.interactions.searchable import SEARCHABLE_OPERATIONS
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region as past_guard
from crmkit.core.store.ids import new_id
from crmkit.core.store.opening import plain, reseal
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, Conflict, CrmkitError, InvalidInput, NotFound, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

REASON = "reversal_reason"
"""Name under which a reversal's payload says why."""
Reason = Annotated[str, Input(title=_("Reason"), max_length=500)]


@operation("interaction.record", title=_("Record an interaction"), effect="create", bulk=record_many)
def record(session: CrmSession, interaction: NewInteraction) -> Interaction:
    """Record something that happened. What its source has named before is returned as it was recorded then.

    In bulk the answer to each is a `Recorded`. Raises InvalidInput with every problem, and what plugins refuse with.
    """
    (answer,) = record_many(session, [interaction])
    if isinstance(answer, CrmkitError):
        raise answer
    found = session.get(Interaction, answer.id)
    if found is None:
        # Somebody who may record, and not read, gets what he recorded and nothing else.
        with past_guard(session, "what was just recorded"):
            found = session.get_one(Interaction, answer.id)
    return found


@operation("interaction.reverse", title=_("Reverse"), effect="create", permission="interaction.reverse")
def reverse(
    session: CrmSession, interaction: Interaction, *, reason: Reason, occurred_at: datetime | None = None
) -> Interaction:
    """Record that an interaction does not count, and return the reversal: of the same kind, with the negative amount
    and lines. ``occurred_at`` defaults to the business's present.

    Raises AlreadyExists when it has been reversed before, Conflict when it is a reversal itself.
    """
    if interaction.reverses_id is not None:
        raise Conflict(_("This is a reversal itself."), fix=_("Record the interaction anew."))
    if session.scalar(select(Interaction.id).where(Interaction.reverses_id == interaction.id)) is not None:
        raise AlreadyExists(_("This has been reversed already."))
    if not reason.strip():
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="reason")])
    # Its customer must not be named meanwhile.
    session.refresh(interaction, with_for_update=True)
    clock = session.gate.clock
    when = occurred_at or clock.business_now()
    if when > max(clock.business_now(), clock.now()) + AHEAD:
        raise InvalidInput([Problem("CK500", _("This lies in the future."), field="occurred_at", value=when)])
    if when < EARLIEST:
        raise InvalidInput([Problem("CK500", _("This lies too far back."), field="occurred_at", value=when)])
    reversal = Interaction(
        id=new_id(),
        recorded_at=clock.now(),
        kind=interaction.kind,
        channel=interaction.channel,
        direction=interaction.direction,
        customer_id=interaction.customer_id,
        occurred_at=when,
        actor_id=session.actor.id,
        subject=plain(interaction, "subject"),
        payload={REASON: reason},
        amount_minor=None if interaction.amount_minor is None else -interaction.amount_minor,
        currency=interaction.currency,
        thread=interaction.thread,
        visibility=interaction.visibility,
        reverses_id=interaction.id,
        about_id=interaction.about_id,
    )
    reversal.lines = [
        PurchaseLine(
            line_no=line.line_no,
            customer_id=line.customer_id,
            product_id=line.product_id,
            description=line.description,
            quantity=-line.quantity,
            unit_price=line.unit_price,
            amount_minor=-line.amount_minor,
        )
        for line in interaction.lines
    ]
    session.add(reversal)
    session.emit(
        InteractionReversed(
            kind=interaction.kind,
            interaction_id=interaction.id,
            reversal_id=reversal.id,
            customer_id=interaction.customer_id,
        )
    )
    return reversal


@operation("interaction.resolve", title=_("Name the customer"), effect="update")
def resolve(
    session: CrmSession,
    interaction: Interaction,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")],
) -> Interaction:
    """Give an interaction that has no customer its customer, with its lines, its files and its reversal; of a reversal
    what it reverses, too.

    Raises Conflict when it belongs to another customer, NotFound when there is no such customer.
    """
    session.refresh(interaction, with_for_update=True)
    if interaction.customer_id == customer_id:
        return interaction
    if interaction.customer_id is not None:
        raise Conflict(_("This belongs to a customer already."), fix=_("Reverse it and record it anew."))
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no such customer."))
    root = interaction.reverses_id or interaction.id
    query = select(Interaction).where(or_(Interaction.id == root, Interaction.reverses_id == root))
    both = session.scalars(query).all()
    for item in both:
        session.unit.allow_touching(item)
        item.customer_id = customer_id
    session.flush()
    ids = [item.id for item in both]
    with past_guard(session, "what belongs to an interaction goes where it goes"):
        for model in (PurchaseLine, InteractionKey, Attachment):
            session.execute(
                update(model)
                .where(model.interaction_id.in_(ids), model.customer_id.is_(None))
                .values(customer_id=customer_id)
                .execution_options(synchronize_session="fetch")
            )
    # What was sealed while nobody knew whose it was is the customer's from now on, and goes when the customer goes.
    for identity in ids:
        session.crm.vault.move(session, identity, customer_id)
    for one in interaction.participants:
        if one.role == "customer" and one.customer_id is None:
            one.customer_id = customer_id
    for item in both:
        session.emit(InteractionResolved(kind=item.kind, interaction_id=item.id, customer_id=customer_id))
    return interaction


@frozen(kw_only=True)
class ParticipantsMatch:
    """How many participants were matched with customers and users, and the interaction's customer."""

    customers: int
    users: int
    customer_id: UUID | None


@operation("interaction.resolve_participants", title=_("Match participants"), effect="update")
def resolve_participants(session: CrmSession, interaction: Interaction) -> ParticipantsMatch:
    """Match the addresses of participants with contact points of customers and addresses of users.

    An address that several customers share is left alone. Where the interaction has no customer yet and the participant
    in the role ``customer`` was matched, the interaction is resolved too.
    """
    waiting = [
        one
        for one in interaction.participants
        if one.customer_id is None and one.user_id is None and one.contact_kind and plain(one, "address")
    ]
    region = session.crm.config.get(session).country
    pairs = {one.id: pair for one in waiting if (pair := _pair(one, region)) is not None}
    by_contact = customers_by_contact(
        session, {pairs[one.id] for one in waiting if one.contact_kind != "id" and one.id in pairs}
    )
    by_identifier = customers_by_identifier(session, {pairs[one.id] for one in waiting if one.contact_kind == "id"})
    users = _users(session, {key for kind, key in pairs.values() if kind == "email"})
    found: list[UUID] = []
    matched_users = 0
    for one in waiting:
        pair = pairs.get(one.id)
        if pair is None:
            continue
        if one.contact_kind == "id":
            candidates = {known} if (known := by_identifier.get(pair)) is not None else set[UUID]()
        else:
            candidates = by_contact.get(pair, set[UUID]())
        if len(candidates) == 1:
            (customer_id,) = candidates
            one.customer_id = customer_id
            reseal(one)
            found.append(customer_id)
        elif not candidates and one.contact_kind == "email" and pair[1] in users:
            one.user_id = users[pair[1]]
            matched_users += 1
    session.flush()
    if found:
        session.emit(ParticipantsResolved(interaction_id=interaction.id, customer_ids=tuple(found)))
    named = {one.customer_id for one in interaction.participants if one.role == "customer" and one.customer_id}
    if interaction.customer_id is None and len(named) == 1:
        resolve(session, interaction, customer_id=named.pop())
    return ParticipantsMatch(customers=len(found), users=matched_users, customer_id=interaction.customer_id)


def _pair(one: Participant, region: str | None) -> tuple[str, str] | None:
    """Return what a participant is looked up by: source and external id, or contact kind and match key."""
    address = str(plain(one, "address"))
    if one.contact_kind == "id":
        return str(one.source), address
    key = match_key(str(one.contact_kind), address, region=region)
    return None if key is None else (str(one.contact_kind), key)


def _users(session: CrmSession, addresses: set[str]) -> dict[str, UUID]:
    if not addresses:
        return {}
    query = select(func.lower(User.email), User.id).where(func.lower(User.email).in_(addresses))
    return {str(email): identity for email, identity in session.execute(query)}


OPERATIONS: list[Any] = [
    record,
    reverse,
    resolve,
    resolve_participants,
    *PRODUCT_OPERATIONS,
    *ATTACHMENT_OPERATIONS,
    *SEARCHABLE_OPERATIONS,
]
