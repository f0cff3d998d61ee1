"""What becomes of a task: started, waited for, put aside, done, dropped, opened again, noted, acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.errors import Conflict
from crmkit_work.assignment.models import Queue
from crmkit_work.tasks.adding import add_task, check_choice, moved_to, place, require_open
from crmkit_work.tasks.alarm_models import Escalation
from crmkit_work.tasks.events import TaskAcknowledged, TaskDropped, TaskFinished, TaskReopened
from crmkit_work.tasks.inputs import Choice, DueText, LongNote, NewTask, Note, Outcome, Title, Until
from crmkit_work.tasks.models import Task, TaskNote
from crmkit_work.tasks.people import is_gone, keep_load, own_calendar, stand_in, zone_of
from crmkit_work.tasks.repeating import make_next
from crmkit_work.tasks.timing import set_all, set_reminders, stop
from crmkit_work.tasks.whens import snooze_end
from crmkit_work.tasks.words import OUTCOMES

_ = texts("crmkit_work")

UPDATE = "work.task.update"


@operation("work.task.start", title=_("Start"), permission=UPDATE, effect="update")
def start_task(session: CrmSession, task: Task) -> Task:
    """Say that one is at it; a task that nobody has becomes one's own. Raises Conflict for one that is not open."""
    require_open(task)
    before = task.owner_id
    if task.owner_id is None and session.actor.user_id is not None:
        task.owner_id = session.actor.user_id
        moved_to(session, task, before)
    if task.state != "in_progress":
        task.state, task.snoozed_until = "in_progress", None
        task.started_at = task.started_at or session.gate.clock.now()
        keep_load(session, task)
    return task


@operation("work.task.wait", title=_("Wait for somebody"), permission=UPDATE, effect="update")
def wait_task(session: CrmSession, task: Task, *, until: Until | None = None, note: Note = "") -> Task:
    """Say that it goes on only when somebody else has done something; from ``until`` on it is open again by itself. Its
    ladder goes on. Raises Conflict for a task that is not open, InvalidInput for an instant that has passed."""
    require_open(task)
    if until is not None:
        _require_ahead(session, until, "until")
    task.state, task.snoozed_until = "waiting", until
    keep_load(session, task)
    _note(session, task, note)
    return task


@operation("work.task.resume", title=_("Go on"), permission=UPDATE, effect="update")
def resume_task(session: CrmSession, task: Task) -> Task:
    """Have a task on the list again that waits or is put aside. Raises Conflict for one that is not open."""
    require_open(task)
    task.snoozed_until = None
    if task.state == "waiting":
        task.state = "in_progress" if task.started_at is not None else "open"
        keep_load(session, task)
    return task


@operation("work.task.snooze", title=_("Put aside"), permission=UPDATE, effect="update")
def snooze_task(session: CrmSession, task: Task, *, choice: Choice = "", until: Until | None = None) -> Task:
    """Have a task off the list until an instant, or for as long as one of the choices says. Neither its due time nor
    its ladder moves. Raises Conflict for a task that is not open, InvalidInput for no instant to come."""
    require_open(task)
    task.snoozed_until = end_of(session, choice, until)
    return task


@operation("work.task.finish", title=_("Done"), permission=UPDATE, effect="update")
def finish_task(
    session: CrmSession,
    task: Task,
    *,
    outcome: Outcome | None = None,
    note: Note = "",
    follow_up: Annotated[
        Title,
        Input(
            title=_("Next step"), max_length=300, classified="internal", help=_("A task that follows from this one.")
        ),
    ] = "",
    follow_up_due: DueText = "",
) -> Task:
    """Say that a task is done, what came of it, and what follows. The next one of a series is made.

    Raises Conflict for a task that is not open, InvalidInput for what is no outcome and for a next step that cannot be
    added.
    """
    require_open(task)
    check_choice("outcome", outcome, OUTCOMES)
    now = session.gate.clock.now()
    _close(session, task, "done", now)
    task.outcome, task.outcome_note = outcome, note or None
    late = task.due_at is not None and now > task.due_at
    session.emit(
        TaskFinished(task_id=task.id, customer_id=task.customer_id, owner_id=task.owner_id, outcome=outcome, late=late)
    )
    make_next(session, task, now)
    if follow_up.strip():
        add_task(
            session,
            NewTask(
                title=follow_up,
                due=follow_up_due,
                customer_id=task.customer_id,
                owner_id=session.actor.user_id or task.owner_id,
                priority=task.priority,
                ref=task.ref,
                source=task.source,
            ),
        )
    return task


@operation("work.task.drop", title=_("Drop"), permission=UPDATE, effect="update")
def drop_task(session: CrmSession, task: Task, *, note: Note = "", series: bool = False) -> Task:
    """Say that a task will not be done. With ``series`` the series ends; else the next one is made. Raises Conflict for
    one that is not open."""
    require_open(task)
    now = session.gate.clock.now()
    _close(session, task, "dropped", now)
    task.outcome_note = note or None
    session.emit(TaskDropped(task_id=task.id, customer_id=task.customer_id))
    if not series:
        make_next(session, task, now)
    return task


@operation("work.task.reopen", title=_("Open again"), permission=UPDATE, effect="update")
def reopen_task(session: CrmSession, task: Task, *, note: Note = "") -> Task:
    """Open a task again that was done or dropped. Where its owner is absent or has left it goes to the deputy, or out
    of its queue to somebody else. Raises Conflict for one that is open."""
    if task.is_open:
        raise Conflict(_("The task is open."))
    now = session.gate.clock.now()
    task.state, task.done_at, task.done_by_id, task.outcome = "open", None, None, None
    _note(session, task, note)
    before = task.owner_id
    if before is not None and is_gone(session, before, now):
        queue = session.get(Queue, task.queue_id) if task.queue_id is not None else None
        if queue is not None:
            place(
                session,
                task,
                owner_id=None,
                team_id=task.team_id,
                queue=queue,
                exclude=(before,),
                purpose="reopened",
            )
        else:
            task.owner_id = stand_in(session, before, now) or task.given_by_id or before
        if task.owner_id != before:
            moved_to(session, task, before)
    keep_load(session, task)
    set_all(session, task)
    session.emit(TaskReopened(task_id=task.id, customer_id=task.customer_id))
    return task


@operation("work.task.note", title=_("Note something"), permission=UPDATE, effect="update")
def note_task(session: CrmSession, task: Task, *, note: LongNote) -> Task:
    """Note something about a task. Raises InvalidInput for nothing."""
    if not note.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="note")])
    _note(session, task, note)
    return task


@operation("work.task.acknowledge", title=_("I see to it"), permission=UPDATE, effect="update")
def acknowledge_task(session: CrmSession, task: Task) -> Task:
    """Say that one sees to a task that is late: its ladder stops until it gets another due time. Raises Conflict for
    one that is not open."""
    require_open(task)
    now, user = session.gate.clock.now(), session.actor.user_id
    task.acknowledged_at, task.acknowledged_by_id, task.escalation_at = now, user, None
    open_ones = select(Escalation).where(Escalation.task_id == task.id, Escalation.acknowledged_at.is_(None))
    for each in session.scalars(open_ones):
        each.acknowledged_at, each.acknowledged_by_id = now, user
    session.emit(TaskAcknowledged(task_id=task.id, customer_id=task.customer_id, user_id=user))
    return task


def end_of(session: CrmSession, choice: str, until: datetime | None) -> datetime:
    """Return until when something is put aside. Raises InvalidInput for no instant to come."""
    if until is not None:
        _require_ahead(session, until, "until")
        return until
    user = session.actor.user_id
    return snooze_end(
        choice or "tomorrow", session.gate.clock.now(), zone_of(session, user), own_calendar(session, user)
    )


def _close(session: CrmSession, task: Task, state: str, now: datetime) -> None:
    task.state, task.done_at, task.done_by_id = state, now, session.actor.user_id
    stop(task)
    keep_load(session, task)
    set_reminders(session, task, now)


def _note(session: CrmSession, task: Task, note: str) -> None:
    if note.strip():
        session.add(
            TaskNote(task_id=task.id, customer_id=task.customer_id, user_id=session.actor.user_id, text=note.strip())
        )


def _require_ahead(session: CrmSession, at: datetime, name: str) -> None:
    if at <= session.gate.clock.now():
        raise InvalidInput([Problem(InvalidInput.code, _("This lies in the past."), field=name)])


OPERATIONS = [
    start_task,
    wait_task,
    resume_task,
    snooze_task,
    finish_task,
    drop_task,
    reopen_task,
    note_task,
    acknowledge_task,
]
