"""Taking a mail in: its interaction, participants, files, thread and customer, in one transaction, once.

Runs as an actor with few rights, whatever stands in the mail: what follows from it (a task, an answer, a suppression)
is decided afterwards, where it can be looked at. Must not know how mails arrive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import CrmSession, Input, NotFound, operation, texts
from crmkit_messaging.receiving.events import MailReceived
from crmkit_messaging.receiving.files import keep_files
from crmkit_messaging.receiving.mailboxes import Receiving, receiving_of
from crmkit_messaging.receiving.models import MailReference, ReceivedMail
from crmkit_messaging.receiving.reported import note_reports, reported_on
from crmkit_messaging.receiving.senders import Sender, resolve_sender
from crmkit_messaging.receiving.threads import (
    Place,
    message_key,
    outgoing_of,
    place_of,
    topic_codes,
    topic_form,
)
from crmkit_messaging.receiving.values import Address, ParsedMail

if TYPE_CHECKING:
    from crmkit_messaging.sending.models import OutgoingMessage

_ = texts("crmkit_messaging")

SOURCE = "mail"
"""Under this source mails are recorded."""
OLD = timedelta(days=2)
"""A mail that was written longer ago is not answered by a machine any more."""
_NO_REPLY = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce")


@attrs.frozen(kw_only=True)
class Arrival:
    """What became of a mail that came in. ``kind`` is mail, auto_reply, bounce, complaint or receipt; ``duplicate``
    says that it was there already; ``own`` that it is a copy of one that we sent, of which nothing is kept."""

    interaction_id: UUID | None
    customer_id: UUID | None
    kind: str
    duplicate: bool = False
    own: bool = False


@attrs.frozen(kw_only=True)
class IncomingMail:
    """A mail that was read, and the mailbox that it came into."""

    mailbox: Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")]
    mail: ParsedMail


@operation(
    "messaging.mail.receive",
    title=_("Take a mail in"),
    permission="messaging.mail.receive",
    effect="create",
    hidden=True,
)
def take_in(session: CrmSession, incoming: IncomingMail) -> Arrival:
    """Keep a mail that came into a mailbox, once however often it comes.

    Raises NotFound for a mailbox that there is not, and what recording an interaction raises.
    """
    mail = incoming.mail
    mailbox = receiving_of(session, incoming.mailbox)
    if mailbox is None:
        raise NotFound(_('There is no mailbox "{mailbox}".'), mailbox=incoming.mailbox)
    key = key_of(mail)
    known = session.scalar(select(ReceivedMail).where(ReceivedMail.key == key))
    if known is not None:
        if mailbox.name not in known.mailboxes:
            known.mailboxes = [*known.mailboxes, mailbox.name]
        return Arrival(
            interaction_id=known.interaction_id, customer_id=known.customer_id, kind=known.kind, duplicate=True
        )
    about = reported_on(session, mail)
    if about is None and _is_own(session, mail):
        return Arrival(interaction_id=None, customer_id=None, kind=mail.kind, own=True)
    return _keep(session, mail, mailbox, key, about)


def key_of(mail: ParsedMail) -> str:
    """Return what tells a mail apart from every other one: its Message-ID and its content."""
    return hashlib.sha256(f"{mail.message_id}\n{mail.digest}".encode("utf-8", "surrogatepass")).hexdigest()


def _is_own(session: CrmSession, mail: ParsedMail) -> bool:
    """Say whether a mail is a copy of one that we sent."""
    return bool(mail.message_id) and outgoing_of(session, [mail.message_id]) is not None


def _keep(
    session: CrmSession, mail: ParsedMail, mailbox: Receiving, key: str, about: OutgoingMessage | None
) -> Arrival:
    now = session.gate.clock.now()
    people = _addresses(mail)
    form = topic_form(mail.subject, people, mailbox.ours)
    place = place_of(session, mail, form if mail.kind == "mail" else None, key, now)
    if about is not None:
        place = Place(
            thread=place.thread, about_id=about.interaction_id or place.about_id, about_customer_id=about.customer_id
        )
        sender = Sender(customer_id=about.customer_id)
    else:
        sender = resolve_sender(session, mail, mailbox, place)
    interaction = session.run("interaction.record", _interaction(mail, mailbox, key, place, sender))
    left_out = [*mail.left_out, *keep_files(session, mail.files, interaction.id)]
    row = ReceivedMail(
        interaction_id=interaction.id,
        customer_id=sender.customer_id,
        contact_point_id=sender.contact_point_id,
        mailboxes=[mailbox.name],
        kind=mail.kind,
        key=key,
        automatic=mail.automatic,
        language=mail.language,
        received_at=now,
        unresolved=sender.customer_id is None and mail.kind == "mail",
        answerable=why_not_answered(mail, mailbox, now),
        sender=mail.sender.address if mail.sender is not None else None,
        html=mail.html or None,
        quoted=mail.quoted or None,
        left_out=[attrs.asdict(each) for each in left_out] or None,
    )
    session.add(row)
    session.add(
        MailReference(
            interaction_id=interaction.id,
            customer_id=sender.customer_id,
            message_key=message_key(mail.message_id) if mail.message_id else None,
            topic=None if form is None or mail.kind != "mail" else topic_codes(session, form)[0],
            thread=place.thread,
            occurred_at=interaction.occurred_at,
        )
    )
    session.flush()
    note_reports(session, mail, interaction.id, about)
    session.emit(
        MailReceived(
            interaction_id=interaction.id,
            customer_id=sender.customer_id,
            mailbox=mailbox.name,
            kind=mail.kind,
            thread=place.thread,
            automatic=mail.automatic,
        )
    )
    return Arrival(interaction_id=interaction.id, customer_id=sender.customer_id, kind=mail.kind)


def _interaction(mail: ParsedMail, mailbox: Receiving, key: str, place: Place, sender: Sender) -> Mapping[str, Any]:
    nearest = next(iter(mail.ancestors), None)
    payload: dict[str, Any] = {
        "automatic": mail.automatic,
        "bounced": mail.kind == "bounce",
        "headers": {**mail.headers, "mailbox": mailbox.name},
    }
    if mail.message_id:
        payload["message_id"] = f"<{mail.message_id}>"
    if nearest:
        payload["in_reply_to"] = f"<{nearest}>"
    if mail.references:
        payload["references"] = [f"<{each}>" for each in mail.references[-30:]]
    return {
        "kind": "email",
        "channel": "email",
        "direction": "in",
        "customer_id": sender.customer_id,
        "occurred_at": mail.sent_at,
        "subject": mail.subject or None,
        "body": mail.text or None,
        "payload": payload,
        "thread": place.thread,
        "about_id": place.about_id,
        "source": SOURCE,
        "external_id": key,
        "participants": _participants(mail, mailbox.ours, sender),
    }


def _participants(mail: ParsedMail, ours: Collection[str], sender: Sender) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    if mail.sender is not None:
        found.append(_participant("from", mail.sender, None if mail.kind == "bounce" else sender.customer_id))
    for role, several in (("to", mail.to), ("cc", mail.cc)):
        found += [_participant(role, each, None) for each in several]
    return found


def _participant(role: str, who: Address, customer_id: UUID | None) -> Mapping[str, Any]:
    return {
        "role": role,
        "contact_kind": "email",
        "address": who.address,
        "name": who.name or None,
        "customer_id": customer_id,
    }


def _addresses(mail: ParsedMail) -> list[str]:
    first = (mail.sender,) if mail.sender is not None else ()
    return [each.address for each in (*first, *mail.to, *mail.cc)]


def why_not_answered(mail: ParsedMail, mailbox: Receiving, now: datetime) -> str:
    """Return why a machine must not answer a mail, by a code, or an empty text where it may. Source: RFC 3834, 2."""
    sender = mail.sender.address.casefold() if mail.sender is not None else ""
    if not sender or mail.return_path == "":
        return "null_sender"
    if sender in mailbox.ours:
        return "own"
    if mail.kind != "mail":
        return "automatic"
    if mail.bulk:
        return "bulk"
    local = sender.partition("@")[0]
    if any(each in local for each in _NO_REPLY):
        return "no_reply"
    if mail.automatic:
        return "automatic"
    if mailbox.address and mailbox.address.casefold() not in {each.address.casefold() for each in (*mail.to, *mail.cc)}:
        return "not_addressed"
    if mail.sent_at is not None and mail.sent_at < now - OLD:
        return "old"
    return ""
