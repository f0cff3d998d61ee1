"""What comes of a clock at an instant: its breach is told, or a step of its ladder is taken, once and written down.

Must not decide when; every call looks at the clock itself, so that two workers at once do it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from crmkit_work.api import NewNotice, notify
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Input, Refused, operation, texts
from crmkit_service.cases.history import note, path_of, ref_of
from crmkit_service.cases.models import Case
from crmkit_service.sla.computing import Computed
from crmkit_service.sla.errors import NothingToAcknowledge
from crmkit_service.sla.events import CaseEscalated, ClockBreached, ClockWarned
from crmkit_service.sla.folding import ClockState
from crmkit_service.sla.following import computed
from crmkit_service.sla.ladders import LATE, Planned, Step
from crmkit_service.sla.models import Clock, Escalation
from crmkit_service.sla.storing import Ladders, store
from crmkit_service.sla.timers import BREACH, late, timers
from crmkit_service.sla.whom import whom
from crmkit_service.sla.words import ALL_CLOCKS, UNMET

_ = texts("crmkit_service")

FIRE = "service.sla.fire"


@operation(FIRE, title=_("See to a clock that is due"), permission="service.case.update", hidden=True)
def fire(
    session: CrmSession,
    *,
    clock_id: Annotated[UUID, Input(title=_("Clock"), classified="internal")],
) -> datetime | None:
    """Do what a clock waits for, where that is due, and return when the next thing is. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("What is due is seen to in system scope."))
    now = session.gate.clock.business_now()
    # Whoever comes second waits here, and finds that the step is taken.
    row = session.scalar(select(Clock).where(Clock.id == clock_id).with_for_update())
    if row is None or row.next_at is None or row.next_at > now:
        return row.next_at if row is not None else None
    computer, found = computed(session, row.case_id, choose=False)
    clock = _same(found, row) if found is not None else None
    if found is None or clock is None or clock.state != "running":
        if found is not None:
            store(session, computer, [found], Ladders(computer.book), single=True)
        session.refresh(row)
        row.next_at = None if row.next_at is not None and row.next_at <= now else row.next_at
        return row.next_at
    steps = Ladders(computer.book).of(clock.policy_id)
    stands: dict[str, Any] = {"acknowledged": row.acknowledged_at is not None}
    coming = timers(clock, steps, taken=row.taken, told=row.told_breach, **stands)
    if coming and coming[0].at <= now:
        first = coming[0]
        case = session.get_one(Case, row.case_id)
        if first.key == BREACH or first.planned is None:
            _breach(session, case, row, clock, now)
        else:
            row.taken = [*row.taken, first.key]
            ladder = computer.book.ladder(clock.policy_id)
            name = ladder.name if ladder is not None else ""
            _climb(session, case, row, clock, steps[first.planned.step], first.planned, name, now)
        # A step may have changed the case, and its clocks with it.
        session.flush()
        computer, found = computed(session, row.case_id, choose=False)
        clock = _same(found, row) if found is not None else None
        steps = Ladders(computer.book).of(clock.policy_id) if clock is not None else ()
        coming = timers(clock, steps, taken=row.taken, told=row.told_breach, **stands) if clock is not None else []
    row.next_at = coming[0].at if coming else None
    return row.next_at


def _same(found: Computed | None, row: Clock) -> ClockState | None:
    clocks = found.all if found is not None else ()
    return next((each for each in clocks if each.key == (row.clock, row.party, row.number)), None)


def _breach(session: CrmSession, case: Case, row: Clock, clock: ClockState, now: datetime) -> None:
    due_at = clock.due_at or now
    row.told_breach, row.breached_at = True, due_at
    if not row.party:
        case.breached = True
    session.emit(
        ClockBreached(
            case_id=case.id,
            customer_id=case.customer_id,
            clock=clock.clock,
            due_at=due_at,
            late_seconds=late(due_at, now),
        )
    )


def _climb(
    session: CrmSession,
    case: Case,
    row: Clock,
    clock: ClockState,
    step: Step,
    planned: Planned,
    ladder: str,
    now: datetime,
) -> None:
    delay = late(planned.at, now)
    told = whom(session, case, step, planned.turn, now)
    late_by = delay if timedelta(seconds=delay) > LATE else 0
    before = clock.due_at is not None and planned.at < clock.due_at
    title = (
        _("Case {number}: {clock} is due at {due}")
        if before
        else _("Case {number}: {clock} was due at {due} and is late")
    )
    values = {"number": case.number, "clock": ALL_CLOCKS[clock.clock], "due": clock.due_at}
    notice = NewNotice(
        kind="escalation",
        title=title,
        values=values,
        ref=ref_of(case),
        path=path_of(case),
        urgent=not before or case.priority == "urgent",
        customer_id=case.customer_id,
    )
    notify(session, told, notice)
    done = _act(session, case, step)
    session.add(
        Escalation(
            recorded_at=session.gate.clock.now(),
            case_id=case.id,
            customer_id=case.customer_id,
            clock_id=row.id,
            clock=clock.clock,
            ladder=ladder,
            step=planned.step + 1,
            turn=planned.turn,
            seconds=clock.target,
            whom=f"{step.target}:{step.name}" if step.name else step.target,
            planned_at=planned.at,
            fired_at=now,
            late_seconds=late_by,
            told=[str(each) for each in told],
            done=done,
        )
    )
    note(session, case, "escalated", clock.clock, f"{ladder} {planned.step + 1}.{planned.turn}")
    about = {"case_id": case.id, "customer_id": case.customer_id, "clock": clock.clock}
    if before:
        session.emit(ClockWarned(**about, due_at=clock.due_at))
    session.emit(CaseEscalated(**about, ladder=ladder, step=planned.step + 1, turn=planned.turn, late_seconds=late_by))


def _act(session: CrmSession, case: Case, step: Step) -> list[str]:
    """Do what a step does besides telling, and return it; what cannot be done is written down as that."""
    done: list[str] = []
    for wanted, operation_, values in (
        (step.priority, "service.case.set_priority", {"priority": step.priority}),
        (step.queue, "service.case.move", {"queue": step.queue}),
    ):
        if wanted:
            try:
                session.run(operation_, values, target=case.id)
                done.append(f"{operation_} {wanted}")
            except CrmkitError as error:
                done.append(f"{operation_} {wanted}: {error.code}")
    return done


@operation(
    "service.sla.acknowledge", title=_("Acknowledge the escalation"), permission="service.case.update", effect="update"
)
def acknowledge(session: CrmSession, case: Case) -> Case:
    """Say that one takes care of a case: its clocks go on, and nobody else is told by their ladders. Raises
    NothingToAcknowledge where no clock runs."""
    clocks = session.scalars(
        select(Clock).where(Clock.case_id == case.id, Clock.state.in_(UNMET), Clock.acknowledged_at.is_(None))
    ).all()
    if not clocks:
        raise NothingToAcknowledge()
    for each in clocks:
        each.acknowledged_at = session.gate.clock.business_now()
        each.acknowledged_by_id = session.guarding.rights.user_id
        each.next_at = each.due_at if not each.told_breach and each.state == "running" else None
    return case


OPERATIONS = [fire, acknowledge]
