"""Giving tasks to somebody else: to a person, a team or a queue; taking one; delegating."""

from __future__ import annotations

from typing import Annotated

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.errors import Conflict, Refused
from crmkit_work.assignment.models import Queue
from crmkit_work.tasks.adding import moved_to, place, refuse_gone, require_open
from crmkit_work.tasks.inputs import Languages, Note, QueueId, QueueName, Skills, TeamId, UserId
from crmkit_work.tasks.models import Task, TaskNote
from crmkit_work.tasks.people import queue_named
from crmkit_work.tasks.timing import set_ladder

_ = texts("crmkit_work")

ASSIGN = "work.task.assign"
Anyway = Annotated[
    bool, Input(title=_("Even to somebody who is absent"), classified="internal", help=_("Otherwise it is refused."))
]


@operation("work.task.assign", title=_("Assign"), effect="other")
def assign_task(
    session: CrmSession,
    task: Task,
    *,
    owner_id: UserId | None = None,
    team_id: TeamId | None = None,
    queue_id: QueueId | None = None,
    queue: QueueName = "",
    skills: Skills = (),
    languages: Languages = (),
    note: Note = "",
    anyway: Anyway = False,
) -> Task:
    """Give a task to a person, a team or a queue; out of a queue the assignment engine picks somebody, and keeps why.

    Raises Conflict for a task that is not open and a person who is absent, NotFound for who or what is not there,
    InvalidInput for nobody.
    """
    require_open(task)
    found = queue_named(session, queue) if queue else None
    if queue_id is not None:
        found = session.get(Queue, queue_id)
    if owner_id is None and team_id is None and found is None:
        raise InvalidInput([Problem(InvalidInput.code, _("Say who gets it."), field="owner_id")])
    if owner_id is not None:
        refuse_gone(session, owner_id, anyway=anyway)
    before = task.owner_id
    exclude = (before,) if before is not None and before == session.actor.user_id and owner_id is None else ()
    place(
        session,
        task,
        owner_id=owner_id,
        team_id=team_id,
        queue=found,
        skills=skills,
        languages=languages,
        exclude=exclude,
        purpose="reassigned",
    )
    _given(session, task, note)
    moved_to(session, task, before)
    if task.acknowledged_at is None:
        set_ladder(session, task, session.gate.clock.now())
    return task


@operation("work.task.delegate", title=_("Delegate"), permission=ASSIGN, effect="other")
def delegate_task(
    session: CrmSession, task: Task, *, owner_id: UserId, note: Note = "", anyway: Anyway = False
) -> Task:
    """Give a task to a colleague and keep an eye on it: whoever delegates goes on seeing it.

    Raises Conflict for a task that is not open and a colleague who is absent, NotFound for one who is not there.
    """
    require_open(task)
    refuse_gone(session, owner_id, anyway=anyway)
    before = task.owner_id
    place(session, task, owner_id=owner_id, team_id=None, queue=None)
    _given(session, task, note)
    moved_to(session, task, before)
    return task


@operation("work.task.take", title=_("Take it"), permission="work.task.update", effect="update")
def take_task(session: CrmSession, task: Task) -> Task:
    """Take a task that nobody has. Raises Conflict for one that somebody has or that is not open, Refused for an actor
    that is no user."""
    require_open(task)
    user = session.actor.user_id
    if user is None:
        raise Refused(_("Only a user has tasks."))
    if task.owner_id is not None and task.owner_id != user:
        raise Conflict(_("Somebody has this task already."))
    if task.owner_id is None:
        task.owner_id = user
        moved_to(session, task, None)
    return task


def _given(session: CrmSession, task: Task, note: str) -> None:
    if session.actor.user_id is not None and task.owner_id != session.actor.user_id:
        task.given_by_id = session.actor.user_id
    task.snoozed_until = None
    if note.strip():
        session.add(
            TaskNote(task_id=task.id, customer_id=task.customer_id, user_id=session.actor.user_id, text=note.strip())
        )


OPERATIONS = [assign_task, delegate_task, take_task]
