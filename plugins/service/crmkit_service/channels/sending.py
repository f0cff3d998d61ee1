"""Answers that go out by mail: handed to plugin messaging in the transaction in which somebody answers, and what became
of them afterwards.

Messaging's gate decides whether a mail may leave. It is reached by the names of its operation and events, never by
import. A mail carries its thread and the code of the case, so that what comes back finds the case.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Interaction, Subscription, operation, texts
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.channels.codes import code_of, plain_subject
from crmkit_service.channels.finding import channel_of
from crmkit_service.channels.models import Departure
from crmkit_service.channels.writing import with_links

_ = texts("crmkit_service")

SEND = "messaging.send"
PURPOSE = "service"
"""The purpose of messages about cases, in messaging's policies."""
LONGEST = 400
"""Characters of a subject beside its code."""


def can_mail(session: CrmSession) -> bool:
    """Say whether mails can be sent at all."""
    return SEND in session.gate.registry.operations


def send_answer(session: CrmSession, event: Any) -> None:
    """Hand an answer that waits to messaging, in the transaction that wrote it: where it cannot be sent at all, nothing
    is answered. What the gate refuses is kept as not delivered."""
    if event.delivery == "waiting" and event.channel == "mail" and can_mail(session):
        session.run("service.message.send", target=session.get_one(CaseMessage, event.message_id))


@operation("service.message.send", title=_("Send the answer"), permission="service.case.reply", effect="update",
           hidden=True)  # fmt: skip
def send_message(session: CrmSession, message: CaseMessage) -> CaseMessage:
    """Hand an answer that waits to messaging, once. Raises what messaging's operation does."""
    if message.delivery != "waiting" or session.scalar(
        select(Departure.outgoing_id).where(Departure.message_id == message.id).limit(1)
    ):
        return message
    case = session.get_one(Case, message.case_id)
    asked, text = _asked(session, case), str(message.body or "")
    sent = session.run(
        SEND,
        {
            "customer_id": case.customer_id,
            "purpose": PURPOSE,
            "channel": "email",
            "subject": _subject(session, case, asked),
            "body": with_links(session, case, text) if message.automatic else text,
            "language": case.language,
            "key": f"service message {message.id}",
            "ref": f"service.message:{message.id}",
            "reply_to_id": asked.id if asked is not None else None,
            "contact_point_id": _written_from(session, asked),
            "mailbox": _mailbox(session, case),
            "attachments": [UUID(each) for each in message.files],
            "automatic": message.automatic,
        },
    )
    if sent.state == "refused":
        session.run("service.message.settle", {"delivery": "failed"}, target=message)
    else:
        session.add(Departure(outgoing_id=sent.id, message_id=message.id, customer_id=case.customer_id))
    return message


def _asked(session: CrmSession, case: Case) -> Interaction | None:
    """Return what the customer wrote last: what is answered."""
    query = (
        select(Interaction)
        .join(CaseMessage, CaseMessage.interaction_id == Interaction.id)
        .where(CaseMessage.case_id == case.id, CaseMessage.direction == "in", CaseMessage.automatic.is_(False))
        .order_by(CaseMessage.at.desc(), CaseMessage.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _subject(session: CrmSession, case: Case, asked: Interaction | None) -> str:
    said = asked.subject if asked is not None and asked.kind == "email" and type(asked.subject) is str else case.subject
    plain = plain_subject(str(said))[:LONGEST]
    return f"Re: {plain} {code_of(session, case)}" if asked is not None else f"{plain} {code_of(session, case)}"


def _written_from(session: CrmSession, asked: Interaction | None) -> UUID | None:
    """Return the contact point of the address from which the customer wrote last, where messaging knows it."""
    resource = session.gate.registry.resources.get("messaging.mail")
    if asked is None or resource is None or asked.kind != "email":
        return None
    mail: Any = resource.model
    found: UUID | None = session.scalar(select(mail.contact_point_id).where(mail.interaction_id == asked.id))
    return found


def _mailbox(session: CrmSession, case: Case) -> str | None:
    """Return the mailbox by which a case came in, while it sends mails; else the usual one is taken."""
    channel = channel_of(session, case)
    resource = session.gate.registry.resources.get("messaging.mailbox")
    if channel is None or channel.mailbox is None or resource is None:
        return None
    box: Any = resource.model
    query = select(box.name).where(box.name == channel.mailbox, box.active, box.smtp_host.is_not(None))
    found: str | None = session.scalar(query)
    return found


def message_sent(session: CrmSession, event: Any) -> None:
    """Note that an answer has left, and as which interaction it was recorded."""
    _settle(session, event, "sent", event.interaction_id)


def message_lost(session: CrmSession, event: Any) -> None:
    """Note that an answer did not arrive."""
    _settle(session, event, "failed", None)


def _settle(session: CrmSession, event: Any, delivery: str, interaction_id: UUID | None) -> None:
    departure = session.get(Departure, event.message_id)
    message = session.get(CaseMessage, departure.message_id) if departure is not None else None
    if message is not None:
        given = {"delivery": delivery, "interaction_id": interaction_id or message.interaction_id}
        session.run("service.message.settle", given, target=message)


def is_answer(session: CrmSession, event: Any) -> bool:
    """Say whether a message of messaging is an answer in a case."""
    return session.get(Departure, event.message_id) is not None


def has_bounced(session: CrmSession, event: Any) -> bool:
    """Say whether an answer in a case came back for good."""
    return event.severity in ("hard", "blocked") and is_answer(session, event)


OPERATIONS = [send_message]
SUBSCRIPTIONS = [
    Subscription(
        name="service.send_answer",
        event="service.case.answered",
        handler=send_answer,
        phase="before_commit",
        durable=False,
    ),
    Subscription(name="service.answer_sent", event="messaging.message.sent", handler=message_sent, wanted=is_answer),
    Subscription(
        name="service.answer_refused", event="messaging.message.refused", handler=message_lost, wanted=is_answer
    ),
    Subscription(
        name="service.answer_failed", event="messaging.message.failed", handler=message_lost, wanted=is_answer
    ),
    Subscription(
        name="service.answer_bounced", event="messaging.mail.bounced", handler=message_lost, wanted=has_bounced
    ),
]
