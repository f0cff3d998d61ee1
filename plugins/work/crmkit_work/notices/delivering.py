"""Hands deliveries of notices to carriers: exactly once as far as a carrier allows, and never twice.

Each attempt is written down before anybody is talked to. One that ended without a word, as the process was killed or
the carrier failed, is uncertain: it is shown to the person, and made again only on a channel whose carrier takes the
same id once. No transaction is open while a carrier is talked to. Must not know any channel but e-mail's address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import (
    CRM,
    Actor,
    Conflict,
    CrmSession,
    Delivery,
    Input,
    Message,
    User,
    deliver,
    new_id,
    operation,
    secret_of,
    texts,
)
from crmkit.i18n import translate
from crmkit_work.notices.kinds import EMAIL
from crmkit_work.notices.models import Notice, NoticeDelivery, NoticeItem, PersonAddress
from crmkit_work.notices.reading import Told, in_words
from crmkit_work.notices.routing import only_system, queue

_ = texts("crmkit_work")

MOST_ATTEMPTS = 12
STANDING = timedelta(minutes=2)
"""For so long an attempt that has not ended is left alone: the worker that made it may still be at it."""
LONGEST_PAUSE = timedelta(hours=6)
CHOICES = "/modules/work/notices/choices"
"""The page of choices."""
SHOWN = 100
"""Most notices in the daily message."""


@frozen(kw_only=True)
class Attempt:
    """What a carrier is given, at one attempt."""

    attempt: UUID
    user_id: UUID
    channel: str
    address: str = field(repr=False)
    daily: bool
    notice_ids: tuple[UUID, ...]


def deliver_notices(crm: CRM, actor: Actor, *, delivery_id: str) -> None:
    """Carry out one delivery: the job."""
    attempt: Attempt | None = crm.run(actor, "work.notice_delivery.begin", {"delivery_id": delivery_id})
    if attempt is None:
        return
    identity = UUID(delivery_id)
    message = _message(crm, identity, attempt)
    if message is None:
        found = Delivery(outcome="refused", reason="read")
    else:
        try:
            found = deliver(crm, message)
        except Exception as error:
            # What a carrier fails with may come before or after the message has left.
            _end(crm, actor, identity, attempt, "uncertain", reason=type(error).__name__)
            return
    _end(
        crm,
        actor,
        identity,
        attempt,
        found.outcome,
        reason=found.reason,
        carrier_id=found.carrier_id,
        retry_at=found.retry_at,
    )


def _end(crm: CRM, actor: Actor, identity: UUID, attempt: Attempt, outcome: str, **values: Any) -> None:
    given = {"delivery_id": identity, "attempt": attempt.attempt, "outcome": outcome, **values}
    crm.run(actor, "work.notice_delivery.end", given)


# --- operations of the framework --------------------------------------------------------------------------------------

DeliveryId = Annotated[UUID, Input(title=_("Delivery"), classified="internal")]


@operation(
    "work.notice_delivery.begin", title=_("Begin a delivery"), permission="work.notice_delivery.update", hidden=True
)
def begin_delivery(session: CrmSession, *, delivery_id: DeliveryId) -> Attempt | None:
    """Write down that a delivery is being made, and return what with; None where it must not be made now.

    Raises Refused outside system scope.
    """
    only_system(session)
    now = session.gate.clock.now()
    delivery = session.get(NoticeDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.state not in ("waiting", "sending"):
        return None
    if delivery.state == "sending":
        assert delivery.started_at is not None
        stands_until = delivery.started_at + STANDING
        if now < stands_until:
            delivery.due_at = stands_until
            queue(session, delivery)
            return None
        if not _is_repeatable(session, delivery.channel):
            _settle(delivery, "uncertain", now)
            return None
    elif delivery.due_at > now:
        queue(session, delivery)
        return None
    address, reason = _address_of(session, delivery)
    if not address:
        _settle(delivery, "refused", now, reason)
        return None
    notice_ids = _unread(session, delivery.id)
    if not notice_ids:
        _settle(delivery, "dropped", now)
        return None
    delivery.state, delivery.started_at, delivery.attempt = "sending", now, new_id()
    delivery.attempts += 1
    return Attempt(
        attempt=delivery.attempt,
        user_id=delivery.user_id,
        channel=delivery.channel,
        address=address,
        daily=delivery.daily,
        notice_ids=notice_ids,
    )


@operation("work.notice_delivery.end", title=_("End a delivery"), permission="work.notice_delivery.update", hidden=True)
def end_delivery(
    session: CrmSession,
    *,
    delivery_id: DeliveryId,
    attempt: Annotated[UUID, Input(title=_("Attempt"), classified="internal")],
    outcome: Annotated[
        Literal["accepted", "refused", "later", "uncertain"], Input(title=_("Outcome"), classified="internal")
    ],
    reason: Annotated[str, Input(title=_("Reason"), classified="internal")] = "",
    carrier_id: Annotated[str | None, Input(title=_("Number of the carrier"), classified="internal")] = None,
    retry_at: Annotated[datetime | None, Input(title=_("Again at"), classified="internal")] = None,
) -> None:
    """Write down what became of an attempt, unless another one was begun since. Raises Refused outside system scope."""
    only_system(session)
    now = session.gate.clock.now()
    delivery = session.get(NoticeDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.attempt != attempt:
        return
    if outcome == "later" and delivery.attempts < MOST_ATTEMPTS:
        pause = min(timedelta(minutes=2 ** min(delivery.attempts, 12)), LONGEST_PAUSE)
        delivery.state, delivery.attempt = "waiting", None
        delivery.reason = reason[:500] or None
        delivery.due_at = max(retry_at or now + pause, now + timedelta(seconds=1))
        queue(session, delivery)
        return
    if outcome == "refused" and reason == "read":
        _settle(delivery, "dropped", now)
        return
    states = {"accepted": "sent", "later": "failed", "refused": "refused", "uncertain": "uncertain"}
    _settle(delivery, states[outcome], now, reason)
    delivery.carrier_id = carrier_id[:200] if carrier_id else None


def _settle(delivery: NoticeDelivery, state: str, now: datetime, reason: str = "") -> None:
    delivery.state, delivery.ended_at, delivery.attempt = state, now, None
    delivery.reason = reason[:500] or None


def _is_repeatable(session: CrmSession, channel: str) -> bool:
    declared = session.gate.registry.tables["channel"].get(channel)
    return declared is not None and declared.repeatable


def _address_of(session: CrmSession, delivery: NoticeDelivery) -> tuple[str, str]:
    """Return where somebody is reached on a channel, or nothing and why not."""
    user = session.get(User, delivery.user_id)
    if user is None or not user.active:
        return "", "inactive"
    if delivery.channel == EMAIL:
        return user.email or "", "no address"
    query = select(PersonAddress).where(
        PersonAddress.user_id == delivery.user_id, PersonAddress.channel == delivery.channel
    )
    found = session.scalar(query)
    return (secret_of(found, "address") or "" if found is not None else ""), "no address"


def _unread(session: CrmSession, delivery_id: UUID) -> tuple[UUID, ...]:
    query = (
        select(Notice.id)
        .join(NoticeItem, NoticeItem.notice_id == Notice.id)
        .where(NoticeItem.delivery_id == delivery_id, Notice.read_at.is_(None))
        .order_by(Notice.urgent.desc(), Notice.created_at, Notice.id)
    )
    return tuple(session.scalars(query.limit(SHOWN)))


# --- what is written --------------------------------------------------------------------------------------------------


def _message(crm: CRM, identity: UUID, attempt: Attempt) -> Message | None:
    """Return the message, in the words of its recipient; None where all of it was read meanwhile."""
    with crm.session(Actor.user(attempt.user_id)) as session:
        user = session.get(User, attempt.user_id)
        config = session.crm.config.get(session)
        language = (user.language if user is not None else None) or config.language
        notices = session.scalars(
            select(Notice)
            .where(Notice.id.in_(attempt.notice_ids), Notice.read_at.is_(None))
            .order_by(Notice.urgent.desc(), Notice.created_at, Notice.id)
        ).all()
        told = in_words(session, notices, language)
        base = (crm.settings.public_url or "").rstrip("/")
        name = config.name or "crmkit"
    if not told:
        return None
    if attempt.daily:
        heading = translate(_("{count} notices of {name}"), language, count=len(told), name=name)
        subject = heading if len(told) > 1 else told[0].title
    else:
        subject = told[0].title
    lines = [_line(each, base) for each in told]
    where = translate(_("Where you are told what is your choice: {address}"), language, address=f"{base}{CHOICES}")
    return Message(
        id=identity,
        channel=attempt.channel,
        address=attempt.address,
        subject=" ".join(subject.split())[:200],
        body="\n\n".join([*lines, where]) + "\n",
        headers={"Auto-Submitted": "auto-generated"},
    )


def _line(told: Told, base: str) -> str:
    path = told.path or "/modules/work/notices"
    return f"{told.title}\n{base}{path}"


# --- what a person does -----------------------------------------------------------------------------------------------


@operation(
    "work.notice_delivery.resend",
    title=_("Send it again"),
    permission="work.notice_delivery.update",
    effect="update",
)
def resend_delivery(session: CrmSession, delivery: NoticeDelivery) -> NoticeDelivery:
    """Send a message again that was perhaps not sent, was refused or given up. Raises Conflict for any other."""
    if delivery.state not in ("uncertain", "refused", "failed"):
        raise Conflict(_("Only what did not go for sure is sent again."))
    delivery.state, delivery.due_at, delivery.ended_at = "waiting", session.gate.clock.now(), None
    delivery.attempts, delivery.reason = 0, None
    queue(session, delivery)
    return delivery


@operation(
    "work.notice_delivery.drop", title=_("Leave it at that"), permission="work.notice_delivery.update", effect="update"
)
def drop_delivery(session: CrmSession, delivery: NoticeDelivery) -> NoticeDelivery:
    """Leave a message unsent, or as it is. Raises Conflict where it was sent."""
    if delivery.state not in ("uncertain", "refused", "failed", "waiting"):
        raise Conflict(_("It is being sent, or was."))
    _settle(delivery, "dropped", session.gate.clock.now())
    return delivery


OPERATIONS = [begin_delivery, end_delivery, resend_delivery, drop_delivery]
