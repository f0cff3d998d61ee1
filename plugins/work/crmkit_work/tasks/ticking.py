"""The tick: what is due of reminders, ladders, waits and series, in the order in which it was due.

Every minute a job looks through them. What was missed while no worker ran is caught up in order and marked as late, and
``crmkit doctor`` says so when the ticks stop. Must not know what firing does.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, Input, Job, operation, texts
from crmkit.errors import Refused
from crmkit_work.tasks.alarm_models import Heartbeat, Reminder
from crmkit_work.tasks.escalating import climb_anew
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import keep_load, tell
from crmkit_work.tasks.repeating import make_next

_ = texts("crmkit_work")
_log = logging.getLogger("crmkit.work")

NAME = "tasks"
BATCH = 200
MOST = 2000
"""Most firings of one tick; what is left is due for the next one at once."""
SILENT = timedelta(minutes=10)
"""Without a tick for so long the doctor speaks up."""


@frozen(kw_only=True)
class Ticked:
    """What a tick has done: how much fired and failed, and whether there is more, for which another one follows."""

    fired: int
    failed: int
    left: bool


@frozen(kw_only=True)
class Kind:
    """A kind of thing that becomes due: the model, the column that says when, and the operation that sees to it."""

    name: str
    model: type[Any]
    column: str
    operation: str
    where: Callable[[], Any] | None = None

    def query(self, now: datetime) -> Any:
        """Return the query for what is due, the earliest first."""
        model: Any = self.model
        at = getattr(model, self.column)
        query = select(at, model.id).where(at.is_not(None), at <= now)
        if self.where is not None:
            query = query.where(self.where())
        return query.order_by(at, model.id)


KINDS = (
    Kind(name="wake", model=Task, column="snoozed_until", operation="work.task.wake"),
    Kind(
        name="reminder",
        model=Reminder,
        column="next_at",
        operation="work.reminder.fire",
        where=lambda: Reminder.state == "waiting",
    ),
    Kind(name="escalation", model=Task, column="escalation_at", operation="work.task.escalate"),
    Kind(name="repeat", model=Task, column="repeat_at", operation="work.task.repeat"),
)


@operation("work.task.wake", title=_("Put back on the list"), permission="work.task.update", hidden=True)
def wake(session: CrmSession, task: Task) -> None:
    """Put a task back on the list that was put aside or waited until now, and tell its owner. Raises Refused outside
    system scope."""
    _require_system(session)
    if task.snoozed_until is None or task.snoozed_until > session.gate.clock.now():
        return
    task.snoozed_until = None
    if not task.is_open:
        return
    waited = task.state == "waiting"
    if waited:
        task.state = "in_progress" if task.started_at is not None else "open"
        keep_load(session, task)
    title = _("The wait is over: {title}") if waited else _("Back on your list: {title}")
    tell(session, [task.owner_id], "reminder", title, task)


@operation("work.task.repeat", title=_("Make the next one"), permission="work.task.update", hidden=True)
def repeat(session: CrmSession, task: Task) -> datetime | None:
    """Make the next task of a series whose turn has come. Raises Refused outside system scope."""
    _require_system(session)
    if task.repeat_at is not None:
        make_next(session, task, session.gate.clock.now())
        task.repeat_at = None
    return None


@operation("work.task.tick", title=_("Look through what is due"), permission="work.task.update", hidden=True)
def tick(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=100_000, classified="internal")] = MOST,
) -> Ticked:
    """See to everything that is due, in order, each in a savepoint of its own: one that fails costs itself alone.
    Raises Refused outside system scope."""
    _require_system(session)
    now = session.gate.clock.now()
    beat = session.get(Heartbeat, NAME)
    if beat is None:
        session.add(Heartbeat(name=NAME, ticked_at=now))
    else:
        beat.ticked_at = now
    fired = failed = 0
    passed: set[tuple[str, UUID]] = set()
    while fired + failed < most:
        batch, horizon = _due(session, now, passed)
        if not batch:
            break
        heapq.heapify(batch)
        while batch and fired + failed < most:
            at, place, identity = heapq.heappop(batch)
            kind = KINDS[place]
            try:
                following = session.run(kind.operation, target=identity)
                fired += 1
            except Exception as error:
                # Undone to its savepoint. Whatever it is, the others must not wait for it.
                failed += 1
                passed.add((kind.name, identity))
                _log.warning("%s of %s, due at %s, failed: %r", kind.operation, identity, at, error)
                continue
            if isinstance(following, datetime) and following <= min(now, horizon):
                heapq.heappush(batch, (following, place, identity))
    left = fired + failed >= most
    if left:
        session.defer("work.tick", unique=f"work.tick:{now.isoformat()}", tick=now.isoformat())
    return Ticked(fired=fired, failed=failed, left=left)


def _due(
    session: CrmSession, now: datetime, passed: set[tuple[str, UUID]]
) -> tuple[list[tuple[datetime, int, UUID]], datetime]:
    """Return what is due, and up to when that is all of it."""
    found: list[tuple[datetime, int, UUID]] = []
    horizon = now
    for place, kind in enumerate(KINDS):
        rows = session.execute(kind.query(now).limit(BATCH + len(passed))).all()
        if len(rows) >= BATCH + len(passed):
            horizon = min(horizon, rows[-1][0])
        found += [(at, place, identity) for at, identity in rows if (kind.name, identity) not in passed]
    return [each for each in found if each[0] <= horizon], horizon


def tick_job(session: CrmSession, tick: object) -> None:
    """See to what is due: the job of every minute."""
    session.run("work.task.tick")


def check_ticks(session: CrmSession) -> Sequence[Finding]:
    """Say when reminders and ladders were looked through last, and fail when they wait and nobody looks."""
    return list(_findings(session))


def _findings(session: CrmSession) -> Iterator[Finding]:
    now = session.gate.clock.now()
    last = session.scalar(select(Heartbeat.ticked_at).where(Heartbeat.name == NAME))
    waiting = sum(
        session.scalar(select(func.count()).select_from(kind.query(now - SILENT).limit(1000).subquery())) or 0
        for kind in KINDS
    )
    silent = last is None or now - last > SILENT
    if silent and waiting:
        said = (
            _("{count} reminders and escalations are overdue, and no tick came since {at}.")
            if last is not None
            else _("{count} reminders and escalations are overdue, and no tick ever came.")
        )
        yield Finding(
            level="error",
            code="work.tick",
            message=said,
            hint=_("Start a worker: crmkit worker. What was missed is caught up in order."),
            values={"count": waiting, "at": last},
        )
    elif silent and last is not None:
        yield Finding(
            level="warning",
            code="work.tick",
            message=_("Reminders and escalations were looked through last at {at}."),
            hint=_("Start a worker: crmkit worker."),
            values={"at": last},
        )
    elif last is not None:
        yield Finding(level="ok", code="work.tick", message=_("Reminders and escalations are looked through."))
    else:
        yield Finding(
            level="info",
            code="work.tick",
            message=_("No reminders and escalations were looked through yet."),
            hint=_("Start a worker: crmkit worker."),
        )


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("What is due is seen to in system scope."))


OPERATIONS = [wake, repeat, tick]
JOBS = [
    Job(
        name="work.tick",
        title=_("Reminders, escalations and tasks that repeat"),
        handler=tick_job,
        every="minute",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(name="work.climb_anew", title=_("Put tasks on their ladders"), handler=climb_anew, acts_as="system", lease=600),
]
CHECKS = [Check(name="work.tick", title=_("Reminders and escalations"), run=check_ticks)]
