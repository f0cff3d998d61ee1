"""Bounces and complaints: which of our messages they are about, and what follows for its address.

A report is a claim of whoever sent it. Nothing follows from one that does not name, by a Message-ID that nobody can
guess, a message that we sent; and what follows concerns the address that this message went to, whatever address the
report names.
"""

from __future__ import annotations

from contextlib import suppress as suppress_errors
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Input, Refused, operation, texts
from crmkit_messaging.receiving.events import MailBounced
from crmkit_messaging.receiving.models import Bounce
from crmkit_messaging.receiving.threads import outgoing_of
from crmkit_messaging.receiving.values import Failure, ParsedMail
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.suppression import suppress

_ = texts("crmkit_messaging")

SOFT_LIMIT = 5
"""So many soft bounces suppress an address."""
SOFT_WINDOW = timedelta(days=30)
"""Within which soft bounces are counted."""
COMPLAINTS = frozenset(("abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized"))
"""Types of feedback that mean that somebody wants no more mail (RFC 5965, 7.3; "not-spam" does not)."""
_WORST = ("hard", "blocked", "soft", "delayed", "delivered")
QUALITY = "quality.bounce.note"
"""An operation that is told of addresses that are no good, where there is one."""


def reported_on(session: CrmSession, mail: ParsedMail) -> OutgoingMessage | None:
    """Return the message of ours that a report is about, or None."""
    if mail.report is None:
        return None
    return outgoing_of(session, mail.report.message_ids)


def note_reports(session: CrmSession, mail: ParsedMail, interaction_id: UUID, about: OutgoingMessage | None) -> None:
    """Note what a report says, inside an operation."""
    if mail.report is None or mail.kind not in ("bounce", "complaint"):
        return
    failure = _failure(mail)
    severity = failure.severity
    if mail.kind == "complaint":
        severity = "complaint" if mail.report.feedback in COMPLAINTS else "delivered"  # type: ignore[assignment]
    bounce = Bounce(
        interaction_id=interaction_id,
        customer_id=None if about is None else about.customer_id,
        message_id=None if about is None else about.id,
        contact_point_id=None if about is None else about.contact_point_id,
        severity=severity,
        status=failure.status[:12],
        diagnostic=failure.diagnostic or None,
        happened_at=session.gate.clock.now(),
    )
    session.add(bounce)
    session.flush()
    if about is not None and severity != "delivered":
        session.emit(
            MailBounced(
                bounce_id=bounce.id,
                message_id=about.id,
                customer_id=about.customer_id,
                contact_point_id=about.contact_point_id,
                severity=severity,
                status=failure.status[:12],
            )
        )


def _failure(mail: ParsedMail) -> Failure:
    """Return the worst that a report says: a message of ours has one recipient."""
    failures = mail.report.failures if mail.report is not None else ()
    return min(failures, key=lambda each: _WORST.index(each.severity), default=Failure(severity="soft"))


@operation(
    "messaging.bounce.settle",
    title=_("Draw the consequence of a bounce"),
    permission="messaging.mail.receive",
    effect="update",
    hidden=True,
)
def settle(
    session: CrmSession,
    *,
    bounce_id: Annotated[UUID, Input(title=_("Bounce"), classified="internal")],
) -> bool:
    """Suppress the address that a message went to which came back for good, came back too often, or was complained of;
    say whether it was. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is decided by the framework alone."))
    bounce = session.get_one(Bounce, bounce_id)
    message = session.get(OutgoingMessage, bounce.message_id) if bounce.message_id is not None else None
    if message is None or bounce.suppressed or not message.address or message.channel != "email":
        return False
    reason = _reason(session, bounce, message)
    if bounce.severity == "hard" and message.state == "sent":
        message.state, message.reason = "failed", "bounced"
    if reason is None:
        return False
    suppress(session, "email", message.address, reason, f"messaging.bounce:{bounce.id}", message.customer_id)
    bounce.suppressed = True
    if bounce.severity == "hard" and QUALITY in session.gate.registry.operations:
        # What another plugin makes of it must not undo what follows here.
        with suppress_errors(CrmkitError):
            session.run(QUALITY, {"address": message.address, "kind": "email", "note": bounce.status})
    return True


def _reason(session: CrmSession, bounce: Bounce, message: OutgoingMessage) -> str | None:
    if bounce.severity == "complaint":
        return "complaint"
    if bounce.severity == "hard":
        return "hard_bounce"
    if bounce.severity != "soft":
        return None
    # One message counts once, however many servers report of it.
    same = (
        Bounce.contact_point_id == message.contact_point_id
        if message.contact_point_id is not None
        else Bounce.customer_id == message.customer_id
    )
    since = session.gate.clock.now() - SOFT_WINDOW
    counted = session.scalar(
        select(func.count(func.distinct(Bounce.message_id))).where(
            same, Bounce.severity == "soft", Bounce.happened_at >= since
        )
    )
    return "soft_bounces" if (counted or 0) >= SOFT_LIMIT else None
