"""Closing cases by themselves: a while after they were resolved, as their type says, by the business's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from sqlalchemy import or_, select

from crmkit import CrmSession, Input, Job, operation, texts
from crmkit_service.cases.changing import put
from crmkit_service.cases.models import Case, CaseType

_ = texts("crmkit_service")

BATCH = 500
BATCHES = 10
"""Batches of one run: what is left is closed by the next."""
JOB = "service.close_due"


@operation(
    "service.case.close_due",
    title=_("Close what was resolved a while ago"),
    permission="service.case.update",
    hidden=True,
)
def close_due(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=5000, classified="internal")] = BATCH,
) -> int:
    """Close the cases that were resolved so many days ago as their type says, the longest ago first; returns how many.

    Run again it closes nothing that it has closed.
    """
    now = session.gate.clock.business_now()
    due = [
        (Case.type_id == each.id) & (Case.resolved_at <= now - timedelta(days=each.close_days))
        for each in session.scalars(select(CaseType).where(CaseType.close_days.is_not(None)))
        if each.close_days is not None
    ]
    if not due:
        return 0
    query = (
        select(Case)
        .where(Case.state == "resolved", or_(*due))
        .order_by(Case.resolved_at, Case.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(query).all()
    for each in found:
        put(session, each, "closed")
    return len(found)


def run_job(session: CrmSession, *, tick: datetime) -> None:
    """Close what is due."""
    for _batch in range(BATCHES):
        if session.run("service.case.close_due") < BATCH:
            break


OPERATIONS = [close_due]
JOBS = [
    Job(
        name=JOB,
        handler=run_job,
        every="15 minutes",
        catch_up="latest",
        title=_("Closing cases that were resolved a while ago"),
        acts_as="system",
    ),
]
