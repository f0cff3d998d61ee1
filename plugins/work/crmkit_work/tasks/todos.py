"""Open tasks as a file of to-dos that other programs read (iCalendar, RFC 5545). Must not know where it goes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_work.tasks.listing import ListFilter, work_list
from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")

MOST = 1000
PRIORITY = {"urgent": 1, "high": 3, "normal": 5, "low": 9}
STATUS = {"open": "NEEDS-ACTION", "waiting": "NEEDS-ACTION", "in_progress": "IN-PROCESS"}


def write_todos(session: CrmSession, whose: str) -> tuple[bytes, int]:
    """Return a calendar with a to-do for each task of a work list, and how many these are. Titles are internal; what is
    sensitive is left out."""
    from icalendar import Calendar, Todo

    found = work_list(session, ListFilter(whose=whose, snoozed=True), shown=MOST)
    ids = [each.id for part in found.parts for each in part.tasks]
    tasks = session.scalars(select(Task).where(Task.id.in_(ids)).order_by(Task.number)).all() if ids else []
    made = Calendar()
    made.add("prodid", "-//crmkit//work//EN")
    made.add("version", "2.0")
    for task in tasks:
        todo = Todo()
        todo.add("uid", f"work.task-{task.id}@crmkit")
        todo.add("dtstamp", _second(task.updated_at))
        todo.add("created", _second(task.created_at))
        todo.add("summary", f"#{task.number} {task.title}")
        todo.add("status", STATUS[task.state])
        todo.add("priority", PRIORITY[task.priority])
        if task.due_at is not None:
            todo.add("due", _second(task.due_at))
        made.add_component(todo)
    return bytes(made.to_ical()), len(tasks)


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
