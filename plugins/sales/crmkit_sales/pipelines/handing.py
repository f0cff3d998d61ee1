"""What somebody leaves to another one: their opportunities' history goes on under the new owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, operation, texts
from crmkit_sales.pipelines.history import note_all, states_at
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")

BATCH = 1000


@operation(
    "sales.opportunity.note_owners",
    title=_("Write down who owns opportunities"),
    permission="sales.pipeline.manage",
    hidden=True,
)
def note_owners(session: CrmSession) -> int:
    """Write down the owners of opportunities where their history has others; returns how many these are."""
    states = states_at(session.gate.clock.business_now())
    query = select(Opportunity).join(states, states.c.opportunity_id == Opportunity.id)
    other = query.where(Opportunity.owner_id.is_distinct_from(states.c.owner_id)).order_by(Opportunity.id)
    found = session.scalars(other).all()
    for start in range(0, len(found), BATCH):
        note_all(session, found[start : start + BATCH], "updated")
    return len(found)


def handed_over(session: CrmSession, event: Any) -> None:
    """Have the history follow, once somebody's records are another one's."""
    session.run("sales.opportunity.note_owners")


OPERATIONS = [note_owners]
