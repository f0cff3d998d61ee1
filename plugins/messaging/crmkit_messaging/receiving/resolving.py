"""Naming the customer of mails whose sender nobody knows: an existing one, or a new one.

Afterwards the address belongs to the customer, if that is wanted, and every other mail of it that waits is resolved
too.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import (
    Conflict,
    CrmkitError,
    CrmSession,
    Input,
    Interaction,
    InvalidInput,
    Participant,
    Problem,
    operation,
    secret_of,
    texts,
)
from crmkit_messaging.receiving.models import ReceivedMail

_ = texts("crmkit_messaging")

RESOLVE = "messaging.mail.resolve"
MOST = 500
"""Mails of one sender that are resolved at once."""


@operation("messaging.mail.name_customer", title=_("Name the customer"), permission=RESOLVE, effect="update")
def name_customer(
    session: CrmSession,
    mail: ReceivedMail,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    remember: Annotated[
        bool,
        Input(
            title=_("The address belongs to the customer"),
            help=_("It becomes one of the customer's contact points; other mails from it are resolved as well."),
            classified="internal",
        ),
    ] = True,
) -> ReceivedMail:
    """Say who sent a mail. Raises Conflict where that is known already, NotFound where there is no such customer."""
    _resolve(session, mail, customer_id)
    address = secret_of(mail, "sender")
    if remember and address:
        try:
            session.run("contact_point.add", {"kind": "email", "value": address}, target=customer_id)
        except CrmkitError as error:
            if not isinstance(error, (Conflict, InvalidInput)):
                raise
        for other in _others(session, mail, address):
            _resolve(session, other, customer_id)
    return mail


@operation("messaging.mail.add_customer", title=_("Make a potential customer"), permission=RESOLVE, effect="update")
def add_customer(
    session: CrmSession,
    mail: ReceivedMail,
    *,
    name: Annotated[str | None, Input(title=_("Name"), max_length=300, classified="personal")] = None,
) -> ReceivedMail:
    """Make whoever sent a mail a potential customer, under a name or the one that the mail has.

    Raises Conflict where it is known who sent it, InvalidInput where it has no address.
    """
    address = secret_of(mail, "sender")
    if not address:
        raise InvalidInput([Problem("CK500", _("The mail does not say who sent it."), field="name")])
    given = name or _shown_name(session, mail)
    values = {"kind": "email", "value": address, "name": given or None, "source": "email"}
    customer = session.run("customer.from_contact", values)
    _resolve(session, mail, customer.id)
    for other in _others(session, mail, address):
        _resolve(session, other, customer.id)
    return mail


def _resolve(session: CrmSession, mail: ReceivedMail, customer_id: UUID) -> None:
    if not mail.unresolved:
        raise Conflict(_("It is known already who sent this."))
    session.run("interaction.resolve", {"customer_id": customer_id}, target=mail.interaction_id)
    mail.customer_id, mail.unresolved = customer_id, False
    session.run("interaction.resolve_participants", {}, target=mail.interaction_id)


def _shown_name(session: CrmSession, mail: ReceivedMail) -> str:
    interaction = session.get(Interaction, mail.interaction_id)
    people = interaction.participants if interaction is not None else []
    found = next((each.name for each in people if each.role == "from"), None)
    return found if type(found) is str else ""


def _others(session: CrmSession, mail: ReceivedMail, address: str) -> list[ReceivedMail]:
    """Return the other mails of an address that wait."""
    form = Participant.match_form_of("address", address, {"contact_kind": "email"})
    if form is None:
        return []
    return list(
        session.scalars(
            select(ReceivedMail)
            .join(Participant, Participant.interaction_id == ReceivedMail.interaction_id)
            .where(
                ReceivedMail.unresolved,
                ReceivedMail.id != mail.id,
                Participant.role == "from",
                Participant.address.matches(session, form),
            )
            .order_by(ReceivedMail.received_at, ReceivedMail.id)
            .limit(MOST)
        )
    )


OPERATIONS = [name_customer, add_customer]
