"""What came of a message once it was handed over: sent, refused, to be tried again, or nobody knows. Nothing here talks
to anybody.

A message that was marked and of which nothing else is known has left or has not: nobody knows. It becomes uncertain and
is never handed over again by itself, unless its carrier takes a message of the same id once only.
"""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from crmkit import CrmkitError, CrmSession, Input, Interaction, Refused, operation, texts
from crmkit_messaging.sending.channels import kind_of
from crmkit_messaging.sending.events import MessageFailed, MessageHeld, MessageSent, MessageUncertain
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.suppression import suppress
from crmkit_messaging.sending.waking import wake
from crmkit_messaging.settings import settings_of

_ = texts("crmkit_messaging")
_log = logging.getLogger("crmkit.messaging")

MANAGE = "messaging.message.manage"
LONGEST_PAUSE = timedelta(hours=4)
NO_CARRIER = "no carrier"
"""The kernel's word for a channel that nothing carries."""

Ending = Literal["accepted", "refused", "later", "unknown", "file_gone"]


@operation("messaging.message.settle", title=_("Note what came of a message"), permission=MANAGE, hidden=True)
def settle(
    session: CrmSession,
    message: OutgoingMessage,
    *,
    token: Annotated[int, Input(classified="internal")],
    ending: Ending,
    carrier_id: Annotated[str | None, Input(max_length=1000, classified="internal")] = None,
    answer: Annotated[str, Input()] = "",
    bad_address: Annotated[bool, Input(classified="internal")] = False,
    retry_at: datetime | None = None,
) -> OutgoingMessage:
    """Keep what came of handing a message over. What is known by now of another attempt, or was decided by somebody
    meanwhile, stays as it is."""
    require_framework(session)
    session.refresh(message, with_for_update=True)
    if message.token != token or message.state not in ("sending", "uncertain"):
        return message
    message.answer = answer[:1000] or None
    message.leased_until = None
    now = session.gate.clock.now()
    if ending == "accepted":
        message.carrier_id = None if carrier_id is None else carrier_id[:200]
        note_sent(session, message)
    elif ending == "later":
        _again(session, message, retry_at, now)
    elif ending == "unknown":
        doubt(session, message)
    else:
        if bad_address:
            _suppress(session, message)
        _fail(session, message, _refusal(ending, answer, bad_address=bad_address), now)
    return message


def require_framework(session: CrmSession) -> None:
    """Raise Refused for anybody but the jobs of sending: whether a message leaves is nobody's to say."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def told(message: OutgoingMessage) -> dict[str, Any]:
    """Return what every event about a message says."""
    return {
        "message_id": message.id,
        "customer_id": message.customer_id,
        "channel": message.channel,
        "purpose": message.purpose,
    }


def note_sent(session: CrmSession, message: OutgoingMessage) -> None:
    """Keep that a message has left, and record it as an interaction; once, however often it is asked for."""
    now = session.gate.clock.now()
    message.state, message.reason, message.reason_values = "sent", None, {}
    message.due_at = message.leased_until = None
    message.sent_at = message.ended_at = now
    message.left_at = message.left_at or now
    message.interaction_id = _record(session, message)
    session.flush()
    session.emit(MessageSent(**told(message), interaction_id=message.interaction_id))


def _record(session: CrmSession, message: OutgoingMessage) -> UUID | None:
    kind = kind_of(session, message.channel)
    known = {each.name for each in session.gate.registry.interaction_kinds[kind].payload}
    answered, references = answered_by(session, message)
    payload = {
        "message_id": message.message_id,
        "in_reply_to": answered or None,
        "references": [*references, answered] if answered else None,
        "status": "sent",
        "purpose": message.purpose,
    }
    original = None if message.reply_to_id is None else session.get(Interaction, message.reply_to_id)
    person, _colon, identity = message.actor_id.partition(":")
    contact = session.gate.registry.tables["channel"][message.channel].contact_kind
    address = {"contact_kind": contact, "address": message.address} if contact in ("email", "phone", "social") else {}
    participants: list[dict[str, Any]] = [{"role": "to", "customer_id": message.customer_id, **address}]
    if person == "user":
        participants.append({"role": "from", "user_id": identity})
    given = {
        "kind": kind,
        "channel": message.channel,
        "direction": "out",
        "customer_id": message.customer_id,
        "occurred_at": message.left_at,
        "subject": message.subject,
        "body": message.body,
        "payload": {name: value for name, value in payload.items() if name in known and value is not None},
        "thread": (original.thread if original is not None else None) or answered or message.message_id,
        "about_id": message.reply_to_id if original is not None else None,
        "source": "messaging",
        "external_id": str(message.id),
        "participants": participants,
    }
    try:
        recorded: Interaction = session.run("interaction.record", given)
    except CrmkitError as error:
        # It has left, whatever a plugin thinks of writing that down.
        _log.warning("message %s was sent and could not be recorded (%s)", message.id, error.code)
        return None
    return recorded.id


def doubt(session: CrmSession, message: OutgoingMessage) -> None:
    """Keep that nobody knows whether a message has left; or have it handed over again where that does no harm."""
    message.leased_until = None
    now = session.gate.clock.now()
    channel = session.gate.registry.tables["channel"].get(message.channel)
    if channel is not None and channel.repeatable:
        _again(session, message, None, now, may_have_left=True)
        return
    message.state, message.reason, message.reason_values = "uncertain", "unknown_end", {}
    message.due_at, message.ended_at = None, now
    session.emit(MessageUncertain(**told(message)))


def _again(
    session: CrmSession,
    message: OutgoingMessage,
    retry_at: datetime | None,
    now: datetime,
    *,
    may_have_left: bool = False,
) -> None:
    """Have a message handed over again later, each time after a longer pause; or give it up."""
    if not may_have_left:
        message.left_at = None
    if message.attempts >= settings_of(session.crm.settings).sending_attempts:
        _fail(session, message, "too_many_attempts", now, may_have_left=may_have_left)
        return
    pause = min(timedelta(minutes=2 ** min(message.attempts - 1, 12)), LONGEST_PAUSE)
    message.state, message.reason, message.reason_values = "waiting", "busy", {}
    message.due_at = max(retry_at or now + pause * random.uniform(1, 1.1), now + timedelta(seconds=1))  # noqa: S311
    if message.held_at is None:
        message.held_at = now
        session.emit(MessageHeld(**told(message), reason="busy"))
    wake(session, message.channel, message.mailbox, message.due_at)


def _fail(
    session: CrmSession, message: OutgoingMessage, reason: str, now: datetime, *, may_have_left: bool = False
) -> None:
    if not may_have_left:
        message.left_at = None
    message.state, message.reason, message.reason_values = "failed", reason, {}
    message.due_at, message.ended_at = None, now
    session.emit(MessageFailed(**told(message), reason=reason))


def _refusal(ending: str, answer: str, *, bad_address: bool) -> str:
    if ending == "file_gone":
        return ending
    if answer == NO_CARRIER:
        return "no_carrier"
    return "bounced" if bad_address else "carrier_refused"


def _suppress(session: CrmSession, message: OutgoingMessage) -> None:
    channel = session.gate.registry.tables["channel"].get(message.channel)
    if channel is not None and channel.contact_kind and message.address:
        source = f"messaging.message:{message.id}"
        suppress(session, channel.contact_kind, message.address, "hard_bounce", source, message.customer_id)


def answered_by(session: CrmSession, message: OutgoingMessage) -> tuple[str, list[str]]:
    """Return the Message-ID that a message answers, and those that this one referred to."""
    original = None if message.reply_to_id is None else session.get(Interaction, message.reply_to_id)
    if original is None:
        return "", []
    payload = original.payload
    answered = str(payload.get("message_id") or "")
    referred = [str(each) for each in payload.get("references") or () if each != answered]
    return answered, referred[-20:]


OPERATIONS = [settle]
