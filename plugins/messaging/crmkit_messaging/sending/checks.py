"""What ``crmkit doctor`` looks for: uncertain messages, nothing sent while some wait, purposes without a policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, texts
from crmkit_messaging.sending.models import OutgoingMessage, Policy
from crmkit_messaging.settings import settings_of

_ = texts("crmkit_messaging")


def uncertain_messages(session: CrmSession) -> Sequence[Finding]:
    """Report messages of which nobody knows whether they have left."""
    number = session.scalar(select(func.count()).where(OutgoingMessage.state == "uncertain")) or 0
    if not number:
        return [Finding(level="ok", code="messaging.uncertain", message=_("No message is uncertain."))]
    return [
        Finding(
            level="warning",
            code="messaging.uncertain",
            message=_("Of {number} messages nobody knows whether they have left."),
            hint=_("Look at them: crmkit messaging outbox --state uncertain"),
            values={"number": number},
        )
    ]


def backlog(session: CrmSession) -> Sequence[Finding]:
    """Report messages that have been due for long: whatever sends them does not."""
    late = session.gate.clock.now() - timedelta(minutes=settings_of(session.crm.settings).sending_backlog)
    due = (OutgoingMessage.state == "waiting", OutgoingMessage.due_at < late)
    number, oldest = session.execute(select(func.count(), func.min(OutgoingMessage.due_at)).where(*due)).one()
    if not number:
        return [Finding(level="ok", code="messaging.backlog", message=_("No message waits that is due."))]
    last = session.scalar(select(func.max(OutgoingMessage.sent_at)))
    stopped = last is None or oldest is None or last < oldest
    return [
        Finding(
            level="error" if stopped else "warning",
            code="messaging.backlog",
            message=_("{number} messages are due and wait, and nothing has been sent since the first of them was.")
            if stopped
            else _("{number} messages are due and wait."),
            hint=_("See that a worker runs: crmkit worker. Throttles may be too low."),
            values={"number": number},
        )
    ]


def policies(session: CrmSession) -> Sequence[Finding]:
    """Report purposes without a policy; they ask for consent, quiet hours and caps."""
    known = set(session.scalars(select(Policy.purpose)))
    used = set(session.scalars(select(OutgoingMessage.purpose).distinct()))
    listed = set(session.crm.config.get(session).options.get("consent_purpose", {}))
    missing = sorted((listed | used) - known)
    if not missing:
        return [Finding(level="ok", code="messaging.policy", message=_("Each purpose has a policy."))]
    return [
        Finding(
            level="warning",
            code="messaging.policy",
            message=_("Purposes without a policy are held strictly: {purposes}."),
            hint=_("Add a policy for each of them."),
            values={"purposes": ", ".join(missing)},
        )
    ]


CHECKS = [
    Check(name="messaging.uncertain", title=_("Uncertain messages"), run=uncertain_messages),
    Check(name="messaging.backlog", title=_("Messages that are due"), run=backlog),
    Check(name="messaging.policies", title=_("Policies of purposes"), run=policies),
]
