"""When something comes of a task by itself: its ladder, its reminders, and the next one of its series.

Keeps the instants on the rows in step with what they follow from; must not know who is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_work.calendars.clock import WorkingCalendar
from crmkit_work.tasks.alarm_models import Ladder, Reminder
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import calendar_of, zone_of
from crmkit_work.tasks.recurrence import Recurrence
from crmkit_work.tasks.steps import Planned, parse_steps, plan
from crmkit_work.tasks.whens import working_days_on

LATE = timedelta(minutes=5)
"""What fires so long after it was planned is marked as late."""


def ladder_for(session: CrmSession, task: Task) -> Ladder | None:
    """Return the ladder of a task: the one that was chosen for it, else the first that fits its queue and priority."""
    if task.ladder_id is not None:
        return session.get(Ladder, task.ladder_id)
    query = select(Ladder).where(Ladder.active, Ladder.automatic).order_by(Ladder.position, Ladder.name)
    for each in session.scalars(query):
        if each.queue_id not in (None, task.queue_id):
            continue
        if each.priorities and task.priority not in each.priorities:
            continue
        return each
    return None


def climb_of(session: CrmSession, task: Task, ladder: Ladder) -> list[Planned]:
    """Return the steps of a ladder for a task's due time, in order; none without one."""
    if task.due_at is None:
        return []
    zone = zone_of(session, task.owner_id)
    return plan(parse_steps(ladder.steps), task.due_at, calendar_of(session, task), zone)


def set_ladder(session: CrmSession, task: Task, now: datetime) -> None:
    """Begin the ladder of a task anew: with its next step that is still to come. What has been acknowledged is so for
    the due time that it was late for."""
    ladder = ladder_for(session, task) if task.is_open and task.due_at is not None else None
    climb = climb_of(session, task, ladder) if ladder is not None else []
    index = next((place for place, each in enumerate(climb) if each.at > now), len(climb))
    task.acknowledged_at = task.acknowledged_by_id = None
    put_on_step(task, climb, index)


def put_on_step(task: Task, climb: Sequence[Planned], index: int) -> None:
    """Note which step of its ladder a task waits for."""
    task.escalation_index = index
    task.escalation_at = climb[index].at if index < len(climb) else None


def stop(task: Task) -> None:
    """Let nothing come of a task any more that is not open."""
    task.escalation_at = None
    task.snoozed_until = None
    task.repeat_at = None


def set_repeat(task: Task) -> None:
    """Note when the next of a series is to be made, where its due time makes it."""
    by_due = task.is_open and task.repeat_rule is not None and task.repeat_when == "due" and not task.repeated
    task.repeat_at = task.due_at if by_due else None


def next_due(task: Task, now: datetime) -> datetime | None:
    """Return when the next task of a series is due, or None where the series has ended: after this one, and where it
    is made when this one is finished not in the past either."""
    if task.repeat_rule is None or task.due_at is None or task.repeat_start is None:
        return None
    series = Recurrence(rule=task.repeat_rule, start=task.repeat_start, zone=task.repeat_zone or "UTC")
    return series.after(task.due_at if task.repeat_when == "due" else max(task.due_at, now))


def set_reminders(session: CrmSession, task: Task, now: datetime) -> None:
    """Plan the reminders anew that go by the due time of a task, and end all of one that is not open any more.

    What lies in the past by then is not made up for: nobody is reminded of what has just been laid down.
    """
    waiting = list(session.scalars(select(Reminder).where(Reminder.task_id == task.id)))
    calendar = calendar_of(session, task) if any(each.kind == "before" for each in waiting) else None
    for each in waiting:
        if not task.is_open:
            if each.state == "waiting":
                each.state, each.next_at = "dismissed", None
        elif each.kind == "before" and each.state != "dismissed":
            each.next_at = before_due(each, task, calendar)
            if each.next_at is None or each.next_at > now:
                each.state, each.snoozed = "waiting", False
            else:
                each.state, each.next_at = "fired", None


def before_due(reminder: Reminder, task: Task, calendar: WorkingCalendar | None) -> datetime | None:
    """Return when a reminder fires that goes by the due time, or None while there is none."""
    if task.due_at is None:
        return None
    if reminder.working_days:
        return working_days_on(task.due_at, -reminder.working_days, reminder.zone, calendar)
    return task.due_at - timedelta(minutes=reminder.minutes)


def set_all(session: CrmSession, task: Task) -> None:
    """Plan everything anew that goes by the due time, the state, the queue or the priority of a task."""
    now = session.gate.clock.now()
    set_ladder(session, task, now)
    set_repeat(task)
    set_reminders(session, task, now)
