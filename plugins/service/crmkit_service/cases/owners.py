"""What somebody leaves to another one: the history of their cases goes on under the new owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Subscription, operation, texts
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import OwnerId
from crmkit_service.cases.models import Case, CaseEvent

_ = texts("crmkit_service")


@operation(
    "service.case.note_owners",
    title=_("Write down who owns cases"),
    permission="service.case.import",
    hidden=True,
)
def note_owners(session: CrmSession, *, from_id: OwnerId, to_id: OwnerId) -> int:
    """Write down that cases of one user are another one's, where their history has them at the first; returns how many
    these are."""
    place = func.row_number().over(partition_by=CaseEvent.case_id, order_by=(CaseEvent.at.desc(), CaseEvent.id.desc()))
    ranked = (
        select(CaseEvent.case_id, CaseEvent.after, place.label("place"))
        .join(Case, Case.id == CaseEvent.case_id)
        .where(CaseEvent.kind == "owner", Case.owner_id == to_id)
        .subquery()
    )
    query = (
        select(Case)
        .join(ranked, ranked.c.case_id == Case.id)
        .where(ranked.c.place == 1, ranked.c.after == str(from_id))
        .order_by(Case.id)
    )
    found = session.scalars(query).all()
    for case in found:
        note(session, case, "owner", from_id, to_id)
    return len(found)


def handed_over(session: CrmSession, event: Any) -> None:
    """Have the history follow, once somebody's records are another one's."""
    session.run("service.case.note_owners", {"from_id": event.from_id, "to_id": event.to_id})


OPERATIONS = [note_owners]
SUBSCRIPTIONS = [Subscription(name="service.owners_handed_over", event="user.handed_over", handler=handed_over)]
