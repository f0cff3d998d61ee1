"""The list of mails: what came in, and what waits for somebody to say who sent it. And what a customer's page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Interaction, Page, Panel, Participant, texts
from crmkit_messaging.receiving.models import ANSWERED, KINDS, ReceivedMail, StuckMail

_ = texts("crmkit_messaging")

SHOWN = 50
LIST = "/modules/messaging/mails"
WRITE = "/modules/messaging/write"


@frozen(kw_only=True)
class Row:
    """A mail in the list. ``sender`` is shown as the reader may see it."""

    mail: ReceivedMail
    interaction: Interaction
    sender: Any
    sender_name: Any
    customer: Customer | None


def mails(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the mails that came in last: all, those of a customer, or those of unknown senders."""
    only = query.get("show") == "unresolved"
    customer_id = _id(query.get("customer"))
    statement = select(ReceivedMail, Interaction).join(Interaction, Interaction.id == ReceivedMail.interaction_id)
    if only:
        statement = statement.where(ReceivedMail.unresolved)
    if customer_id is not None:
        statement = statement.where(ReceivedMail.customer_id == customer_id)
    found = session.execute(
        statement.order_by(ReceivedMail.received_at.desc(), ReceivedMail.id.desc()).limit(SHOWN)
    ).all()
    customer = None if customer_id is None else session.get(Customer, customer_id)
    return {
        "rows": _rows(session, [(mail, interaction) for mail, interaction in found]),
        "waiting": waiting(session),
        "stuck": session.scalar(select(func.count(StuckMail.id)).where(StuckMail.state == "open")) or 0,
        "show": "unresolved" if only else "all",
        "customer": customer,
        "kinds": KINDS,
        "answers": ANSWERED,
        "may_resolve": session.guarding.rights.scope("messaging.mail", "resolve") != "none",
        "may_write": session.guarding.rights.scope("messaging.message", "send") != "none",
        "write": WRITE,
        "more": len(found) == SHOWN,
    }


def _rows(session: CrmSession, found: Sequence[tuple[ReceivedMail, Interaction]]) -> list[Row]:
    ids = [interaction.id for _mail, interaction in found]
    senders = {
        each.interaction_id: each
        for each in session.scalars(
            select(Participant).where(Participant.interaction_id.in_(ids), Participant.role == "from")
        )
    }
    wanted = {mail.customer_id for mail, _interaction in found if mail.customer_id is not None}
    customers = {each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(wanted)))}
    return [
        Row(
            mail=mail,
            interaction=interaction,
            sender=getattr(senders.get(interaction.id), "address", None),
            sender_name=getattr(senders.get(interaction.id), "name", None),
            customer=None if mail.customer_id is None else customers.get(mail.customer_id),
        )
        for mail, interaction in found
    ]


def waiting(session: CrmSession) -> int:
    """Return how many mails wait for somebody to say who sent them."""
    return session.scalar(select(func.count(ReceivedMail.id)).where(ReceivedMail.unresolved)) or 0


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return for each customer how many mails came, and where to write."""
    rights = session.guarding.rights
    counted: dict[UUID | None, tuple[int, Any]] = {}
    if rights.scope("messaging.mail", "read") != "none":
        rows = session.execute(
            select(ReceivedMail.customer_id, func.count(ReceivedMail.id), func.max(ReceivedMail.received_at))
            .where(ReceivedMail.customer_id.in_(customer_ids), ReceivedMail.kind == "mail")
            .group_by(ReceivedMail.customer_id)
        )
        counted = {row[0]: (row[1], row[2]) for row in rows}
    may_write = rights.scope("messaging.message", "send") != "none"
    panels: list[Panel] = []
    for identity in customer_ids:
        number, last = counted.get(identity, (0, None))
        lines: list[tuple[str, str]] = []
        if number:
            lines = [(_("Mails received"), str(number)), (_("Last mail"), f"{last:%Y-%m-%d}")]
        if may_write:
            panels.append(
                Panel(
                    customer_id=identity,
                    title=_("Messages"),
                    rows=tuple(lines),
                    path=f"{WRITE}?customer={identity}",
                    link=_("Write a message"),
                )
            )
        elif lines:
            panels.append(
                Panel(
                    customer_id=identity,
                    title=_("Messages"),
                    rows=tuple(lines),
                    path=f"{LIST}?customer={identity}",
                    link=_("Show the mails"),
                )
            )
    return panels


PAGES = [
    Page(
        name="messaging.mails",
        title=_("Mails"),
        path="/mails",
        template="messaging/receiving/mails.html",
        context=mails,
        permission="messaging.mail.read",
        icon="mail",
        order=20,
        badge=waiting,
    )
]
