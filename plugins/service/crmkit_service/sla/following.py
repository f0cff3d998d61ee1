"""Following what happens to cases: their clocks are folded anew within the change that something happened in.

Whoever changes a case may not see all that its clocks follow from; then a job of the system follows at once after it.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Subscription, operation, texts
from crmkit_service.cases.models import Case
from crmkit_service.sla.choosing import asking, read_book
from crmkit_service.sla.computing import CHOOSING, HEARD, Computed, Computer, keepings
from crmkit_service.sla.hours import Almanac
from crmkit_service.sla.storing import Ladders, store

_ = texts("crmkit_service")

OWN = ("policy", "escalated")
"""Kinds of events that are of our making."""
FOLLOW = "service.sla.follow"


@operation(FOLLOW, title=_("Fold the clocks of a case anew"), permission="service.case.update", hidden=True)
def follow(
    session: CrmSession,
    *,
    case_id: Annotated[UUID, Input(title=_("Case"), resource="service.case", classified="internal")],
    choose: Annotated[bool, Input(title=_("Choose the policy anew"), classified="internal")] = True,
) -> None:
    """Fold the clocks of a case anew; where its actor cannot see the case, by a job of the system."""
    if session.scalar(select(Case.id).where(Case.id == case_id)) is None:
        if not session.guarding.rights.unrestricted:
            session.defer("service.sla_follow", case_id=str(case_id))
        return
    refold(session, case_id, choose=choose)


def refold(session: CrmSession, case_id: UUID, *, choose: bool = True) -> None:
    """Fold the clocks of one case anew, and keep them."""
    computer, found = computed(session, case_id, choose=choose)
    if found is not None:
        store(session, computer, [found], Ladders(computer.book), single=True)


def computed(session: CrmSession, case_id: UUID, *, choose: bool = True) -> tuple[Computer, Computed | None]:
    """Return the clocks of a case as they stand now; None for one that cannot be seen."""
    computer = Computer(book=read_book(session), holds=asking(session), now=session.gate.clock.business_now())
    for kept in keepings(session, [case_id]):
        almanac = Almanac(session, [kept.customer_id])
        return computer, computer.compute(kept, almanac.of(kept.customer_id), choose=choose)
    return computer, None


def on_noted(session: CrmSession, event: Any) -> None:
    """Follow an event of a case, before it is committed."""
    if event.kind in OWN or event.kind not in (*HEARD, *CHOOSING, "merged", "unmerged"):
        return
    session.run(FOLLOW, {"case_id": event.case_id, "choose": event.kind in CHOOSING})


def follow_job(session: CrmSession, case_id: str) -> None:
    """Follow a case whose actor did not see it: the job."""
    session.run(FOLLOW, {"case_id": UUID(case_id)})


OPERATIONS = [follow]
SUBSCRIPTIONS = [
    Subscription(
        name="service.sla_follow",
        event="service.case.noted",
        handler=on_noted,
        phase="before_commit",
        durable=False,
    )
]
JOBS = [
    Job(name="service.sla_follow", title=_("Fold the clocks of a case"), handler=follow_job, acts_as="system"),
]
