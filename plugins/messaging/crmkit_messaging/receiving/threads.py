"""Which thread a mail belongs to: by the Message-IDs that it answers, else by its subject and its participants.

Who sent a mail decides whose it is, never its thread: a Message-ID can be copied by anybody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Interaction
from crmkit_messaging.receiving.models import MailReference
from crmkit_messaging.receiving.values import ParsedMail
from crmkit_messaging.sending.models import OutgoingMessage

PURPOSE = "messaging topic"
"""What the codes of subjects and participants are made for."""
WINDOW = timedelta(days=30)
"""Within which equal subjects and participants mean the same thread."""
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|fw|fwd|wg|sv|vs|antw|res|rif|tr|答复|答覆|回复|回覆|转发|轉寄|轉發)\s*(?:\[\d{1,4}\])?\s*[:：]\s*){1,20}",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@frozen(kw_only=True)
class Place:
    """Where a mail belongs: its thread, and the interaction that it answers, where one is known."""

    thread: str
    about_id: UUID | None = None
    about_customer_id: UUID | None = None


def message_key(message_id: str) -> str:
    """Return what a Message-ID is looked up by."""
    return hashlib.sha256(message_id.strip().strip("<>").encode("utf-8", "surrogatepass")).hexdigest()


def plain_subject(subject: str) -> str:
    """Return a subject without marks of answering and forwarding, for comparing."""
    return _SPACE.sub(" ", _PREFIX.sub("", subject)).strip().casefold()


def topic_form(subject: str, participants: Iterable[str], ours: Collection[str]) -> str | None:
    """Return what mails of one conversation have in common, or None where too little is known: the subject, and all who
    take part beside us."""
    plain = plain_subject(subject)
    others = sorted({each.casefold() for each in participants} - {each.casefold() for each in ours})
    if len(plain) < 3 or not others:
        return None
    return "\n".join((plain, *others))


def topic_codes(session: CrmSession, form: str) -> Sequence[bytes]:
    """Return the codes of a topic, of the newest key first: one for each version of the installation's key."""
    codes = session.crm.vault.codes(PURPOSE)
    newest: Any = codes.versions[codes.version](form.encode())
    return [newest, *(make(form.encode()) for version, make in codes.versions.items() if version != codes.version)]


def place_of(session: CrmSession, mail: ParsedMail, form: str | None, key: str, now: datetime) -> Place:
    """Return where a mail belongs; one that belongs to nothing begins a thread of its own."""
    found = _by_references(session, mail) or _by_outgoing(session, mail) or _by_topic(session, form, now)
    return found or Place(thread=f"mail:{key[:40]}")


def _by_references(session: CrmSession, mail: ParsedMail) -> Place | None:
    keys = {message_key(each): number for number, each in enumerate(mail.ancestors)}
    if not keys:
        return None
    rows = session.scalars(select(MailReference).where(MailReference.message_key.in_(list(keys)))).all()
    # The nearest one; of several under one Message-ID the first that came.
    nearest = min(
        rows, key=lambda row: (keys[row.message_key or ""], row.occurred_at, row.interaction_id), default=None
    )
    return None if nearest is None else _at(nearest)


def _by_outgoing(session: CrmSession, mail: ParsedMail) -> Place | None:
    ids = mail.ancestors
    if not ids:
        return None
    found = outgoing_of(session, ids)
    if found is None:
        return None
    thread = None
    if found.interaction_id is not None:
        thread = session.scalar(select(Interaction.thread).where(Interaction.id == found.interaction_id))
    return Place(
        thread=thread or found.message_id or f"message:{found.id}",
        about_id=found.interaction_id,
        about_customer_id=found.customer_id,
    )


def outgoing_of(session: CrmSession, message_ids: Sequence[str]) -> OutgoingMessage | None:
    """Return the outgoing message that bears the first of some Message-IDs that is one of ours."""
    written = [form for each in message_ids for form in (each, f"<{each}>")]
    rows = session.scalars(select(OutgoingMessage).where(OutgoingMessage.message_id.in_(written))).all()
    order = {form: number for number, form in enumerate(written)}
    return min(rows, key=lambda row: order[row.message_id or ""], default=None)


def _by_topic(session: CrmSession, form: str | None, now: datetime) -> Place | None:
    if form is None:
        return None
    nearest = session.scalars(
        select(MailReference)
        .where(MailReference.topic.in_(topic_codes(session, form)), MailReference.occurred_at >= now - WINDOW)
        .order_by(MailReference.occurred_at.desc(), MailReference.interaction_id.desc())
        .limit(1)
    ).first()
    return None if nearest is None else _at(nearest)


def _at(row: MailReference) -> Place:
    return Place(thread=row.thread, about_id=row.interaction_id, about_customer_id=row.customer_id)
