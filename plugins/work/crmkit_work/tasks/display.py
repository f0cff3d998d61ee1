"""What tasks add where other things are shown: the first page, customers, calendars, search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import (
    Calendar,
    CardLine,
    CrmSession,
    DashboardCard,
    Panel,
    Searchable,
    SearchField,
    TimelineEntry,
    texts,
)
from crmkit.i18n import translate
from crmkit_work.tasks.listing import ListFilter, work_list
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import path_of
from crmkit_work.tasks.words import PRIORITIES

_ = texts("crmkit_work")

LIST = "/modules/work/tasks"
MOST = 7


def today(session: CrmSession) -> Sequence[CardLine]:
    """Return what is overdue or due today of the reader's own list, the most urgent first."""
    found = work_list(session, ListFilter(whose="mine"), shown=MOST)
    lines: list[CardLine] = []
    for name in ("overdue", "today"):
        for task in found.of(name).tasks:
            customer = found.customers.get(task.customer_id) if task.customer_id is not None else None
            facts = [(_("Customer"), customer)] if customer else []
            if task.rank > 1:
                facts.append((_("Priority"), PRIORITIES[task.priority]))
            lines.append(
                CardLine(
                    title=task.title,
                    facts=facts,
                    at=task.due_at,
                    path=path_of(task),
                    icon="list-check",
                    tone="bad" if name == "overdue" else "warn" if task.rank > 1 else "",
                )
            )
    return lines[:MOST]


CARDS = [
    DashboardCard(
        name="work.tasks",
        title=_("My tasks"),
        rows=today,
        permission="work.task.read",
        empty=_("Nothing is due today."),
        path=LIST,
        icon="list-check",
        order=10,
    )
]

CALENDARS = [
    Calendar(
        name="work.tasks",
        title=_("Tasks"),
        resource="work.task",
        start="due_at",
        label=["title", "customer_id", "owner_id"],
        state="state",
        states={"in_progress": "info", "waiting": "warn", "done": "good", "dropped": ""},
    )
]

SEARCHABLES = [
    Searchable(
        name="work.task",
        model=Task,
        title=_("Task"),
        fields=[SearchField(name="title", part="title")],
        customer="customer_id",
    )
]


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open tasks of each customer that has one: how many, how many late, and the next ones."""
    now = session.gate.clock.now()
    query = select(Task).where(Task.customer_id.in_(customer_ids), Task.done_at.is_(None))
    found: dict[UUID, list[Task]] = defaultdict(list)
    for task in session.scalars(query.order_by(Task.due_at.asc().nulls_last(), Task.number)):
        if task.customer_id is not None:
            found[task.customer_id].append(task)
    return [
        Panel(
            customer_id=customer_id,
            title=_("Tasks"),
            rows=[
                (_("Open tasks"), str(len(tasks))),
                *([(_("Overdue"), str(late))] if (late := sum(_is_late(each, now) for each in tasks)) else []),
                *((f"#{each.number}", each.title) for each in tasks[:3]),
            ],
            path=f"{LIST}?whose=all&customer={customer_id}",
            link=_("All tasks"),
        )
        for customer_id, tasks in found.items()
    ]


def _is_late(task: Task, now: datetime) -> bool:
    return task.due_at is not None and task.due_at < now


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when tasks of customers were added and done or dropped, within the half-open span."""
    query = select(Task).where(Task.customer_id.in_(customer_ids))
    if since is not None:
        query = query.where(or_(Task.created_at >= since, Task.done_at >= since))
    if until is not None:
        query = query.where(Task.created_at < until)
    entries: list[TimelineEntry] = []
    language = session.actor.language or session.business().language
    for task in session.scalars(query):
        if task.customer_id is None:
            continue
        moments = [("work.task.created", task.created_at, _("Task: {title}"))]
        if task.done_at is not None:
            done = task.state == "done"
            moments.append(
                (
                    "work.task.done" if done else "work.task.dropped",
                    task.done_at,
                    _("Task done: {title}") if done else _("Task dropped: {title}"),
                )
            )
        entries.extend(
            TimelineEntry(
                customer_id=task.customer_id,
                occurred_at=at,
                kind=kind,
                title=translate(text, language, title=task.title),
                ref=f"work.task:{task.id}",
            )
            for kind, at, text in moments
            if (since is None or at >= since) and (until is None or at < until)
        )
    return entries
