"""The page on which somebody leaves, and what a mail program sends for somebody who does (RFC 8058).

Opening the page does nothing: mail programs and filters open links by themselves. What was sent is written into the
consent ledger by the operation that everybody uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import frozen

from crmkit import (
    CRM,
    Actor,
    ConsentStates,
    CrmSession,
    Customer,
    InvalidInput,
    NotFound,
    Problem,
    PublicPage,
    Received,
    Reply,
    Visit,
    consents_of,
    texts,
)
from crmkit_messaging.leaving import links
from crmkit_messaging.leaving.models import Leave
from crmkit_messaging.leaving.operations import leave_of

_ = texts("crmkit_messaging")

RIGHTS = ("customer.read", "customer.update")
MOST_REASON = 1000
ONE_CLICK = ("List-Unsubscribe", "One-Click")


@frozen(kw_only=True)
class PurposeShown:
    """A purpose on the page: its title, and whether messages for it may come."""

    name: str
    title: str
    allowed: bool
    asked: bool
    """Whether the link is about it."""


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the link is about, and what else the customer gets."""
    leave, customer = _about(session, visit)
    states = _states(session, customer)
    known = session.crm.config.get(session).options.get("consent_purpose", {})
    purposes = [
        PurposeShown(name=name, title=title, allowed=gets(states, name, leave.channel), asked=name == leave.purpose)
        for name, title in known.items()
    ]
    channel = session.gate.registry.tables["channel"].get(leave.channel)
    return {
        "name": customer.name,
        "purpose": next((each for each in purposes if each.asked), None) or _unknown(leave, states),
        "purposes": [each for each in purposes if each.allowed or each.asked],
        "channel": channel.title if channel is not None else leave.channel,
        "left": not gets(states, leave.purpose, leave.channel),
        "nothing_left": not any(each.allowed for each in purposes),
    }


def _unknown(leave: Leave, states: ConsentStates) -> PurposeShown:
    allowed = gets(states, leave.purpose, leave.channel)
    return PurposeShown(name=leave.purpose, title=leave.purpose, allowed=allowed, asked=True)


def gets(states: ConsentStates, purpose: str, channel: str) -> bool:
    """Say whether messages for a purpose may come by a channel as far as the customer has said: they may unless it was
    withdrawn, since some purposes need no consent."""
    fitting = [each for each in states.states if each.purpose == purpose and each.channel in (channel, "*")]
    if not fitting:
        return True
    last = max(fitting, key=lambda each: (each.since, each.entry_id))
    return last.granted


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Leave what was ticked, or everything; raises InvalidInput when nothing was."""
    leave, _customer = _about(session, visit)
    reason = (values.get("reason") or ("",))[0].strip()
    if len(reason) > MOST_REASON:
        message = _("This is longer than {most} characters.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="reason", most=MOST_REASON)])
    if "all" in values:
        session.run("messaging.leave.take", {"way": "page", "everything": True, "reason": reason}, target=leave)
        return
    known = session.crm.config.get(session).options.get("consent_purpose", {})
    chosen = [name for name in values.get("leave", ()) if name in known or name == leave.purpose]
    if not chosen:
        raise InvalidInput([Problem(InvalidInput.code, _("Tick what you do not want any more."), field="leave")])
    session.run("messaging.leave.take", {"way": "page", "purposes": chosen, "reason": reason}, target=leave)


def receive(crm: CRM, visit: Visit, received: Received) -> Reply:
    """Leave what a link is about, as a mail program asks with one click: ``List-Unsubscribe=One-Click``, in a form of
    either kind. Anything else is answered with 400 and changes nothing."""
    if not is_one_click(received):
        return Reply(status=400, document={"detail": "Expected List-Unsubscribe=One-Click (RFC 8058)."})
    actor = Actor.visitor(
        customer_id=visit.customer_id, rights=RIGHTS, language=visit.language, address=received.address
    )
    with crm.transaction(actor) as session:
        leave, customer = _about(session, visit)
        if leave.left_at is None or gets(_states(session, customer), leave.purpose, leave.channel):
            session.run("messaging.leave.take", {"way": "one_click"}, target=leave)
    return Reply(status=200)


def is_one_click(received: Received) -> bool:
    """Say whether a request is the one that RFC 8058 asks for."""
    if len(received.body) > 4096:
        return False
    text = received.body.decode("latin-1")
    if received.content_type == "multipart/form-data":
        head = f"content-type: {received.headers.get('content-type', '')}\r\n\r\n"
        from email import message_from_bytes

        parts = message_from_bytes(head.encode("latin-1", "replace") + received.body).walk()
        found = [
            (part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts
        ]
        return any(
            name == ONE_CLICK[0] and isinstance(value, bytes) and value.strip() == ONE_CLICK[1].encode()
            for name, value in found
        )
    try:
        return ONE_CLICK in parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return False


def _about(session: CrmSession, visit: Visit) -> tuple[Leave, Customer]:
    leave = leave_of(session, visit.ref)
    customer = None if visit.customer_id is None else session.get(Customer, visit.customer_id)
    if leave is None or customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no such page."))
    return leave, customer


def _states(session: CrmSession, customer: Customer) -> ConsentStates:
    return consents_of(session, [customer.id], session.gate.clock.business_now())[customer.id]


LEAVE = PublicPage(
    name=links.PAGE,
    title=_("Unsubscribe"),
    template="messaging/leaving/leave.html",
    show=show,
    submit=submit,
    receive=receive,
    rights=RIGHTS,
    expires=links.DAYS,
)
"""The page on which a customer leaves."""
