"""What ``crmkit doctor`` finds about web-hooks in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, User, texts
from crmkit_integration.receiving.models import ReceivedWebhook, WebhookSource

_ = texts("crmkit_integration")


def quarantine(session: CrmSession) -> Sequence[Finding]:
    """Say what waits in quarantine, and which sources act as nobody."""
    findings: list[Finding] = []
    number = session.scalar(select(func.count(ReceivedWebhook.id)).where(ReceivedWebhook.state == "quarantined"))
    if number:
        findings.append(
            Finding(
                level="warning",
                code="integration.quarantine",
                message=_("{number} web-hooks are in quarantine."),
                hint=_("crmkit integration received list shows them."),
                values={"number": number},
            )
        )
    for source in session.scalars(select(WebhookSource).where(WebhookSource.active).order_by(WebhookSource.name)):
        user = session.get(User, source.runs_as_id) if source.runs_as_id is not None else None
        if user is None or not user.active:
            findings.append(
                Finding(
                    level="error",
                    code="integration.source_without_user",
                    message=_('The source "{name}" acts as nobody who is active.'),
                    hint=_("Say as whom it acts: crmkit run integration.source.update."),
                    values={"name": source.name},
                )
            )
    return findings


CHECKS = [Check(name="integration.receiving", title=_("Web-hooks in"), run=quarantine)]
