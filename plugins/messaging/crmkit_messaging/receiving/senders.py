"""Who sent a mail: the customer who has its address, a potential one who is added, or nobody yet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import ContactPoint, CrmkitError, CrmSession, Customer
from crmkit_messaging.receiving.mailboxes import Receiving
from crmkit_messaging.receiving.threads import Place
from crmkit_messaging.receiving.values import ParsedMail


@frozen(kw_only=True)
class Sender:
    """The customer who sent a mail, and the contact point; None where that is not known."""

    customer_id: UUID | None = None
    contact_point_id: UUID | None = None


def resolve_sender(session: CrmSession, mail: ParsedMail, mailbox: Receiving, place: Place) -> Sender:
    """Return who sent a mail. Of several who have the address it is who is written with in the thread, else nobody. An
    unknown sender becomes a potential customer where the mailbox says so and a person wrote."""
    if mail.sender is None or mail.sender.address.casefold() in mailbox.ours:
        return Sender()
    address = mail.sender.address
    known = points_of(session, address)
    owners = list(dict.fromkeys(point.customer_id for point in known))
    if len(owners) > 1:
        owners = [each for each in owners if each == place.about_customer_id]
    if len(owners) == 1:
        point = next(point for point in known if point.customer_id == owners[0])
        return Sender(customer_id=owners[0], contact_point_id=point.id)
    if known or not mailbox.adds_unknown or mail.kind != "mail" or mail.automatic:
        return Sender()
    values = {"kind": "email", "value": address, "name": mail.sender.name or None, "source": "email"}
    try:
        customer = session.run("customer.from_contact", values)
    except CrmkitError:
        return Sender()
    point_id = next((point.id for point in points_of(session, address) if point.customer_id == customer.id), None)
    return Sender(customer_id=customer.id, contact_point_id=point_id)


def points_of(session: CrmSession, address: str) -> Sequence[ContactPoint]:
    """Return the contact points of customers that are there with an e-mail address, the oldest first."""
    form = ContactPoint.match_form_of("value", address, {"kind": "email", "details": {}})
    if form is None:
        return ()
    return session.scalars(
        select(ContactPoint)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .where(ContactPoint.kind == "email", ContactPoint.value.matches(session, form), Customer.deleted_at.is_(None))
        .order_by(ContactPoint.created_at, ContactPoint.id)
    ).all()
