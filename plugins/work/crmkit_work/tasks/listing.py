"""The work list: what one has to do, by urgency.

Mine are the tasks that I own, those of my queues that nobody has, and those of my teams that nobody has. What is put
aside is left out until its time. Must not know how a list is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import ColumnElement, func, or_, select

from crmkit import CrmSession, Customer, texts
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import names_of, queues_of, zone_of
from crmkit_work.tasks.recurrence import on_wall

_ = texts("crmkit_work")

SECTIONS = {
    "overdue": _("Overdue"),
    "today": _("Today"),
    "week": _("This week"),
    "later": _("Later"),
    "undated": _("Without a due time"),
    "waiting": _("Waiting for others"),
}
"""The parts of a work list in their order, with titles."""
WHOSE = {
    "mine": _("Mine and of my queues"),
    "own": _("Mine alone"),
    "queues": _("Of my queues, nobody's yet"),
    "given": _("Given to others by me"),
    "all": _("All that I may see"),
}
"""Whose tasks a list has, with titles."""
SHOWN = 25
"""Tasks of a part that are shown unless it is asked for alone."""
MOST = 5000
"""Tasks that are looked at, those first that are due first."""


@frozen(kw_only=True)
class ListFilter:
    """Which tasks a work list has. ``whose`` is one of `WHOSE`; ``user_id`` asks for somebody else's; ``section`` for
    one part alone, of which more are shown."""

    whose: str = "mine"
    user_id: UUID | None = None
    queue_id: UUID | None = None
    customer_id: UUID | None = None
    priority: str = ""
    text: str = ""
    section: str = ""
    snoozed: bool = False


@frozen(kw_only=True)
class Part:
    """A part of a work list: its tasks, the most urgent first, and how many there are of them altogether."""

    name: str
    title: str
    count: int
    tasks: Sequence[Task]


@frozen(kw_only=True)
class WorkList:
    """A work list, with the names of the customers and users in it. ``capped`` says that there is more than was looked
    at."""

    parts: Sequence[Part]
    snoozed: int
    capped: bool
    zone: str
    now: datetime
    customers: Mapping[UUID, str] = field(factory=dict)
    users: Mapping[UUID, str] = field(factory=dict)

    @property
    def count(self) -> int:
        """Return how many tasks the list has."""
        return sum(part.count for part in self.parts)

    def of(self, name: str) -> Part:
        """Return a part by its name."""
        return next(part for part in self.parts if part.name == name)


def work_list(session: CrmSession, wanted: ListFilter | None = None, *, shown: int = SHOWN) -> WorkList:
    """Return the work list of whoever reads, in the zone of that person."""
    wanted = wanted or ListFilter()
    now = session.gate.clock.now()
    zone = zone_of(session, session.guarding.rights.user_id)
    rows, capped = _rows(session, wanted)
    bounds = _bounds(now, zone)
    sorted_rows: dict[str, list[Any]] = {name: [] for name in SECTIONS}
    snoozed = 0
    for row in rows:
        if row.snoozed_until is not None and row.snoozed_until > now and row.state != "waiting":
            snoozed += 1
            if not wanted.snoozed:
                continue
        sorted_rows[_section(row, bounds)].append(row)
    parts: list[tuple[str, int, list[UUID]]] = []
    for name, found in sorted_rows.items():
        if wanted.section and name != wanted.section:
            continue
        found.sort(key=_urgency)
        parts.append((name, len(found), [row.id for row in found[: shown * 8 if wanted.section else shown]]))
    tasks = _tasks(session, [identity for _name, _count, ids in parts for identity in ids])
    customer_ids = {task.customer_id for task in tasks.values() if task.customer_id is not None}
    customers = session.scalars(select(Customer).where(Customer.id.in_(customer_ids))) if customer_ids else ()
    return WorkList(
        parts=[
            Part(name=name, title=SECTIONS[name], count=count, tasks=[tasks[each] for each in ids if each in tasks])
            for name, count, ids in parts
        ],
        snoozed=snoozed,
        capped=capped,
        zone=zone,
        now=now,
        customers={each.id: each.name for each in customers},
        users=names_of(session, {task.owner_id for task in tasks.values()}),
    )


def pressing(session: CrmSession) -> int:
    """Return how many of one's own tasks are due by the end of today: what stands beside the menu."""
    user = session.guarding.rights.user_id
    if user is None:
        return 0
    now = session.gate.clock.now()
    _now, tonight, _week = _bounds(now, zone_of(session, user))
    query = (
        select(func.count())
        .select_from(Task)
        .where(Task.owner_id == user, Task.done_at.is_(None), Task.due_at < tonight, Task.state != "waiting")
        .where(or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now))
    )
    return session.scalar(query) or 0


def _rows(session: CrmSession, wanted: ListFilter) -> tuple[list[Any], bool]:
    columns = (Task.id, Task.due_at, Task.rank, Task.state, Task.snoozed_until, Task.number)
    found: dict[UUID, Any] = {}
    capped = False
    for condition in _conditions(session, wanted):
        query = select(*columns).where(Task.done_at.is_(None), *condition, *_narrowed(wanted))
        rows = session.execute(query.order_by(Task.due_at.asc().nulls_last(), Task.id).limit(MOST)).all()
        capped = capped or len(rows) >= MOST
        found.update((row.id, row) for row in rows)
    return list(found.values()), capped


def _conditions(session: CrmSession, wanted: ListFilter) -> list[list[ColumnElement[bool]]]:
    """Return the conditions of the queries whose answers together are the list: each has an index of its own."""
    rights = session.guarding.rights
    user = wanted.user_id or rights.user_id
    own = [[Task.owner_id == user]]
    if wanted.user_id is not None or wanted.whose == "own":
        return own
    if wanted.whose == "all":
        return [[]]
    if wanted.whose == "given":
        others = or_(Task.owner_id.is_(None), Task.owner_id != user)
        return [[Task.given_by_id == user, others], [Task.created_by == f"user:{user}", others]]
    waiting = _nobodys(session, user, rights.team_ids)
    return waiting if wanted.whose == "queues" else [*own, *waiting]


def _nobodys(session: CrmSession, user: UUID | None, team_ids: Collection[UUID]) -> list[list[ColumnElement[bool]]]:
    # A query for each queue: over several SQLite takes the index of owners, and reads what nobody has in any queue.
    found: list[list[ColumnElement[bool]]] = [
        [Task.owner_id.is_(None), Task.queue_id == queue] for queue in queues_of(session, user, team_ids)
    ]
    if team_ids:
        found.append([Task.owner_id.is_(None), Task.team_id.in_(sorted(team_ids))])
    return found


def _narrowed(wanted: ListFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.queue_id is not None:
        found.append(Task.queue_id == wanted.queue_id)
    if wanted.customer_id is not None:
        found.append(Task.customer_id == wanted.customer_id)
    if wanted.priority:
        found.append(Task.priority == wanted.priority)
    text = wanted.text.strip()
    if text.lstrip("#").isdigit() and len(text) < 10:
        found.append(Task.number == int(text.lstrip("#")))
    elif text:
        found.append(func.lower(Task.title).contains(text.lower(), autoescape=True))
    return found


def _bounds(now: datetime, zone: str) -> tuple[datetime, datetime, datetime]:
    """Return now, the end of today, and the end of the week on the clock of a zone."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    tonight = on_wall(datetime.combine(today + timedelta(days=1), time()), local)
    return now, tonight, on_wall(datetime.combine(today + timedelta(days=7 - today.weekday()), time()), local)


def _section(row: Any, bounds: tuple[datetime, datetime, datetime]) -> str:
    now, tonight, week = bounds
    if row.state == "waiting":
        return "waiting"
    if row.due_at is None:
        return "undated"
    if row.due_at < now:
        return "overdue"
    if row.due_at < tonight:
        return "today"
    return "week" if row.due_at < week else "later"


_NEVER = datetime.max.replace(tzinfo=ZoneInfo("UTC"))


def _urgency(row: Any) -> Any:
    return -row.rank, row.due_at or _NEVER, row.number


def _tasks(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, Task]:
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(select(Task).where(Task.id.in_(ids)))}
