"""Which case something that came in belongs to. Whose it is decides first: nobody gets into somebody else's case by
copying what stands in a mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Interaction
from crmkit_service.cases.inputs import survivor_of
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.channels.codes import case_by_code
from crmkit_service.channels.models import Intake, ServiceChannel

HOUR = timedelta(hours=1)
MOST_IN_AN_HOUR = 20
"""What more comes from one sender within an hour opens no case: two machines are writing to each other."""
OF_CASE = "service.case:"


def case_of_mail(session: CrmSession, thread: str | None, subject: str) -> Case | None:
    """Return the case that a mail is about, whosever it is: by its thread, else by the code in its subject."""
    found = _by_thread(session, thread) or case_by_code(session, subject)
    return survivor_of(session, found) if found is not None else None


def _by_thread(session: CrmSession, thread: str | None) -> Case | None:
    if not thread:
        return None
    if thread.startswith(OF_CASE):
        try:
            return session.get(Case, UUID(thread.removeprefix(OF_CASE)))
        except ValueError:
            return None
    query = (
        select(CaseMessage.case_id)
        .join(Interaction, Interaction.id == CaseMessage.interaction_id)
        .where(Interaction.thread == thread)
        .order_by(CaseMessage.at.desc(), CaseMessage.id.desc())
        .limit(1)
    )
    case_id = session.scalar(query)
    return session.get(Case, case_id) if case_id is not None else None


def lately(session: CrmSession, customer_id: UUID, way: str) -> int:
    """Return how much came in from a customer by a way within the last hour."""
    since = session.gate.clock.business_now() - HOUR
    query = select(func.count(Intake.id)).where(
        Intake.customer_id == customer_id, Intake.way == way, Intake.received_at > since
    )
    return session.scalar(query) or 0


def is_known_for_spam(session: CrmSession, customer_id: UUID) -> bool:
    """Say whether all that somebody has ever sent was spam, in the eyes of those who handled it."""
    states = session.scalars(select(Case.state).where(Case.customer_id == customer_id).distinct())
    return set(states) == {"spam"}


def channel_of(session: CrmSession, case: Case) -> ServiceChannel | None:
    """Return the channel by which a case came in, where that was set up."""
    query = (
        select(ServiceChannel)
        .join(Intake, Intake.channel_id == ServiceChannel.id)
        .where(Intake.case_id == case.id)
        .order_by(Intake.received_at, Intake.id)
        .limit(1)
    )
    return session.scalar(query)
