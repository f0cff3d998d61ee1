"""The links by which customers leave, and the headers of mail that say so to mail programs (RFC 2369, RFC 8058).

A link is about a customer, a purpose and a channel; opening it does nothing. Must not know templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, link_address, same, texts
from crmkit_messaging.leaving.models import Leave

_ = texts("crmkit_messaging")

PAGE = "messaging.leave"
RESOURCE = "messaging.leave"
DAYS = 365
"""How long a link holds: who finds an old message can still leave."""
SUBJECT = "unsubscribe"
"""What the subject of a mail begins with by which somebody leaves."""
_SIGNED = "messaging leave by mail"
_ASKED = re.compile(rf"\b{SUBJECT} ([0-9a-f]{{32}})-[0-9a-f]{{24}}", re.IGNORECASE)
_KEPT = "crmkit_messaging.leave_links"


def links_for(session: CrmSession, customer_id: UUID, purpose: str, channel: str) -> Mapping[str, str]:
    """Return the addresses ``unsubscribe`` and ``preferences`` for messages to a customer, in a session that writes and
    inside an operation. Messages of one transaction for the same purpose share them."""
    found = session.run("messaging.leave.offer", {"customer_id": customer_id, "purpose": purpose, "channel": channel})
    return {"unsubscribe": found.unsubscribe, "preferences": found.preferences}


def headers_for(session: CrmSession, customer_id: UUID, purpose: str, channel: str) -> Mapping[str, str]:
    """Return the headers by which mail programs offer to unsubscribe with one click, in a session that writes and
    inside an operation.

    ``List-Unsubscribe`` names the link and a mail address, ``List-Unsubscribe-Post`` says that a POST to the link is
    enough. Empty for channels other than e-mail, and without ``public_url`` in the settings, as nobody could follow the
    link; without https the POST is not offered, as RFC 8058 forbids it.
    """
    from crmkit_messaging.mail.models import Mailbox

    public = session.crm.settings.public_url or ""
    if channel != "email" or not public:
        return {}
    address = links_for(session, customer_id, purpose, channel)["unsubscribe"]
    ways = [f"<{address}>"]
    mailbox = session.scalar(select(Mailbox).where(Mailbox.active, Mailbox.usual).limit(1))
    if mailbox is not None and mailbox.address:
        subject = quote(f"{SUBJECT} {token_of(session, offered_id(session, customer_id, purpose, channel))}")
        ways.append(f"<mailto:{quote(str(mailbox.address), safe='@+')}?subject={subject}>")
    headers = {"List-Unsubscribe": ", ".join(ways)}
    if address.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def offered_id(session: CrmSession, customer_id: UUID, purpose: str, channel: str) -> UUID:
    """Return the id of what links for a customer, purpose and channel are about, once there are some."""
    return session.scalars(
        select(Leave.id)
        .where(Leave.customer_id == customer_id, Leave.purpose == purpose, Leave.channel == channel)
        .order_by(Leave.created_at, Leave.id)
        .limit(1)
    ).one()


def token_of(session: CrmSession, leave_id: UUID) -> str:
    """Return what somebody writes into the subject of a mail to leave: the id of what is left, and a code of it that
    nobody else can make."""
    codes = session.crm.vault.codes(_SIGNED)
    return _written(leave_id, codes.versions[codes.version](leave_id.bytes))


def left_by(session: CrmSession, subject: str) -> UUID | None:
    """Return the id of what somebody leaves by a mail with a subject, None for any other subject."""
    found = _ASKED.search(subject)
    if found is None:
        return None
    identity = UUID(found[1])
    given = found[0].lower().encode()
    for make in session.crm.vault.codes(_SIGNED).versions.values():
        if same(_written(identity, make(identity.bytes)).encode(), given.rpartition(b" ")[2]):
            return identity
    return None


def _written(leave_id: UUID, code: bytes) -> str:
    return f"{leave_id.hex}-{code[:12].hex()}"


def offered(session: CrmSession, customer_id: UUID, purpose: str, channel: str) -> Leave:
    """Return what the links for a customer, purpose and channel are about; it is made where there is none."""
    found = session.scalar(
        select(Leave)
        .where(Leave.customer_id == customer_id, Leave.purpose == purpose, Leave.channel == channel)
        .order_by(Leave.created_at, Leave.id)
        .limit(1)
    )
    if found is None:
        found = Leave(customer_id=customer_id, purpose=purpose, channel=channel)
        session.add(found)
        session.flush()
    return found


def made(session: CrmSession, leave: Leave) -> tuple[str, str]:
    """Return the addresses of a new link to leave and of one to the preferences, or those made before in this
    transaction."""
    kept: dict[UUID, tuple[str, str]] = session.info.setdefault(_KEPT, {})
    if leave.id not in kept:
        crm = session.crm
        about = f"{RESOURCE}:{leave.id}"
        links = (
            session.run(
                "public_link.create", {"page": PAGE, "customer_id": leave.customer_id, "ref": about, "days": DAYS}
            ),
            session.run("public_link.create", {"page": "preferences", "customer_id": leave.customer_id, "days": DAYS}),
        )
        kept[leave.id] = (link_address(crm, links[0]), link_address(crm, links[1]))
    return kept[leave.id]
