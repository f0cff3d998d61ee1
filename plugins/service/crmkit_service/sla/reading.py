"""Reading service levels: what is due, the clocks of a case with why, and how policies are chosen.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_work.api import Queue
from sqlalchemy import Select, select

from crmkit import CrmSession
from crmkit_service.cases.models import Case
from crmkit_service.sla.choosing import Judged, asking, judged
from crmkit_service.sla.explaining import Line, explain
from crmkit_service.sla.folding import ClockState, shares
from crmkit_service.sla.following import computed
from crmkit_service.sla.models import Clock, Escalation

MOST = 50


@frozen(kw_only=True)
class Explained:
    """A clock of a case with every line of why it stands as it does, and who used up how many seconds of it."""

    clock: ClockState
    lines: Sequence[Line]
    shares: Mapping[tuple[str, bool], int]


@frozen(kw_only=True)
class CaseLevels:
    """The service levels of a case at an instant: its clocks, the policies that were judged for it, what escalated,
    and the names of the queues that are mentioned."""

    case: Case
    now: datetime
    clocks: Sequence[Explained]
    judged: Sequence[Judged]
    due: ClockState | None
    escalations: Sequence[Escalation]
    queues: Mapping[str, str]
    acknowledged: bool


def due_cases(*, phases: Sequence[str] = ("open",)) -> Select[Any]:
    """Return the select of cases that are due by something, the earliest first; what is overdue comes before all."""
    return (
        select(Case)
        .where(Case.phase.in_(phases) if len(phases) > 1 else Case.phase == phases[0], Case.due_at.is_not(None))
        .order_by(Case.due_at, Case.id)
    )


def levels_of(session: CrmSession, case: Case) -> CaseLevels:
    """Return the service levels of a case as they stand now, folded anew from what happened to it."""
    computer, found = computed(session, case.id, choose=False)
    if found is None:
        return CaseLevels(
            case=case, now=computer.now, clocks=(), judged=(), due=None, escalations=(), queues={}, acknowledged=False
        )
    clocks = sorted(found.all, key=lambda each: (not each.unmet, bool(each.party), each.due_at or computer.now))
    explained = [
        Explained(clock=each, lines=explain(each, computer.now), shares=shares(each, computer.now)) for each in clocks
    ]
    named = {each.party for each in clocks} | {queue for each in explained for queue, _third in each.shares}
    ids = [UUID(each) for each in named if each]
    queues = (
        {str(each.id): each.title for each in session.scalars(select(Queue).where(Queue.id.in_(ids)))} if ids else {}
    )
    fired = select(Escalation).where(Escalation.case_id == case.id).order_by(Escalation.fired_at.desc(), Escalation.id)
    told = select(Clock.id).where(
        Clock.case_id == case.id, Clock.acknowledged_at.is_not(None), Clock.ended_at.is_(None)
    )
    return CaseLevels(
        case=case,
        now=computer.now,
        clocks=explained,
        judged=judged(computer.book, "sla", found.kept.about, asking(session)),
        due=found.due,
        escalations=session.scalars(fired.limit(MOST)).all(),
        queues=queues,
        acknowledged=session.scalar(told.limit(1)) is not None,
    )


def as_json(levels: CaseLevels) -> dict[str, Any]:
    """Return the service levels of a case as a document."""
    return {
        "case": levels.case.number,
        "at": levels.now,
        "due_at": levels.due.due_at if levels.due is not None else None,
        "due_clock": levels.due.clock if levels.due is not None else None,
        "policies": [{"name": each.policy.name, "holds": each.fits, "not_for": each.why} for each in levels.judged],
        "clocks": [
            {
                "clock": each.clock.clock,
                "party": each.clock.party,
                "turn": each.clock.number,
                "state": each.clock.state,
                "policy": each.clock.policy,
                "version": each.clock.version,
                "calendar": each.clock.calendar,
                "started_at": each.clock.started_at,
                "due_at": each.clock.due_at,
                "ended_at": each.clock.ended_at,
                "breached_at": each.clock.breached_at,
                "target_seconds": each.clock.target,
                "used_seconds": each.clock.consumed,
                "lines": [
                    {
                        "from": line.at,
                        "until": line.until,
                        "kind": line.kind,
                        "counted_seconds": line.counted,
                        "left_seconds": line.remaining,
                        "text": str(line.text).format(**line.values),
                    }
                    for line in each.lines
                ],
            }
            for each in levels.clocks
        ],
    }
