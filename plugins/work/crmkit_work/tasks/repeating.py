"""Tasks that repeat: the next one of a series, made when one is finished or due, and exactly once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from crmkit import CrmSession, User
from crmkit_work.tasks.adding import add_task, reads_all
from crmkit_work.tasks.alarm_models import Reminder
from crmkit_work.tasks.inputs import NewTask
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.timing import next_due, set_reminders


def make_next(session: CrmSession, task: Task, now: datetime) -> Task | None:
    """Make the next task of a series, within an operation; nothing where it was made or the series has ended.

    It goes the way the first one went: out of the queue anew, else to the same owner or team. It gets the reminders
    that go by the due time.
    """
    if task.repeat_rule is None or task.repeated:
        return None
    if not reads_all(session):
        # Who may not read what is said of it cannot hand it on either: the next tick does.
        task.repeat_at = now
        return None
    due = next_due(task, now)
    task.repeated, task.repeat_at = True, None
    if due is None:
        return None
    owner = session.get(User, task.owner_id) if task.owner_id is not None else None
    made = add_task(
        session,
        NewTask(
            title=task.title,
            description=task.description,
            customer_id=task.customer_id,
            due_at=due,
            priority=task.priority,
            owner_id=owner.id if owner is not None and owner.active and task.queue_id is None else None,
            team_id=task.team_id,
            queue_id=task.queue_id,
            repeat_when=task.repeat_when,
            due_calendar_id=task.due_calendar_id,
            ladder_id=task.ladder_id,
            ref=task.ref,
            source=task.source,
        ),
        series_id=task.series_id or task.id,
    )
    # The rule goes on counting from its first start, so that COUNT and every other week stay right.
    made.repeat_rule, made.repeat_start, made.repeat_zone = task.repeat_rule, task.repeat_start, task.repeat_zone
    made.repeat_at = made.due_at if made.repeat_when == "due" else None
    made.given_by_id = task.given_by_id
    for each in session.scalars(select(Reminder).where(Reminder.task_id == task.id, Reminder.kind == "before")):
        session.add(
            Reminder(
                task_id=made.id,
                customer_id=made.customer_id,
                user_id=each.user_id,
                kind=each.kind,
                minutes=each.minutes,
                working_days=each.working_days,
                zone=each.zone,
            )
        )
    session.flush()
    set_reminders(session, made, now)
    return made
