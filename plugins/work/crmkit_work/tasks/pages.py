"""The pages of tasks: the work list, and a task with everything about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, Team, User, new_id, texts
from crmkit_work.assignment.models import Queue
from crmkit_work.assignment.reading import decisions_of
from crmkit_work.assignment.values import Reason
from crmkit_work.tasks.alarm_models import KINDS, REMINDER_STATES, TARGETS, Escalation, Reminder, ReminderFiring
from crmkit_work.tasks.listing import WHOSE, ListFilter, pressing, work_list
from crmkit_work.tasks.models import Task, TaskNote
from crmkit_work.tasks.people import names_of, ref_of, zone_of
from crmkit_work.tasks.steps import parse_steps
from crmkit_work.tasks.timing import climb_of, ladder_for
from crmkit_work.tasks.words import OUTCOMES, PRIORITIES, SNOOZES, TASK_STATES, said_rule

_ = texts("crmkit_work")

HOME = "/modules/work/tasks"
TONES = {"open": "", "in_progress": "info", "waiting": "warn", "done": "good", "dropped": ""}
PRIORITY_TONES = {"low": "", "normal": "", "high": "warn", "urgent": "bad"}
PARTS = ("whose", "user", "queue", "customer", "priority", "q", "section", "snoozed")
MOST = 100


@frozen(kw_only=True)
class Rung:
    """A step of a ladder that is still to come."""

    at: datetime
    target: str
    turn: int


def wanted_of(query: Mapping[str, str]) -> ListFilter:
    """Return which tasks an address asks for; what makes no sense is left out."""
    return ListFilter(
        whose=query.get("whose", "mine") if query.get("whose", "mine") in WHOSE else "mine",
        user_id=_id(query.get("user")),
        queue_id=_id(query.get("queue")),
        customer_id=_id(query.get("customer")),
        priority=query.get("priority", "") if query.get("priority", "") in PRIORITIES else "",
        text=query.get("q", "")[:200],
        section=query.get("section", "") if query.get("section", "").isalpha() else "",
        snoozed=query.get("snoozed") == "1",
    )


def tasks_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the work list of the reader."""
    wanted = wanted_of(query)
    found = work_list(session, wanted)
    customer = session.get(Customer, wanted.customer_id) if wanted.customer_id is not None else None
    user = session.get(User, wanted.user_id) if wanted.user_id is not None else None
    asked = {name: query[name] for name in PARTS if query.get(name)}
    return {
        "list": found,
        "wanted": wanted,
        "asked": asked,
        "here": _address(asked),
        "whose": WHOSE,
        "queues": list(session.scalars(select(Queue).where(Queue.active).order_by(Queue.title))),
        "priorities": PRIORITIES,
        "priority_tones": PRIORITY_TONES,
        "states": TASK_STATES,
        "tones": TONES,
        "snoozes": SNOOZES,
        "customer": customer,
        "user": user,
        "may_create": _may(session, "create"),
        "may_update": _may(session, "update"),
        "home": HOME,
        "key": str(new_id()),
    }


def task_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return a task with everything about it, by its id or its number. Raises NotFound for one that is not seen."""
    task = _task(session, query)
    zone = zone_of(session, session.guarding.rights.user_id)
    notes = session.scalars(
        select(TaskNote).where(TaskNote.task_id == task.id).order_by(TaskNote.created_at.desc()).limit(MOST)
    ).all()
    reminders = session.scalars(
        select(Reminder).where(Reminder.task_id == task.id).order_by(Reminder.next_at.asc().nulls_last(), Reminder.id)
    ).all()
    fired = session.scalars(
        select(ReminderFiring)
        .where(ReminderFiring.task_id == task.id)
        .order_by(ReminderFiring.fired_at.desc(), ReminderFiring.planned_at.desc())
        .limit(MOST)
    ).all()
    escalations = session.scalars(
        select(Escalation)
        .where(Escalation.task_id == task.id)
        .order_by(Escalation.planned_at.desc(), Escalation.id.desc())
        .limit(MOST)
    ).all()
    series: Sequence[Task] = ()
    if task.series_id is not None:
        series = session.scalars(
            select(Task).where(Task.series_id == task.series_id).order_by(Task.due_at.desc()).limit(12)
        ).all()
    customer = session.get(Customer, task.customer_id) if task.customer_id is not None else None
    told = [UUID(each) for row in (*fired, *escalations) for each in row.told]
    people = {
        *(task.owner_id, task.given_by_id, task.done_by_id, task.acknowledged_by_id),
        *(each.user_id for each in notes),
        *(each.user_id for each in reminders),
        *told,
    }
    names = names_of(session, people)
    return {
        "task": task,
        "customer": customer,
        "team": session.get(Team, task.team_id) if task.team_id is not None else None,
        "queue": session.get(Queue, task.queue_id) if task.queue_id is not None else None,
        "about": _about(session, task),
        "notes": notes,
        "reminders": reminders,
        "reminder_kinds": KINDS,
        "reminder_states": REMINDER_STATES,
        "fired": fired,
        "escalations": escalations,
        "rungs": rungs_of(session, task),
        "targets": TARGETS,
        "series": series,
        "assignments": _assignments(session, task, language, zone),
        "names": names,
        "told": {str(each): name for each, name in names.items()},
        "late": task.is_open and task.due_at is not None and task.due_at < session.gate.clock.now(),
        "zone": zone,
        "states": TASK_STATES,
        "tones": TONES,
        "priorities": PRIORITIES,
        "priority_tones": PRIORITY_TONES,
        "outcomes": OUTCOMES,
        "snoozes": SNOOZES,
        "repeats": said_rule(task.repeat_rule) if task.repeat_rule else "",
        "may_update": _may(session, "update"),
        "may_assign": _may(session, "assign"),
        "home": HOME,
        "here": f"/modules/work/task?id={task.id}",
        "key": str(new_id()),
        "key_note": str(new_id()),
    }


def rungs_of(session: CrmSession, task: Task) -> Sequence[Rung]:
    """Return the steps of its ladder that a task still has before it."""
    if task.escalation_at is None:
        return []
    ladder = ladder_for(session, task)
    if ladder is None:
        return []
    steps = parse_steps(ladder.steps)
    coming = climb_of(session, task, ladder)[task.escalation_index :]
    return [Rung(at=each.at, target=steps[each.step].target, turn=each.turn) for each in coming]


def _task(session: CrmSession, query: Mapping[str, str]) -> Task:
    number, identity = query.get("number", "").lstrip("#"), _id(query.get("id"))
    found: Task | None = None
    if identity is not None:
        found = session.get(Task, identity)
    elif number.isascii() and number.isdigit() and len(number) < 10:
        found = session.scalar(select(Task).where(Task.number == int(number)))
    if found is None:
        raise NotFound(_("There is no such task."))
    return found


@frozen(kw_only=True)
class Given:
    """Why a task went to whom, in words, and why to nobody else: pairs of name and words."""

    at: datetime
    who: str
    why: str
    why_not: Sequence[tuple[str, str]]


def _assignments(session: CrmSession, task: Task, language: str, zone: str) -> Sequence[Given]:
    found = decisions_of(session, ref_of(task))
    if not found and task.assigned_why:
        # Who has the task may know why, also where the log is for others.
        reason = Reason(code=task.assigned_why["code"], values=task.assigned_why["values"])
        who = names_of(session, {task.owner_id}).get(task.owner_id, "") if task.owner_id is not None else ""
        return [Given(at=task.created_at, who=who, why=reason.render(language, zone), why_not=[])]
    return [
        Given(
            at=each.entry.decided_at,
            who=each.name(each.entry.user_id or each.entry.team_id) if each.entry.user_id or each.entry.team_id else "",
            why=each.why.render(language, zone),
            why_not=[(each.name(one.user_id), one.render(language, zone)) for one in each.why_not],
        )
        for each in found
    ]


def _about(session: CrmSession, task: Task) -> Mapping[str, str] | None:
    """Return the record that a task is about, with its title and page, where the reader sees it."""
    name, _colon, identity = task.ref.rpartition(":")
    resource = session.gate.registry.resources.get(name)
    parsed = _id(identity)
    if resource is None or parsed is None:
        return None
    record = session.get(resource.model, parsed)
    if record is None:
        return None
    said = getattr(record, "title", None) or getattr(record, "name", None) or getattr(record, "subject", None) or ""
    path = f"/customers/{parsed}" if name == "customer" else f"/records/{name}/{parsed}"
    return {"title": resource.title, "said": said if isinstance(said, str) else "", "path": path}


def _address(asked: Mapping[str, str]) -> str:
    return f"{HOME}?{urlencode(asked)}" if asked else HOME


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _may(session: CrmSession, action: str) -> bool:
    return bool(session.guarding.rights.scope("work.task", action) != "none")


PAGES = [
    Page(
        name="work.tasks",
        title=_("My work"),
        path="/tasks",
        template="work/tasks/tasks.html",
        context=tasks_page,
        permission="work.task.read",
        icon="list-check",
        badge=pressing,
        order=5,
    ),
    Page(
        name="work.task",
        title=_("Task"),
        path="/task",
        template="work/tasks/task.html",
        context=task_page,
        permission="work.task.read",
        icon="list-check",
        menu=False,
    ),
]
