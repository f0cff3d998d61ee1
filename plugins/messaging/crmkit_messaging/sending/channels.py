"""Channels and mailboxes: which of them may carry a message, and what a message is called by. Must not send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit import ContactPoint, CrmSession, Customer, Problem, texts
from crmkit_messaging.sending.inputs import NewMessage
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.settings import settings_of

if TYPE_CHECKING:
    from crmkit_messaging.composing.models import MessageTemplate

_ = texts("crmkit_messaging")

ORDER = ("email", "sms", "chat")
"""In which order channels are tried where nothing is known of what the customer prefers."""
NOT_WRITTEN = frozenset({"phone", "post", "social"})
"""Channels that nobody is written to by without being named."""


def template_of(session: CrmSession, name: str) -> MessageTemplate | None:
    """Return the template of a name, or None."""
    from crmkit_messaging.composing.models import MessageTemplate as Kept

    return session.scalar(select(Kept).where(Kept.name == name))


def candidates(session: CrmSession, customer: Customer, new: NewMessage) -> Sequence[str]:
    """Return the channels that reach a customer: the one that it prefers, those of its preferred contact points, then
    the others."""
    channels: dict[str, Any] = session.gate.registry.tables["channel"]
    points = session.scalars(
        select(ContactPoint)
        .where(ContactPoint.customer_id == customer.id)
        .order_by(ContactPoint.preferred.desc(), ContactPoint.position, ContactPoint.id)
    ).all()
    if new.contact_point_id is not None:
        points = [each for each in points if each.id == new.contact_point_id]
    kinds = {each.kind for each in points}
    usable = [
        name
        for name, channel in channels.items()
        if channel.contact_kind is not None and channel.contact_kind in kinds and name not in NOT_WRITTEN
    ]
    preferences = customer.preferences if isinstance(customer.preferences, dict) else {}
    wished = preferences.get("channel")
    preferred = {each.kind for each in points if each.preferred}

    def place(name: str) -> tuple[bool, bool, int]:
        rank = ORDER.index(name) if name in ORDER else len(ORDER)
        return name != wished, channels[name].contact_kind not in preferred, rank

    return sorted(usable, key=place)


def kind_of(session: CrmSession, channel: str) -> str:
    """Return the kind of interaction that a message of a channel is recorded as."""
    kinds = session.gate.registry.interaction_kinds
    if channel in kinds:
        return channel
    return next((name for name, kind in kinds.items() if kind.channel == channel), "messaging.message")


def mailbox_problem(session: CrmSession, name: str) -> Problem | None:
    """Return what is wrong with the name of a mailbox, or None where there is one."""
    from crmkit_messaging.mail.models import Mailbox

    if session.scalar(select(Mailbox.id).where(Mailbox.name == name, Mailbox.active)) is not None:
        return None
    return Problem("CK500", _("There is no such mailbox."), field="mailbox", value=name)


def message_id_of(session: CrmSession, message: OutgoingMessage) -> str:
    """Return the Message-ID of a message (RFC 5322), made of its id: the same at every attempt."""
    return f"<{message.id.hex}@{_domain(session, message.mailbox)}>"


def _domain(session: CrmSession, mailbox: str | None) -> str:
    said = settings_of(session.crm.settings).message_domain
    if said:
        return said
    from crmkit_messaging.mail.models import Mailbox

    query = select(Mailbox).where(Mailbox.active)
    query = query.where(Mailbox.name == mailbox) if mailbox else query.order_by(Mailbox.usual.desc(), Mailbox.id)
    found = session.scalars(query.limit(1)).first()
    address = None if found is None else found.address
    domain = address.rpartition("@")[2] if isinstance(address, str) else ""
    return domain or "crmkit.invalid"
