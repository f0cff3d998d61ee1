"""Whose team a case is: of its queue, of its customer, or the usual one; and a team for customers who have nobody.

A case without a team is seen by those alone who see all cases, and so is one whose customer nobody looks after, as
managers see their teams. Must not know channels.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import CrmSession, Customer, Subscription, Team
from crmkit_service.cases.models import Case
from crmkit_service.settings import settings_of


def team_of_queue(session: CrmSession, queue_id: UUID | None) -> UUID | None:
    """Return the team to which the work of a queue goes where none of its members can take it, or None."""
    queue = session.get(Queue, queue_id) if queue_id is not None else None
    return queue.fallback_team_id if queue is not None else None


def usual_team(session: CrmSession) -> UUID | None:
    """Return the team of service that the settings name, None where they name none or there is none of that name."""
    name = settings_of(session.crm.settings).team
    if not name:
        return None
    found: UUID | None = session.scalar(select(Team.id).where(Team.name == name, Team.active))
    return found


def take_in(session: CrmSession, event: Any) -> None:
    """Give a customer whom nobody looks after to the team of their case."""
    if is_nobodys(session, event):
        case = session.get_one(Case, event.case_id)
        session.run("customer.assign", {"team_id": case.team_id}, target=session.get_one(Customer, case.customer_id))


def is_nobodys(session: CrmSession, event: Any) -> bool:
    """Say whether a case has a team, and its customer neither an owner nor a team."""
    case = session.get(Case, event.case_id)
    customer = session.get(Customer, case.customer_id) if case is not None and case.team_id is not None else None
    return customer is not None and customer.owner_id is None and customer.team_id is None


SUBSCRIPTIONS = [
    Subscription(name=f"service.team_of_{name}", event=event, handler=take_in, wanted=is_nobodys)
    for name, event in (
        ("opened", "service.case.opened"),
        ("assigned", "service.case.assigned"),
        ("moved", "service.case.queue_changed"),
    )
]
