"""Who is at which case: noted by the page while it is open, forgotten when its lease ends.

Leases are of the system's clock. Must not know what anybody writes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, select

from crmkit import CrmSession, Input, User, operation, texts
from crmkit_service.cases.models import Case
from crmkit_service.desk.models import DOINGS, CasePresence

_ = texts("crmkit_service")

LEASE = timedelta(seconds=90)
"""How long a note holds without being made again; pages make it again every half of that."""
KEPT = timedelta(hours=1)

Doing = Annotated[
    Literal["viewing", "writing", "gone"],
    Input(title=_("Does"), choices={**DOINGS, "gone": _("Has gone")}, classified="internal"),
]


@frozen(kw_only=True)
class Present:
    """Somebody else at a case, and since when (UTC)."""

    user_id: UUID
    name: str
    doing: str
    since: datetime


@operation("service.presence.note", title=_("Note who is at a case"), permission="service.case.read")
def note_presence(session: CrmSession, case: Case, *, doing: Doing = "viewing") -> None:
    """Note that whoever acts has a case open, writes there, or has gone. For a machine it does nothing."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return
    now = session.gate.clock.now()
    found = session.get(CasePresence, (case.id, user_id))
    if doing == "gone":
        if found is not None:
            session.delete(found)
        return
    if found is None:
        session.add(CasePresence(case_id=case.id, user_id=user_id, doing=doing, since=now, until=now + LEASE))
        return
    if found.doing != doing or found.until < now:
        found.doing, found.since = doing, now
    found.until = now + LEASE


def others_at(session: CrmSession, case_id: UUID) -> list[Present]:
    """Return who else is at a case now: who writes first, then who has been there longest."""
    rows = _there(session, select(CasePresence, User.name).where(CasePresence.case_id == case_id))
    return sorted(rows, key=lambda each: (each.doing != "writing", each.since))


def at_cases(session: CrmSession, case_ids: list[UUID]) -> dict[UUID, list[Present]]:
    """Return who else is at each of some cases now; cases with nobody are left out."""
    found: dict[UUID, list[Present]] = {}
    query = select(CasePresence, User.name).where(CasePresence.case_id.in_(case_ids))
    for case_id, each in _rows(session, query):
        found.setdefault(case_id, []).append(each)
    return found


def _there(session: CrmSession, query: Any) -> list[Present]:
    return [each for _case_id, each in _rows(session, query)]


def _rows(session: CrmSession, query: Any) -> list[tuple[UUID, Present]]:
    own = session.guarding.rights.user_id
    chosen = query.join(User, User.id == CasePresence.user_id).where(CasePresence.until > session.gate.clock.now())
    return [
        (row.case_id, Present(user_id=row.user_id, name=name, doing=row.doing, since=row.since))
        for row, name in session.execute(chosen.order_by(CasePresence.since, CasePresence.user_id))
        if row.user_id != own
    ]


@operation("service.presence.forget", title=_("Forget who was at cases"), permission="service.case.update", hidden=True)
def forget(session: CrmSession) -> None:
    """Remove notes whose lease ended a while ago."""
    session.execute(
        delete(CasePresence)
        .where(CasePresence.until < session.gate.clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: CrmSession, tick: datetime) -> None:
    """Remove notes whose lease ended a while ago: the job."""
    session.run("service.presence.forget")


OPERATIONS = [note_presence, forget]
