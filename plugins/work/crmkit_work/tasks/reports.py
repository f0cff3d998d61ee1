"""The reports on tasks: how much is done in time and by whom, how old what is open is, and the course of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from statistics import median
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Note, Period, Report, Table, texts
from crmkit_work.assignment.models import Queue
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import names_of
from crmkit_work.tasks.words import PRIORITIES

_ = texts("crmkit_work")

GROUPINGS = {"owner": _("Owner"), "queue": _("Queue"), "priority": _("Priority")}
AGES = ((1, _("Up to a day")), (3, _("Up to three days")), (7, _("Up to a week")), (30, _("Up to a month")))
OLDER = _("Older")
NOBODY = _("Nobody")
HOUR = timedelta(hours=1)


@frozen(kw_only=True)
class DoneParameters:
    """Over which days, and what tasks are grouped by."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["owner", "queue", "priority"], Input(title=_("By"), choices=GROUPINGS, classified="internal")
    ] = "owner"


@frozen(kw_only=True)
class OpenParameters:
    """What open tasks are grouped by."""

    by: Annotated[
        Literal["owner", "queue", "priority"], Input(title=_("By"), choices=GROUPINGS, classified="internal")
    ] = "owner"


@frozen(kw_only=True)
class CourseParameters:
    """Over which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@define
class _Tally:
    done: int = 0
    dated: int = 0
    on_time: int = 0
    hours: list[float] = field(factory=list)


def done_rows(session: CrmSession, parameters: DoneParameters, moment: object) -> Table:
    """Return what was done in a period by owner, queue or priority: how much of it in time, and in how many hours."""
    first, last = _span(session, parameters.period)
    query = select(Task.owner_id, Task.queue_id, Task.priority, Task.due_at, Task.done_at, Task.created_at).where(
        Task.state == "done", Task.done_at >= first, Task.done_at < last
    )
    tallies: dict[Any, _Tally] = defaultdict(_Tally)
    for row in session.execute(query):
        tally = tallies[getattr(row, "priority" if parameters.by == "priority" else f"{parameters.by}_id")]
        tally.done += 1
        tally.hours.append((row.done_at - row.created_at) / HOUR)
        if row.due_at is not None:
            tally.dated += 1
            tally.on_time += row.done_at <= row.due_at
    titles = _titles(session, parameters.by, tallies)
    rows = [
        {
            "key": str(key or "-"),
            "group": titles[key],
            "done": each.done,
            "dated": each.dated,
            "on_time": each.on_time,
            "late": each.dated - each.on_time,
            "rate": None,
            "hours": round(median(each.hours), 1),
        }
        for key, each in sorted(tallies.items(), key=lambda item: (-item[1].done, str(item[0])))
    ]
    return Table(rows=rows)


def age_rows(session: CrmSession, parameters: OpenParameters, moment: object) -> Table:
    """Return what is open by owner, queue or priority, by how long it has been so, and how much of it is late."""
    now = session.gate.clock.now()
    query = select(Task.owner_id, Task.queue_id, Task.priority, Task.due_at, Task.created_at)
    counts: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in session.execute(query.where(Task.done_at.is_(None))):
        key = getattr(row, "priority" if parameters.by == "priority" else f"{parameters.by}_id")
        days = (now - row.created_at) / timedelta(days=1)
        counts[key][next((f"d{limit}" for limit, _title in AGES if days <= limit), "older")] += 1
        counts[key]["open"] += 1
        counts[key]["overdue"] += row.due_at is not None and row.due_at < now
    titles = _titles(session, parameters.by, counts)
    names = [*(f"d{limit}" for limit, _title in AGES), "older", "open", "overdue"]
    rows = [
        {"key": str(key or "-"), "group": titles[key], **{name: each[name] for name in names}}
        for key, each in sorted(counts.items(), key=lambda item: (-item[1]["overdue"], -item[1]["open"], str(item[0])))
    ]
    notes = [] if rows else [Note(text=_("No task is open."))]
    return Table(rows=rows, notes=notes)


def course_rows(session: CrmSession, parameters: CourseParameters, moment: object) -> Table:
    """Return for each day of a period how many tasks were added, were done, and were done late."""
    first, last = _span(session, parameters.period)
    zone = ZoneInfo(session.crm.config.get(session).zone)
    days: dict[Any, dict[str, int]] = {}
    day = parameters.period.first
    while day <= parameters.period.last and len(days) < 3660:
        days[day] = {"added": 0, "done": 0, "late": 0}
        day += timedelta(days=1)
    added = select(Task.created_at).where(Task.created_at >= first, Task.created_at < last)
    for at in session.scalars(added):
        _count(days, at, zone, "added")
    done = select(Task.done_at, Task.due_at).where(Task.state == "done", Task.done_at >= first, Task.done_at < last)
    for at, due in session.execute(done):
        _count(days, at, zone, "done")
        if due is not None and at is not None and at > due:
            _count(days, at, zone, "late")
    return Table(rows=[{"day": each, **counted} for each, counted in days.items()])


def _count(days: dict[Any, dict[str, int]], at: datetime | None, zone: ZoneInfo, name: str) -> None:
    found = days.get(at.astimezone(zone).date()) if at is not None else None
    if found is not None:
        found[name] += 1


def _span(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return begin, datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)


def _titles(session: CrmSession, by: str, keys: Iterable[Any]) -> dict[Any, str]:
    wanted: list[UUID] = [each for each in keys if isinstance(each, UUID)]
    if by == "priority":
        return {key: PRIORITIES[key] for key in keys}
    if by == "queue":
        known = {each.id: each.title for each in session.scalars(select(Queue).where(Queue.id.in_(wanted)))}
    else:
        known = names_of(session, wanted)
    return {key: known.get(key, NOBODY) if key is not None else NOBODY for key in keys}


_KEY = Column(name="key", title=_("Key"), hidden=True)
_GROUP = Column(name="group", title=_("Group"))

REPORTS = [
    Report(
        name="work.tasks_done",
        title=_("Tasks done in time"),
        rows=done_rows,
        parameters=DoneParameters,
        defaults={"period": "last 30 days"},
        columns=[
            _KEY,
            _GROUP,
            Column(name="done", title=_("Done"), kind="integer", total=True, doc=_("Tasks done in the period.")),
            Column(name="dated", title=_("With a due time"), kind="integer", total=True),
            Column(name="on_time", title=_("In time"), kind="integer", total=True),
            Column(name="late", title=_("Late"), kind="integer", total=True),
            Column(
                name="rate",
                title=_("Share in time"),
                kind="rate",
                successes="on_time",
                trials="dated",
                doc=_("Of the tasks with a due time, those done by then, with a 95 per cent interval."),
            ),
            Column(
                name="hours",
                title=_("Median hours"),
                kind="number",
                doc=_("From when it was added until it was done."),
            ),
        ],
        charts=[Chart.stack("group", "on_time", "late"), Chart.intervals("group", "rate")],
        temporal=False,
        doc=_("How many tasks were done in a period, how many of them in time, and how long they took."),
    ),
    Report(
        name="work.tasks_open",
        title=_("Age of open tasks"),
        rows=age_rows,
        parameters=OpenParameters,
        columns=[
            _KEY,
            _GROUP,
            Column(name="open", title=_("Open"), kind="integer", total=True),
            Column(name="overdue", title=_("Overdue"), kind="integer", total=True),
            *(Column(name=f"d{limit}", title=title, kind="integer", total=True) for limit, title in AGES),
            Column(name="older", title=OLDER, kind="integer", total=True),
        ],
        charts=[Chart.stack("group", *(f"d{limit}" for limit, _title in AGES), "older")],
        temporal=False,
        doc=_("How long the open tasks have been open, and how many are overdue."),
    ),
    Report(
        name="work.tasks_course",
        title=_("Tasks day by day"),
        rows=course_rows,
        parameters=CourseParameters,
        defaults={"period": "last 30 days"},
        columns=[
            Column(name="day", title=_("Day"), kind="date"),
            Column(name="added", title=_("Added"), kind="integer", total=True),
            Column(name="done", title=_("Done"), kind="integer", total=True),
            Column(name="late", title=_("Done late"), kind="integer", total=True),
        ],
        charts=[Chart.lines("day", "added", "done", "late")],
        temporal=False,
        doc=_("How many tasks were added and done each day of a period."),
    ),
]
