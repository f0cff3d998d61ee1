"""The pages of sending: the outbox, one message in words, and the rules by which messages leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_messaging.sending.display import reason_of
from crmkit_messaging.sending.models import Cap, OutgoingMessage, Policy, QuietHours, Throttle
from crmkit_messaging.sending.words import DAYS, EVERY, PER, STATES

_ = texts("crmkit_messaging")

SHOWN = 100
TONES = {"sent": "good", "refused": "bad", "failed": "bad", "uncertain": "warn", "waiting": "info", "sending": "info"}


@frozen(kw_only=True)
class Line:
    """A message in the list. ``acts`` are the operations that somebody can run on it, with their titles."""

    message: OutgoingMessage
    customer: str
    reason: str
    values: Mapping[str, Any]
    late: bool
    acts: Sequence[tuple[str, str]]


ACTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "waiting": (("cancel", _("Do not send it")),),
    "uncertain": (
        ("confirm", _("It has arrived")),
        ("send_again", _("Send it again")),
        ("drop", _("Let it be")),
    ),
    "failed": (("send_again", _("Send it again")), ("drop", _("Let it be"))),
    "refused": (("send_again", _("Send it again")),),
}
"""What can be done with a message, by its state."""


def outbox(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the messages that the reader may see, of a state or a customer if one is asked for, newest first."""
    state = query.get("state", "")
    customer_id = _id(query.get("customer", ""))
    about = () if customer_id is None else (OutgoingMessage.customer_id == customer_id,)
    counts = dict(
        session.execute(select(OutgoingMessage.state, func.count()).where(*about).group_by(OutgoingMessage.state)).all()
    )
    wanted = (*about, OutgoingMessage.state == state) if state in STATES else about
    order = OutgoingMessage.due_at if state == "waiting" else OutgoingMessage.created_at.desc()
    found = session.scalars(
        select(OutgoingMessage).where(*wanted).order_by(order, OutgoingMessage.id.desc()).limit(SHOWN)
    ).all()
    ids = list({each.customer_id for each in found})
    people = {each.id: str(each.name) for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    rights = session.guarding.rights
    manages = rights.scope("messaging.message", "manage") != "none"
    now = session.gate.clock.now()
    return {
        "lines": [
            Line(
                message=each,
                customer=people.get(each.customer_id, ""),
                reason=reason_of(each)[0],
                values=reason_of(each)[1],
                late=each.state == "waiting" and each.due_at is not None and each.due_at <= now,
                acts=ACTS.get(each.state, ()) if manages else (),
            )
            for each in found
        ],
        "states": STATES,
        "tones": TONES,
        "counts": counts,
        "state": state if state in STATES else "",
        "customer": customer_id,
        "shown": SHOWN,
        "channels": channel_titles(session),
        "purposes": purpose_titles(session),
        "may_send": rights.scope("messaging.message", "send") != "none",
    }


def rules(session: CrmSession) -> Mapping[str, Any]:
    """Return policies, quiet hours, caps and throttles."""
    return {
        "policies": session.scalars(select(Policy).order_by(Policy.purpose)).all(),
        "quiet": session.scalars(select(QuietHours).order_by(QuietHours.channel, QuietHours.id)).all(),
        "caps": session.scalars(select(Cap).order_by(Cap.channel, Cap.purpose, Cap.id)).all(),
        "throttles": session.scalars(select(Throttle).order_by(Throttle.channel, Throttle.mailbox)).all(),
        "days": DAYS,
        "per": PER,
        "every": EVERY,
        "channels": channel_titles(session),
        "purposes": purpose_titles(session),
        "may": session.guarding.rights.scope("messaging.policy", "manage") != "none",
    }


def channel_titles(session: CrmSession) -> Mapping[str, str]:
    """Return the titles of all channels."""
    return {name: each.title for name, each in session.gate.registry.tables["channel"].items()}


def purpose_titles(session: CrmSession) -> Mapping[str, str]:
    """Return the titles of all purposes."""
    found: Mapping[str, str] = session.crm.config.get(session).options.get("consent_purpose", {})
    return found


def waiting_badge(session: CrmSession) -> int:
    """Return how many messages somebody has to decide on."""
    return session.scalar(select(func.count()).where(OutgoingMessage.state == "uncertain")) or 0


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


PAGES = [
    Page(
        name="messaging.outbox",
        title=_("Outgoing messages"),
        path="/outbox",
        template="messaging/sending/outbox.html",
        context=outbox,
        permission="messaging.message.read",
        icon="send",
        order=20,
    ),
    Page(
        name="messaging.rules",
        title=_("When messages leave"),
        path="/rules",
        template="messaging/sending/rules.html",
        context=rules,
        permission="messaging.message.read",
        icon="shield-check",
        order=30,
    ),
]
