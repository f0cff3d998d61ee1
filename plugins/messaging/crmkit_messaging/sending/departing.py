"""Letting messages leave: the transaction before one is handed over, in which it is decided anew and marked. What came
of it is kept by `settling`. Nothing here talks to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import or_, select

from crmkit import (
    ContactPoint,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Message,
    operation,
    texts,
)
from crmkit_messaging.sending.channels import message_id_of
from crmkit_messaging.sending.deciding import Decision
from crmkit_messaging.sending.events import (
    MessageHeld,
    MessageRefused,
)
from crmkit_messaging.sending.models import OutgoingMessage, Throttle
from crmkit_messaging.sending.reading import Request, decide_each
from crmkit_messaging.sending.settling import MANAGE, answered_by, doubt, require_framework, told
from crmkit_messaging.sending.waking import wake
from crmkit_messaging.settings import settings_of

_ = texts("crmkit_messaging")

LOOKED_AT = 50
"""So many messages are looked at in one transaction until one may leave."""
UNREADY = timedelta(minutes=10)
"""After this time a message is tried again that could not be made ready."""

Channel = Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")]
MailboxName = Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")]


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
    require_framework(session)
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


@operation("messaging.message.tidy", title=_("Look after what waits"), permission=MANAGE, hidden=True)
def tidy(session: CrmSession) -> int:
    """Take messages for uncertain whose handing over broke off, and have every way looked at by which one is due;
    return how many ways that were."""
    require_framework(session)
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
    require_framework(session)
    wake(session, channel, mailbox or None, at)


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
    answered, references = answered_by(session, message)
    if answered:
        found["In-Reply-To"] = answered
        found["References"] = " ".join([*references, answered])
    if message.automatic:
        found["Auto-Submitted"] = "auto-replied" if answered else "auto-generated"
        found["X-Auto-Response-Suppress"] = "All"
    return found


OPERATIONS = [depart, tidy, wake_up]
