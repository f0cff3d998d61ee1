"""Acknowledging: that a request came in, under which number, and where it can be followed. Once for each case, never to
a machine, and not again and again to the same sender."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from crmkit import CrmSession, Interaction, Subscription, operation, texts
from crmkit_service.cases.changing import require_here
from crmkit_service.cases.history import note
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.channels.errors import MailNeeded
from crmkit_service.channels.events import IntakeSettled
from crmkit_service.channels.models import Intake, ServiceChannel
from crmkit_service.channels.sending import can_mail
from crmkit_service.channels.writing import acknowledgement

_ = texts("crmkit_service")

MOST_A_DAY = 5
"""So many acknowledgements one customer gets within a day."""
DAY = timedelta(days=1)
KIND = "acknowledged"


@operation("service.case.acknowledge", title=_("Acknowledge"), permission="service.case.reply", effect="update")
def acknowledge(session: CrmSession, case: Case) -> Case:
    """Tell the customer by mail that a request came in, with its number and a link to its page; once for each case,
    afterwards nothing happens. Raises MailNeeded without plugin messaging, GoneElsewhere for a merged case."""
    require_here(session, case)
    if _count(session, CaseEvent.case_id == case.id):
        return case
    if not can_mail(session):
        raise MailNeeded
    body = acknowledgement(session, case)
    message = session.run("service.case.reply", {"body": body, "channel": "mail", "automatic": True}, target=case)
    if case.kind == "complaint":
        session.run("service.complaint.acknowledge", target=case)
    else:
        note(session, case, KIND, after="mail", message_id=message.id)
    return case


def intake_settled(session: CrmSession, event: IntakeSettled) -> None:
    """Acknowledge what came in and became a case, where its channel does and no machine would get it."""
    case, intake = session.get(Case, event.case_id), session.get(Intake, event.intake_id)
    if case is None or intake is None or case.state == "merged":
        return
    since = session.gate.clock.business_now() - DAY
    if _count(session, CaseEvent.customer_id == case.customer_id, CaseEvent.at > since) < MOST_A_DAY:
        session.run("service.case.acknowledge", target=case)


def is_acknowledged(session: CrmSession, event: IntakeSettled) -> bool:
    """Say whether what came in is to be acknowledged at all."""
    if not event.opened or not can_mail(session):
        return False
    intake = session.get(Intake, event.intake_id)
    channel = session.get(ServiceChannel, intake.channel_id) if intake is not None and intake.channel_id else None
    if intake is None or channel is None or not channel.acknowledges:
        return False
    interaction = session.get(Interaction, intake.interaction_id) if intake.interaction_id is not None else None
    headers = interaction.payload.get("headers") if interaction is not None else None
    # The null sender wants no answer (RFC 3834, 2).
    return not (isinstance(headers, dict) and str(headers.get("return-path") or "").strip() == "<>")


def _count(session: CrmSession, *conditions: object) -> int:
    query = select(func.count(CaseEvent.id)).where(CaseEvent.kind == KIND, *conditions)  # type: ignore[arg-type]
    return session.scalar(query) or 0


OPERATIONS = [acknowledge]
SUBSCRIPTIONS = [
    Subscription(
        name="service.acknowledge_intake",
        event="service.intake.settled",
        handler=intake_settled,
        wanted=is_acknowledged,
    )
]
