"""The tick: what is due of clocks, in the order in which it was due, every minute.

What was missed while no worker ran is caught up in order and marked as late; ``crmkit doctor`` fails when the ticks
stop. Must not know what firing does.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, Input, Job, Refused, operation, texts
from crmkit_service.sla.firing import FIRE
from crmkit_service.sla.ladders import LATE
from crmkit_service.sla.models import Clock, Heartbeat

_ = texts("crmkit_service")
_log = logging.getLogger("crmkit.service")

NAME = "clocks"
BATCH = 500
MOST = 2000
"""Most firings of one tick; what is left is due for the next one, which follows at once."""
SILENT = timedelta(minutes=10)
"""Without a tick for so long the doctor speaks up."""


@frozen(kw_only=True)
class Ticked:
    """What a tick has done: how much fired, how much of it late, how much failed, and whether there is more."""

    fired: int
    late: int
    failed: int
    left: bool


@operation("service.sla.tick", title=_("Look through what is due"), permission="service.case.update", hidden=True)
def tick(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=100_000, classified="internal")] = MOST,
) -> Ticked:
    """See to everything that is due, in order, each in a savepoint of its own: one that fails costs itself alone.
    Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("What is due is seen to in system scope."))
    now = session.gate.clock.business_now()
    fired = failed = overdue = 0
    passed: set[UUID] = set()
    while fired + failed < most:
        batch, horizon = _due(session, now, passed)
        if not batch:
            break
        heapq.heapify(batch)
        while batch and fired + failed < most:
            at, identity = heapq.heappop(batch)
            try:
                following = session.run(FIRE, {"clock_id": identity})
                fired += 1
                overdue += now - at > LATE
            except Exception as error:
                # Undone to its savepoint. Whatever it is, the others must not wait for it.
                failed += 1
                passed.add(identity)
                _log.warning("a clock that was due at %s failed: %r", at, error)
                continue
            if isinstance(following, datetime) and following <= min(now, horizon):
                heapq.heappush(batch, (following, identity))
    left = fired + failed >= most
    _beat(session, fired, overdue)
    if left:
        session.defer("service.sla_tick", unique=f"service.sla_tick:{now.isoformat()}", tick=now.isoformat())
    return Ticked(fired=fired, late=overdue, failed=failed, left=left)


def _due(session: CrmSession, now: datetime, passed: set[UUID]) -> tuple[list[tuple[datetime, UUID]], datetime]:
    """Return what is due, and up to when that is all of it."""
    query = select(Clock.next_at, Clock.id).where(Clock.next_at.is_not(None), Clock.next_at <= now)
    rows = session.execute(query.order_by(Clock.next_at, Clock.id).limit(BATCH + len(passed))).all()
    horizon = rows[-1][0] if len(rows) >= BATCH + len(passed) else now
    found: list[tuple[datetime, UUID]] = []
    for at, identity in rows:
        if at is not None and identity not in passed:
            found.append((at, identity))
    return found, horizon or now


def _beat(session: CrmSession, fired: int, overdue: int) -> None:
    beat = session.get(Heartbeat, NAME)
    if beat is None:
        beat = Heartbeat(name=NAME)
        session.add(beat)
    beat.ticked_at, beat.fired, beat.late = session.gate.clock.now(), fired, overdue


def tick_job(session: CrmSession, tick: object) -> None:
    """See to what is due: the job of every minute."""
    session.run("service.sla.tick")


def check_ticks(session: CrmSession) -> Sequence[Finding]:
    """Say when clocks were looked through last, and fail when nobody looks."""
    return list(_findings(session))


def _findings(session: CrmSession) -> Iterator[Finding]:
    clock = session.gate.clock
    last = session.scalar(select(Heartbeat.ticked_at).where(Heartbeat.name == NAME))
    running = session.scalar(select(func.count()).select_from(Clock).where(Clock.state == "running")) or 0
    missed = Clock.next_at <= clock.business_now() - SILENT
    waiting = session.scalar(select(func.count()).select_from(select(Clock.id).where(missed).limit(10_000).subquery()))
    silent = last is None or clock.now() - last > SILENT
    if silent and (waiting or (running and last is not None)):
        said = (
            _("No tick of the clocks of cases came since {at}; {count} steps are overdue.")
            if last is not None
            else _("No tick of the clocks of cases ever came; {count} steps are overdue.")
        )
        yield Finding(
            level="error",
            code="service.sla_tick",
            message=said,
            hint=_("Start a worker: crmkit worker. What was missed is caught up in order, and marked as late."),
            values={"count": waiting or 0, "at": last},
        )
    elif silent:
        yield Finding(
            level="info",
            code="service.sla_tick",
            message=_("Nothing waits for a tick of the clocks of cases."),
            hint=_("Deadlines and escalations need a worker: crmkit worker."),
        )
    else:
        yield Finding(level="ok", code="service.sla_tick", message=_("The clocks of cases are looked through."))


OPERATIONS = [tick]
JOBS = [
    Job(
        name="service.sla_tick",
        title=_("Deadlines and escalations of cases"),
        handler=tick_job,
        every="minute",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
CHECKS = [Check(name="service.sla_tick", title=_("Clocks of cases"), run=check_ticks)]
