"""What stands beside a customer: through which flows the customer is passing, and passed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Panel, texts
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.models import Passage
from crmkit_journey.passages.words import STATUSES

_ = texts("crmkit_journey")

SHOWN = 10


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return a panel for each customer who is or was in a flow, the newest passages first; in one statement."""
    rights = session.guarding.rights
    if not rights.unrestricted and rights.scope("journey.passage", "read") == "none":
        return []
    query = (
        select(Passage, Flow.title)
        .join(Flow, Flow.id == Passage.flow_id)
        .where(Passage.customer_id.in_(list(customer_ids)), Passage.held_out.is_(False))
        .order_by(Passage.began_at.desc(), Passage.id)
    )
    rows: dict[UUID, list[tuple[Passage, str]]] = {}
    for passage, title in session.execute(query):
        own = rows.setdefault(passage.customer_id, [])
        if len(own) < SHOWN:
            own.append((passage, title))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Journeys"),
            rows=[(title, STATUSES[passage.status]) for passage, title in own],
            path=f"/modules/journey/passage?id={own[0][0].id}",
            link=_("The newest one"),
        )
        for customer_id, own in rows.items()
    ]
