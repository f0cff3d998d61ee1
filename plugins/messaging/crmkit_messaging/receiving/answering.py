"""Automatic answers: that a mail came in, while nobody works. By the rules of RFC 3834, so that no machine answers a
machine, and through the one gate, as every message.

A mail is answered at most once, a sender once in some days by each mailbox, and what is sent says that a machine wrote
it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, Input, Interaction, operation, texts
from crmkit_messaging.mail.models import Mailbox
from crmkit_messaging.receiving.models import AutomaticAnswer, ReceivedMail
from crmkit_messaging.settings import settings_of

_ = texts("crmkit_messaging")

PURPOSE = "service"


@operation("messaging.mail.answer", title=_("Answer automatically"), permission="messaging.mail.receive",
           effect="create", hidden=True)  # fmt: skip
def answer_automatically(
    session: CrmSession,
    *,
    interaction_id: Annotated[UUID, Input(title=_("Interaction"), classified="internal")],
    mailbox: Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")],
) -> str:
    """Answer a mail with the template of its mailbox, outside the mailbox's working hours, and return what became of it
    by a code."""
    # Of two mails of one sender at once the second finds what the first has done.
    mail = session.scalar(select(ReceivedMail).where(ReceivedMail.interaction_id == interaction_id).with_for_update())
    box = session.scalar(select(Mailbox).where(Mailbox.name == mailbox).with_for_update())
    if mail is None or mail.answered is not None or box is None:
        return "answered"
    outcome = mail.answered = _why_not(session, mail, box) or _answer(session, mail, box)
    return outcome


def _why_not(session: CrmSession, mail: ReceivedMail, box: Mailbox) -> str:
    """Return why a mail is not answered, by a code, or an empty text."""
    if not box.active or not box.auto_reply_template:
        return "no_template"
    if mail.answerable:
        return mail.answerable
    if mail.customer_id is None or mail.contact_point_id is None:
        return "unknown_sender"
    if is_working(session, box, mail):
        return "open_hours"
    since = session.gate.clock.now() - timedelta(days=settings_of(session.crm.settings).auto_reply_days)
    lately = (
        select(AutomaticAnswer.id)
        .where(
            AutomaticAnswer.mailbox == box.name,
            AutomaticAnswer.customer_id == mail.customer_id,
            AutomaticAnswer.answered_at > since,
        )
        .limit(1)
    )
    return "lately" if session.scalar(lately) is not None else ""


def is_working(session: CrmSession, box: Mailbox, mail: ReceivedMail) -> bool:
    """Say whether a mail came in the working hours of its mailbox; without a calendar there are none."""
    if box.calendar_id is None:
        return False
    from crmkit_work.api import WorkingHours, working_calendar

    hours = session.get(WorkingHours, box.calendar_id)
    return hours is not None and working_calendar(session, hours).is_open(mail.received_at)


def _answer(session: CrmSession, mail: ReceivedMail, box: Mailbox) -> str:
    customer = session.get(Customer, mail.customer_id)
    interaction = session.get(Interaction, mail.interaction_id)
    if customer is None or interaction is None:
        return "unknown_sender"
    message = {
        "customer_id": customer.id,
        "purpose": PURPOSE,
        "channel": "email",
        "template": box.auto_reply_template,
        "language": mail.language or None,
        "key": f"automatic answer {mail.interaction_id}",
        "ref": f"interaction:{mail.interaction_id}",
        "contact_point_id": mail.contact_point_id,
        "urgent": True,
        "reply_to_id": mail.interaction_id,
        "mailbox": box.name,
        "automatic": True,
    }
    try:
        sent = session.run("messaging.send", message)
    except CrmkitError:
        return "refused"
    if sent.state == "refused":
        return "suppressed" if sent.reason == "suppressed" else "refused"
    session.add(
        AutomaticAnswer(
            customer_id=customer.id,
            mailbox=box.name,
            interaction_id=mail.interaction_id,
            message_id=sent.id,
            answered_at=session.gate.clock.now(),
        )
    )
    return "answered"
