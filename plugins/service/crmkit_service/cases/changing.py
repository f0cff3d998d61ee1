"""How a case changes: its state, priority, severity, type, queue and owner, each with its history and its events.

For the operations of all rooms of service; every function works inside an operation and does nothing where nothing
changes. Must not decide who may do what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from crmkit_work.api import main_team

from crmkit import CrmSession
from crmkit_service.cases.completing import missing_of
from crmkit_service.cases.errors import GoneElsewhere, MoveRefused, NotResolvable
from crmkit_service.cases.events import (
    CaseAssigned,
    CaseClosed,
    CasePriorityChanged,
    CaseQueueChanged,
    CaseReopened,
    CaseResolved,
    CaseStateChanged,
)
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import survivor_of
from crmkit_service.cases.models import Case, CaseType
from crmkit_service.cases.teams import team_of_queue
from crmkit_service.cases.words import MOVES, PHASE_OF, STATES


def moves_from(kind: CaseType, state: str) -> Sequence[str]:
    """Return the states to which a case of a type goes from a state, in the order of the states."""
    wanted = kind.moves.get(state, ()) if kind.moves else MOVES[state]
    allowed = set(kind.states) if kind.states else set(STATES)
    return [each for each in STATES if each in wanted and each in allowed]


def require_here(session: CrmSession, case: Case) -> None:
    """Raise GoneElsewhere for a case that was merged into another one."""
    if case.state == "merged":
        raise GoneElsewhere(case.number, survivor_of(session, case).number)


def enter(
    session: CrmSession,
    case: Case,
    state: str,
    *,
    by_customer: bool = False,
    message_id: UUID | None = None,
    at: datetime | None = None,
) -> bool:
    """Let a case go to another state, and say whether it was in another one.

    Raises MoveRefused where its type does not allow it, saying what it does; NotResolvable with each thing that is
    missing; GoneElsewhere for a merged one.
    """
    if state == case.state:
        return False
    require_here(session, case)
    kind = session.get_one(CaseType, case.type_id)
    allowed = moves_from(kind, case.state)
    if state not in allowed:
        raise MoveRefused(case.number, case.state, state, [each for each in allowed if each != "merged"])
    if state == "resolved" and (missing := missing_of(session, case)):
        raise NotResolvable(case.number, missing)
    put(session, case, state, by_customer=by_customer, message_id=message_id, at=at)
    return True


def put(
    session: CrmSession,
    case: Case,
    state: str,
    *,
    by_customer: bool = False,
    message_id: UUID | None = None,
    at: datetime | None = None,
) -> None:
    """Put a case into a state without asking whether it may go there; write it down and tell of it."""
    now = at or session.gate.clock.business_now()
    before, phase = case.state, PHASE_OF[state]
    was_over = PHASE_OF[before] in ("resolved", "closed")
    case.state, case.phase, case.state_since = state, phase, now
    if phase == "resolved":
        case.resolved_at, case.closed_at = now, None
    elif phase == "closed":
        case.closed_at = now
    elif was_over:
        case.resolved_at = case.closed_at = None
    if state == "reopened":
        case.reopened += 1
    note(session, case, "state", before, state, at=now, message_id=message_id)
    session.emit(
        CaseStateChanged(case_id=case.id, customer_id=case.customer_id, from_state=before, to_state=state, phase=phase)
    )
    if state == "resolved":
        session.emit(CaseResolved(case_id=case.id, customer_id=case.customer_id, number=case.number, kind=case.kind))
    elif state == "reopened":
        session.emit(
            CaseReopened(
                case_id=case.id,
                customer_id=case.customer_id,
                number=case.number,
                owner_id=case.owner_id,
                by_customer=by_customer,
            )
        )
    elif state in ("closed", "spam"):
        session.emit(CaseClosed(case_id=case.id, customer_id=case.customer_id, state=state))


def change_priority(session: CrmSession, case: Case, priority: str) -> bool:
    """Give a case another priority; says whether it had another one."""
    before = case.priority
    if before == priority:
        return False
    case.priority = priority
    note(session, case, "priority", before, priority)
    session.emit(
        CasePriorityChanged(case_id=case.id, customer_id=case.customer_id, from_priority=before, to_priority=priority)
    )
    return True


def change_severity(session: CrmSession, case: Case, severity: str | None) -> bool:
    """Give a case another severity, or none; says whether it had another one."""
    before = case.severity
    if before == severity:
        return False
    case.severity = severity
    note(session, case, "severity", before, severity)
    return True


def change_type(session: CrmSession, case: Case, kind: CaseType) -> bool:
    """Make a case one of another type; says whether it was of another one. It stays in its state."""
    if case.type_id == kind.id:
        return False
    before = session.get_one(CaseType, case.type_id)
    case.type_id, case.kind = kind.id, kind.kind
    note(session, case, "type", before.name, kind.name)
    return True


def change_queue(session: CrmSession, case: Case, queue_id: UUID | None) -> bool:
    """Put a case into another queue, or out of all; says whether it was in another one. Its owner stays; that of nobody
    goes to the team of the queue, where it has one."""
    before = case.queue_id
    if before == queue_id:
        return False
    case.queue_id = queue_id
    note(session, case, "queue", before, queue_id)
    team_id = team_of_queue(session, queue_id) if case.owner_id is None else None
    if team_id is not None and team_id != case.team_id:
        note(session, case, "team", case.team_id, team_id)
        case.team_id = team_id
    session.emit(
        CaseQueueChanged(case_id=case.id, customer_id=case.customer_id, from_queue_id=before, to_queue_id=queue_id)
    )
    return True


def change_owner(session: CrmSession, case: Case, user_id: UUID | None, team_id: UUID | None = None) -> bool:
    """Give a case another owner, or none, and with them their main team unless another one is named.

    Says whether anything changed. Who may get it, and whose load it counts to, is decided by whoever calls.
    """
    before, team_before = case.owner_id, case.team_id
    if team_id is None and user_id is not None:
        team_id = main_team(session, user_id)
    team_id = team_id or team_before
    changed = False
    if before != user_id:
        case.owner_id = user_id
        note(session, case, "owner", before, user_id)
        session.emit(
            CaseAssigned(case_id=case.id, customer_id=case.customer_id, from_user_id=before, to_user_id=user_id)
        )
        changed = True
    if team_before != team_id:
        case.team_id = team_id
        note(session, case, "team", team_before, team_id)
        changed = True
    return changed
