"""Why customers left: what somebody says of a departure, and the exit survey."""

from __future__ import annotations

from typing import Annotated, Literal

from crmkit_work.api import NewTask, create_task

from crmkit import CrmSession, Input, operation, texts
from crmkit_churn.scoring.models import Departure
from crmkit_churn.scoring.words import REASONS

_ = texts("crmkit_churn")

ReasonName = Annotated[
    Literal[
        "unknown", "price", "product", "quality", "service", "rival", "need", "budget", "moved", "payment", "other"
    ],
    Input(title=_("Reason"), choices=REASONS, classified="internal"),
]


@operation(
    "churn.departure.explain", title=_("Say why they left"), permission="churn.departure.update", effect="update"
)
def explain(
    session: CrmSession,
    departure: Departure,
    *,
    reason: ReasonName,
    rival: Annotated[str, Input(title=_("Went to"), max_length=120, classified="internal")] = "",
    said: Annotated[str, Input(title=_("What they said"), max_length=4000, multiline=True, classified="text")] = "",
) -> Departure:
    """Say why a customer has left: the answer to the exit survey, or what whoever knows them thinks."""
    departure.reason, departure.rival, departure.said = reason, rival.strip() or None, said.strip() or None
    return departure


@operation("churn.departure.ask", title=_("Ask why they left"), permission="churn.departure.update", effect="update")
def ask(session: CrmSession, departure: Departure) -> Departure:
    """Have the customer asked: a task for the owner, whose answer `churn.departure.explain` takes."""
    create_task(
        session,
        NewTask(
            title=_("Exit survey: ask why they left"),
            customer_id=departure.customer_id,
            due="+3wd",
            ref=f"churn.departure:{departure.id}",
            source="churn",
        ),
    )
    departure.asked_at = session.gate.clock.business_now()
    return departure


OPERATIONS = [explain, ask]
