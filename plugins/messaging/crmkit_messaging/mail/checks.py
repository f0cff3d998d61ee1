"""What ``crmkit doctor`` looks at of mailboxes: one to send by, passwords that are there, domains that are believed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crmkit import Check, CrmSession, Finding, secret_of, texts
from crmkit_messaging.mail.domains import TEXTS, overall
from crmkit_messaging.mail.models import Mailbox

_ = texts("crmkit_messaging")


def check(session: CrmSession) -> Sequence[Finding]:
    """Return what is wrong with mailboxes, each with what to do."""
    boxes = session.scalars(select(Mailbox).where(Mailbox.active).order_by(Mailbox.name)).all()
    if not boxes:
        return [
            Finding(
                level="info",
                code="messaging.no_mailbox",
                message=_("There is no mailbox: no e-mail can be sent."),
                hint=_("crmkit messaging mailbox new sets one up."),
            )
        ]
    found: list[Finding] = []
    for box in boxes:
        for kind in ("smtp", "imap"):
            host, user = getattr(box, f"{kind}_host"), getattr(box, f"{kind}_user")
            if host and user and secret_of(box, f"{kind}_password") is None:
                found.append(
                    Finding(
                        level="error",
                        code="messaging.no_password",
                        message=_('The mailbox "{name}" has no password for {host}.'),
                        hint=_("crmkit messaging mailbox password {name} --{kind} asks for it."),
                        values={"name": box.name, "host": host, "kind": kind},
                    )
                )
        if box.smtp_host and overall(box.sender_check) in ("missing", "wrong"):
            wrong = [each for each in box.sender_check.values() if each["state"] in ("missing", "wrong")]
            found.extend(
                Finding(
                    level="warning",
                    code=f"messaging.{each['code']}",
                    message=TEXTS[each["code"]],
                    hint=_("Until then much of the mail of {name} ends as spam."),
                    values={**each["values"], "name": box.name},
                )
                for each in wrong
            )
    return found


CHECKS = [Check(name="messaging.mailboxes", title=_("Mailboxes"), run=check)]
