"""What happened to cases: `note` is called by whoever changes one, `events_of` reads it in order.

Must not know why anything changes, nor what follows from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_service.cases.events import CaseNoted
from crmkit_service.cases.models import Case, CaseEvent

CHUNK = 1000


def ref_of(case: Case) -> str:
    """Return how others refer to a case."""
    return f"service.case:{case.id}"


def path_of(case: Case) -> str:
    """Return the page of a case."""
    return f"/modules/service/case?id={case.id}"


def note(
    session: CrmSession,
    case: Case,
    kind: str,
    before: object = "",
    after: object = "",
    *,
    at: datetime | None = None,
    message_id: UUID | None = None,
) -> CaseEvent:
    """Write down that something happened to a case: one of `crmkit_service.cases.words.EVENT_KINDS`.

    ``before`` and ``after`` are names, numbers, ids or None; ``at`` an instant of the business's clock, now unless said
    otherwise. Clocks and whoever else listens to ``service.case.noted`` follow it.
    """
    clock = session.gate.clock
    row = CaseEvent(
        recorded_at=clock.now(),
        case_id=case.id,
        customer_id=case.customer_id,
        at=at or clock.business_now(),
        kind=kind,
        before=short(before),
        after=short(after),
        actor_id=session.actor.id,
        user_id=session.actor.user_id,
        message_id=message_id,
    )
    session.add(row)
    session.emit(CaseNoted(case_id=case.id, customer_id=case.customer_id, kind=kind))
    return row


def short(value: object) -> str:
    """Return a value as it is kept in a row of history."""
    return "" if value is None else str(value)[:200]


def events_of(session: CrmSession, case_id: UUID) -> Sequence[CaseEvent]:
    """Return what happened to a case, in order."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at, CaseEvent.id)
    return session.scalars(query).all()


def events_of_all(
    session: CrmSession, case_ids: Collection[UUID], kinds: Collection[str] = ()
) -> dict[UUID, list[CaseEvent]]:
    """Return what happened to each of some cases, in order; of some kinds alone where these are named."""
    found: dict[UUID, list[CaseEvent]] = {each: [] for each in case_ids}
    ids = list(found)
    for start in range(0, len(ids), CHUNK):
        query = select(CaseEvent).where(CaseEvent.case_id.in_(ids[start : start + CHUNK]))
        if kinds:
            query = query.where(CaseEvent.kind.in_(sorted(kinds)))
        for each in session.scalars(query.order_by(CaseEvent.at, CaseEvent.id)):
            found[each.case_id].append(each)
    return found
