"""Work of people who are gone goes to others, and work that waits in queues to whoever can take it by now.

Both act on tasks, by their own operation: who may not give a task to somebody else cannot do it here either. Work that
other plugins keep is named, and theirs to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import and_, or_, select

from crmkit import CrmkitError, CrmSession, Input, InvalidInput, Problem, User, operation, texts
from crmkit_work.assignment.assigning import preview
from crmkit_work.assignment.loads import TASK
from crmkit_work.assignment.models import Absence, AssignmentEntry, OpenWork, Queue
from crmkit_work.assignment.standing import absences_at, is_available
from crmkit_work.assignment.values import Wish

_ = texts("crmkit_work")

LIMIT = 500
"""So many tasks that wait are looked at in one run."""


@frozen(kw_only=True)
class Rebalanced:
    """What became of the work of people who are gone: how many pieces went to somebody else, how many wait in a queue
    or with a team, and which could not be moved, by their references."""

    moved: int = 0
    waiting: int = 0
    left: tuple[str, ...] = ()


@operation("work.queue.rebalance", title=_("Give the work of people who are gone to others"))
def rebalance(
    session: CrmSession,
    *,
    user_ids: Annotated[
        tuple[UUID, ...],
        Input(title=_("People"), max_length=500, classified="internal", help=_("Nobody for all who are gone.")),
    ] = (),
    queue_id: Annotated[
        UUID | None,
        Input(
            title=_("Queue"),
            resource="work.queue",
            classified="internal",
            help=_("For work that came out of no queue and has no deputy."),
        ),
    ] = None,
    days: Annotated[
        int,
        Input(title=_("Absent for so many more days"), minimum=0, maximum=3660, classified="internal"),
    ] = 0,
) -> Rebalanced:
    """Give the open tasks of people who are absent or no longer active to others: to the queue they came out of, else
    to the deputy, else to a queue that is named.

    Without ``user_ids`` it is everybody who is gone now, of those who are absent only who is for ``days`` more days.
    Raises InvalidInput for an unknown queue, and for people who are there: their work is theirs.
    """
    now = session.gate.clock.business_now()
    gone = _gone(session, now, days)
    if user_ids:
        there = [each for each in user_ids if each not in gone and is_available(session, each, now).reason != "absent"]
        active = set(session.scalars(select(User.id).where(User.id.in_(there), User.active)))
        if active:
            message = _("Somebody who is there keeps the work.")
            hint = _("Plan the absence first, or deactivate the user.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="user_ids", hint=hint)])
        gone = set(user_ids)
    if queue_id is not None and session.get(Queue, queue_id) is None:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such queue."), field="queue_id")])
    moved = waiting = 0
    left: list[str] = []
    for ref, user_id, own_queue in _work_of(session, gone):
        owner = _move(session, ref, user_id, own_queue, queue_id, now)
        if owner is None:
            left.append(ref)
        elif owner == ref:
            waiting += 1
        else:
            moved += 1
    return Rebalanced(moved=moved, waiting=waiting, left=tuple(left))


def _gone(session: CrmSession, now: datetime, days: int) -> set[UUID]:
    """Return the people with open work who are not active, or absent for so many more days."""
    absent = and_(Absence.starts_at <= now, Absence.ends_at > now, Absence.ends_at >= now + timedelta(days=days))
    query = (
        select(User.id)
        .join(OpenWork, OpenWork.user_id == User.id)
        .outerjoin(Absence, and_(Absence.user_id == User.id, absent))
        .where(or_(User.active.is_(False), Absence.id.is_not(None)))
        .distinct()
    )
    return set(session.scalars(query))


def _work_of(session: CrmSession, users: Iterable[UUID]) -> Sequence[tuple[str, UUID, UUID | None]]:
    query = (
        select(OpenWork.ref, OpenWork.user_id, OpenWork.queue_id)
        .where(OpenWork.user_id.in_(sorted(users)))
        .order_by(OpenWork.ref)
    )
    return [(row.ref, row.user_id, row.queue_id) for row in session.execute(query)]


def _move(
    session: CrmSession, ref: str, user_id: UUID, own_queue: UUID | None, other: UUID | None, now: datetime
) -> str | None:
    """Move a piece of work; return who has it, the reference where it waits, None where it stays."""
    if not ref.startswith(TASK):
        return None
    deputy = absences_at(session, [user_id], now).get(user_id)
    values: dict[str, object] = {}
    if own_queue is not None:
        values = {"queue_id": own_queue}
    elif deputy is not None and deputy.deputy_id is not None and is_available_soon(session, deputy.deputy_id, now):
        values = {"owner_id": deputy.deputy_id}
    elif other is not None:
        values = {"queue_id": other}
    if not values:
        return None
    try:
        task = session.run("work.task.assign", values, target=UUID(ref.removeprefix(TASK)))
    except CrmkitError:
        return None
    return str(task.owner_id) if task.owner_id is not None else ref


def is_available_soon(session: CrmSession, user_id: UUID, at: datetime) -> bool:
    """Say whether somebody can be given work that need not begin this minute: an evening off is no hindrance."""
    found = is_available(session, user_id, at)
    return found.present or found.reason == "off_hours"


@operation(
    "work.queue.distribute", title=_("Give out what waits in queues"), permission="work.queue.rebalance", hidden=True
)
def distribute(session: CrmSession) -> int:
    """Give the tasks that wait in queues to whoever can take them by now, the most urgent first, and return how many
    somebody got. What nobody can take stays as it is, without an entry in the log."""
    from crmkit_work.tasks.models import Task

    queues = set(session.scalars(select(Queue.id).where(Queue.active)))
    query = (
        select(Task)
        .where(Task.owner_id.is_(None), Task.queue_id.in_(sorted(queues)), Task.state.in_(("open", "in_progress")))
        .order_by(Task.rank.desc(), Task.due_at, Task.id)
        .limit(LIMIT)
    )
    given = 0
    hopeless: set[tuple[UUID | None, tuple[str, ...], tuple[str, ...]]] = set()
    for task in session.scalars(query).all():
        wish = _asked_before(session, f"{TASK}{task.id}", task.customer_id, task.queue_id)
        asked = (wish.queue_id, wish.skills, wish.languages)
        if asked in hopeless or preview(session, wish).user_id is None:
            # While work is given out people only get fuller: who asks for the same meets the same.
            hopeless.add(asked)
            continue
        values = {"queue_id": task.queue_id, "skills": wish.skills, "languages": wish.languages}
        moved = session.run("work.task.assign", values, target=task)
        given += moved.owner_id is not None
    return given


def _asked_before(session: CrmSession, ref: str, customer_id: UUID | None, queue_id: UUID | None) -> Wish:
    """Return the wish for work that waits, with what was asked of people when it came."""
    query = (
        select(AssignmentEntry.asked)
        .where(AssignmentEntry.ref == ref)
        .order_by(AssignmentEntry.decided_at.desc(), AssignmentEntry.id.desc())
        .limit(1)
    )
    asked = session.scalar(query) or {}
    return Wish(
        ref=ref,
        customer_id=customer_id,
        queue_id=queue_id,
        skills=tuple(asked.get("skills", ())),
        languages=tuple(asked.get("languages", ())),
    )


def give_out(session: CrmSession, tick: datetime) -> None:
    """Give out what waits in queues: the job."""
    session.run("work.queue.distribute")


OPERATIONS = [rebalance, distribute]
