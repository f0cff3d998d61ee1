"""Letting messages leave: the transaction before one is handed over, in which it is decided anew and marked, and the
one afterwards, which keeps what came of it. Nothing here talks to anybody.

A message that was marked and of which nothing else is known has left or has not: nobody knows. It becomes uncertain and
is never handed over again by itself, unless its carrier takes a message of the same id once only.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import or_, select

from crmkit import (
    ContactPoint,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    Message,
    Refused,
    operation,
    texts,
)
from crmkit_messaging.sending.channels import kind_of, message_id_of
from crmkit_messaging.sending.deciding import Decision
from crmkit_messaging.sending.events import (
    MessageFailed,
    MessageHeld,
    MessageRefused,
    MessageSent,
    MessageUncertain,
)
from crmkit_messaging.sending.models import OutgoingMessage, Throttle
from crmkit_messaging.sending.reading import Request, decide_each
from crmkit_messaging.sending.suppression import suppress
from crmkit_messaging.sending.waking import wake
from crmkit_messaging.settings import settings_of

_ = texts("crmkit_messaging")
_log = logging.getLogger("crmkit.messaging")

MANAGE = "messaging.message.manage"
LOOKED_AT = 50
"""So many messages are looked at in one transaction until one may leave."""
LONGEST_PAUSE = timedelta(hours=4)
UNREADY = timedelta(minutes=10)
"""After this time a message is tried again that could not be made ready."""
NO_CARRIER = "no carrier"
"""The kernel's word for a channel that nothing carries."""

Channel = Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")]
MailboxName = Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")]
Ending = Literal["accepted", "refused", "later", "unknown", "file_gone"]


@frozen(kw_only=True)
class Handover:
    """What is to be done next: hand ``message`` over with the files of these ids, as attempt ``token``; or, where there
    is no message, look again at ``again_at`` (UTC), or not at all."""

    message: Message | None = field(default=None, repr=False)
    token: int = 0
    file_ids: tuple[UUID, ...] = ()
    again_at: datetime | None = None


@operation("messaging.message.depart", title=_("Let the next message leave"), permission=MANAGE, hidden=True)
def depart(session: CrmSession, *, channel: Channel, mailbox: MailboxName = "") -> Handover:
    """Decide on the messages of a way that are due, the urgent ones first, until one may leave, and mark that one."""
    _require_framework(session)
    now = session.gate.clock.now()
    wait = _throttled(session, channel, mailbox or None, now)
    if wait is not None:
        return Handover(again_at=wait)
    query = (
        select(OutgoingMessage.id, OutgoingMessage.customer_id)
        .where(*_of_way(channel, mailbox), OutgoingMessage.state == "waiting", OutgoingMessage.due_at <= now)
        .order_by(OutgoingMessage.urgent.desc(), OutgoingMessage.due_at, OutgoingMessage.id)
        .limit(LOOKED_AT)
    )
    due = session.execute(query).all()
    for identity, customer_id in due:
        message = _held(session, identity, customer_id)
        if message is None:
            continue
        (decision,) = decide_each(session, [_request(message)], now)
        if decision.outcome == "now":
            try:
                with session.begin_nested():
                    return _mark(session, message, decision, now)
            except CrmkitError as error:
                # One message that cannot be made ready must not stand in the way of the others.
                session.refresh(message)
                decision = Decision(outcome="later", reason="not_ready", values={"code": error.code}, at=now + UNREADY)
        _put_off(session, message, decision, now)
        session.flush()
    return Handover(again_at=now if len(due) == LOOKED_AT else None)


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
    _require_framework(session)
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


@operation("messaging.message.tidy", title=_("Look after what waits"), permission=MANAGE, hidden=True)
def tidy(session: CrmSession) -> int:
    """Take messages for uncertain whose handing over broke off, and have every way looked at by which one is due;
    return how many ways that were."""
    _require_framework(session)
    now = session.gate.clock.now()
    for message in session.scalars(select(OutgoingMessage).where(*broken_off(now)).with_for_update(skip_locked=True)):
        doubt(session, message)
    session.flush()
    ways = session.execute(
        select(OutgoingMessage.channel, OutgoingMessage.mailbox)
        .where(OutgoingMessage.state == "waiting", OutgoingMessage.due_at <= now)
        .distinct()
    ).all()
    for channel, mailbox in ways:
        wake(session, channel, mailbox)
    return len(ways)


@operation("messaging.message.wake", title=_("Have what waits looked at"), permission=MANAGE, hidden=True)
def wake_up(session: CrmSession, *, channel: Channel, mailbox: MailboxName = "", at: datetime | None = None) -> None:
    """Have the messages of a way looked at, now or at an instant."""
    _require_framework(session)
    wake(session, channel, mailbox or None, at)


def _require_framework(session: CrmSession) -> None:
    """Raise Refused for anybody but the jobs of sending: whether a message leaves is nobody's to say."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def broken_off(now: datetime) -> tuple[Any, ...]:
    """Return the conditions on messages whose handing over broke off."""
    return (OutgoingMessage.state == "sending", OutgoingMessage.leased_until < now)


def needs_tidying(session: CrmSession) -> bool:
    """Say whether anything is due, or broke off."""
    now = session.gate.clock.now()
    due = (OutgoingMessage.state == "waiting") & (OutgoingMessage.due_at <= now)
    broken = (OutgoingMessage.state == "sending") & (OutgoingMessage.leased_until < now)
    return session.scalar(select(OutgoingMessage.id).where(or_(due, broken)).limit(1)) is not None


# --- before -----------------------------------------------------------------------------------------------------------


def _of_way(channel: str, mailbox: str) -> tuple[Any, ...]:
    through = OutgoingMessage.mailbox == mailbox if mailbox else OutgoingMessage.mailbox.is_(None)
    return OutgoingMessage.channel == channel, through


def _throttled(session: CrmSession, channel: str, mailbox: str | None, now: datetime) -> datetime | None:
    """Return when the next message may leave by a way, where it may not now; who asks holds the throttle."""
    rules = session.scalars(
        select(Throttle)
        .where(Throttle.channel == channel, Throttle.mailbox.in_(["", mailbox or ""]))
        .order_by(Throttle.id)
        .with_for_update()
    ).all()
    waits: list[datetime] = []
    for rule in rules:
        span = timedelta(seconds=rule.seconds)
        query = select(OutgoingMessage.left_at).where(
            OutgoingMessage.channel == channel, OutgoingMessage.left_at > now - span
        )
        if rule.mailbox:
            query = query.where(OutgoingMessage.mailbox == rule.mailbox)
        left = session.scalars(query.order_by(OutgoingMessage.left_at.desc()).limit(rule.number)).all()
        if len(left) >= rule.number and left[-1] is not None:
            waits.append(left[-1] + span)
    return max(waits, default=None)


def _held(session: CrmSession, identity: UUID, customer_id: UUID) -> OutgoingMessage | None:
    """Return a message that still waits, with its customer locked: whoever decides about the same one comes later."""
    locked = select(Customer.id).where(Customer.id == customer_id).with_for_update()
    if session.scalar(locked) is None:
        return None
    found = session.scalar(
        select(OutgoingMessage)
        .where(OutgoingMessage.id == identity)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found if found is not None and found.state == "waiting" and found.customer_id == customer_id else None


def _request(message: OutgoingMessage) -> Request:
    return Request(
        customer_id=message.customer_id,
        channel=message.channel,
        purpose=message.purpose,
        contact_point_id=message.contact_point_id,
        urgent=message.urgent,
        not_before=message.not_before,
        expires_at=message.expires_at,
        message_id=message.id,
    )


def _put_off(session: CrmSession, message: OutgoingMessage, decision: Decision, now: datetime) -> None:
    """Keep why a message does not leave now, and when it is looked at again."""
    message.reason, message.reason_values = decision.reason, dict(decision.values)
    if decision.outcome == "never":
        message.state, message.due_at, message.ended_at = "refused", None, now
        session.emit(MessageRefused(**told(message), reason=decision.reason))
        return
    message.due_at = decision.at
    if message.held_at is None and decision.reason != "not_before":
        message.held_at = now
        session.emit(MessageHeld(**told(message), reason=decision.reason))


def _mark(session: CrmSession, message: OutgoingMessage, decision: Decision, now: datetime) -> Handover:
    point = None if decision.contact_point_id is None else session.get(ContactPoint, decision.contact_point_id)
    address = "" if point is None else str(point.value)
    message.state, message.reason, message.reason_values = "sending", None, {}
    message.attempts += 1
    message.token += 1
    message.left_at = now
    message.leased_until = now + timedelta(seconds=settings_of(session.crm.settings).sending_lease)
    message.address = address or None
    message.message_id = message.message_id or message_id_of(session, message)
    session.flush()
    return Handover(
        message=Message(
            id=message.id,
            channel=message.channel,
            address=address,
            subject=message.subject or "",
            body=message.body or "",
            html=message.html,
            customer_id=message.customer_id,
            headers=_headers(session, message),
            sender=message.mailbox or "",
        ),
        token=message.token,
        file_ids=tuple(UUID(each) for each in message.file_ids),
    )


def _headers(session: CrmSession, message: OutgoingMessage) -> Mapping[str, str]:
    from crmkit_messaging.api import headers_for

    found = dict(headers_for(session, message.customer_id, message.purpose, message.channel))
    found["Message-ID"] = message.message_id or ""
    answered, references = _answered(session, message)
    if answered:
        found["In-Reply-To"] = answered
        found["References"] = " ".join([*references, answered])
    if message.automatic:
        found["Auto-Submitted"] = "auto-replied" if answered else "auto-generated"
        found["X-Auto-Response-Suppress"] = "All"
    return found


def _answered(session: CrmSession, message: OutgoingMessage) -> tuple[str, list[str]]:
    """Return the Message-ID that a message answers, and those that this one referred to."""
    original = None if message.reply_to_id is None else session.get(Interaction, message.reply_to_id)
    if original is None:
        return "", []
    payload = original.payload
    answered = str(payload.get("message_id") or "")
    referred = [str(each) for each in payload.get("references") or () if each != answered]
    return answered, referred[-20:]


# --- afterwards -------------------------------------------------------------------------------------------------------


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
    answered, references = _answered(session, message)
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


OPERATIONS = [depart, settle, tidy, wake_up]
