"""Leaving by a mail, as the address in ``List-Unsubscribe`` offers: whoever sends it, its subject says what is left and
is signed. Must not know how mail comes in."""

from __future__ import annotations

from sqlalchemy import select

from crmkit import CrmSession, Interaction, Subscription, texts
from crmkit_messaging.leaving.links import SUBJECT, left_by
from crmkit_messaging.leaving.models import Leave
from crmkit_messaging.receiving.events import MailReceived

_ = texts("crmkit_messaging")


def on_mail(session: CrmSession, event: MailReceived) -> None:
    """Leave what the subject of a mail asks for; any other mail is left alone."""
    mail = session.get(Interaction, event.interaction_id)
    subject = str(mail.subject or "") if mail is not None else ""
    if SUBJECT not in subject.lower():
        return
    identity = left_by(session, subject)
    leave = None if identity is None else session.scalar(select(Leave).where(Leave.id == identity))
    if leave is not None:
        session.run("messaging.leave.take", {"way": "mail"}, target=leave)


SUBSCRIPTIONS = [
    Subscription(name="messaging.leave_by_mail", event="messaging.mail.received", handler=on_mail),
]
