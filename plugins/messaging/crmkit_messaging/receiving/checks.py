"""What ``crmkit doctor`` says of receiving: mailboxes that cannot be read, mails that are stuck."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, texts
from crmkit_messaging.receiving.models import MailboxPlace, StuckMail

_ = texts("crmkit_messaging")

LATE = timedelta(minutes=30)
"""A mailbox that could not be read for so long is worth a word."""


def look_at_mailboxes(session: CrmSession) -> Sequence[Finding]:
    """Return which mailboxes cannot be read, and how many mails are stuck."""
    since = session.gate.clock.now() - LATE
    found = [
        Finding(
            level="warning",
            code="messaging.mailbox_unread",
            message=_('The mailbox "{mailbox}" cannot be read since {since}: {error}.'),
            hint=_("Check its server, user and password: crmkit messaging mailbox."),
            values={"mailbox": each.mailbox, "since": each.failing_since, "error": each.error or ""},
        )
        for each in session.scalars(
            select(MailboxPlace).where(MailboxPlace.failing_since < since).order_by(MailboxPlace.mailbox)
        )
    ]
    stuck = session.scalar(select(func.count(StuckMail.id)).where(StuckMail.state == "open")) or 0
    if stuck:
        found.append(
            Finding(
                level="warning",
                code="messaging.mail_stuck",
                message=_("{count} mails could not be taken in."),
                hint=_("They are still on their server: see Mails that are stuck."),
                values={"count": stuck},
            )
        )
    return found or [Finding(level="ok", code="messaging.receiving", message=_("All mailboxes are read."))]


CHECKS = [Check(name="messaging.receiving", title=_("Mailboxes are read"), run=look_at_mailboxes)]
