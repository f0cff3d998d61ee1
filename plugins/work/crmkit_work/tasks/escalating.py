"""Escalation ladders: laying them down, who leads teams, and climbing them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, NotFound, Team, UnsetType, User, given, operation, texts
from crmkit.errors import AlreadyExists, InvalidInput, Problem, Refused
from crmkit_work.assignment.models import Queue
from crmkit_work.tasks.adding import check_choice
from crmkit_work.tasks.alarm_models import Escalation, Ladder, TeamLead
from crmkit_work.tasks.events import TaskEscalated
from crmkit_work.tasks.inputs import QueueId
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.people import lead_of, members_of, stand_in, team_of, tell, user_named
from crmkit_work.tasks.steps import Step, parse_steps
from crmkit_work.tasks.timing import LATE, climb_of, ladder_for, put_on_step, set_ladder
from crmkit_work.tasks.words import PRIORITIES

_ = texts("crmkit_work")

MANAGE = "work.ladder.manage"

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
LadderTitle = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Steps = Annotated[
    str,
    Input(
        title=_("Steps"),
        max_length=4000,
        multiline=True,
        classified="public",
        help=_("One a line, such as: -60m owner; 0 lead; +2wh lead repeat 1h x3; +1wd user:eve."),
    ),
]
Priorities = Annotated[
    tuple[str, ...],
    Input(title=_("Priorities"), max_length=4, classified="public", choices=PRIORITIES, help=_("All without any.")),
]
Automatic = Annotated[bool, Input(title=_("For every task that it fits"), classified="public")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=10_000, classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]


@operation("work.ladder.create", title=_("Add an escalation ladder"), permission=MANAGE, effect="create")
def create_ladder(
    session: CrmSession,
    *,
    name: Name,
    steps: Steps,
    title: LadderTitle = "",
    queue_id: QueueId | None = None,
    priorities: Priorities = (),
    automatic: Automatic = True,
    position: Position = 100,
) -> Ladder:
    """Add an escalation ladder; open tasks that it fits climb it from their next step on.

    Raises AlreadyExists for a name that is taken, InvalidInput for steps that are not understood, NotFound for a user,
    a team or a queue that is not there.
    """
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(Ladder.id).where(Ladder.name == name)) is not None:
        raise AlreadyExists(_('There is a ladder "{name}" already.'), name=name)
    for each in priorities:
        check_choice("priorities", each, PRIORITIES)
    if queue_id is not None and session.get(Queue, queue_id) is None:
        raise NotFound(_("There is no queue {id}."), id=queue_id)
    ladder = Ladder(
        name=name,
        title=title or name,
        steps=_checked(session, steps),
        queue_id=queue_id,
        priorities=list(priorities),
        automatic=automatic,
        position=position,
    )
    session.add(ladder)
    session.flush()
    session.defer("work.climb_anew")
    return ladder


@attrs.frozen(kw_only=True)
class LadderUpdate:
    """What to change of a ladder; what is not given stays."""

    title: LadderTitle | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    queue_id: QueueId | UnsetType | None = UNSET
    priorities: Priorities | UnsetType = UNSET
    automatic: Automatic | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("work.ladder.update", title=_("Change the ladder"), permission=MANAGE, effect="update")
def update_ladder(session: CrmSession, ladder: Ladder, changes: LadderUpdate) -> Ladder:
    """Change a ladder; open tasks on it go on from their next step. Raises InvalidInput and NotFound as adding does."""
    values = given(changes)
    if "steps" in values:
        values["steps"] = _checked(session, values["steps"])
    for each in values.get("priorities", ()):
        check_choice("priorities", each, PRIORITIES)
    if values.get("queue_id") is not None and session.get(Queue, values["queue_id"]) is None:
        raise NotFound(_("There is no queue {id}."), id=values["queue_id"])
    for name, value in values.items():
        setattr(ladder, name, list(value) if name == "priorities" else value)
    session.defer("work.climb_anew")
    return ladder


@operation("work.ladder.delete", title=_("Delete the ladder"), permission=MANAGE, effect="delete")
def delete_ladder(session: CrmSession, ladder: Ladder) -> None:
    """Delete a ladder; what it has told stays in the log."""
    session.delete(ladder)
    session.defer("work.climb_anew")


@operation("work.ladder.set_lead", title=_("Say who leads a team"), permission=MANAGE)
def set_lead(
    session: CrmSession,
    *,
    team_id: Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")],
    user_id: Annotated[UUID | None, Input(title=_("Lead"), resource="user", classified="internal")] = None,
) -> TeamLead | None:
    """Say who leads a team, or that nobody does. Raises NotFound."""
    if session.get(Team, team_id) is None:
        raise NotFound(_("There is no team {id}."), id=team_id)
    if user_id is not None and session.get(User, user_id) is None:
        raise NotFound(_("There is no active user {id}."), id=user_id)
    known = session.scalar(select(TeamLead).where(TeamLead.team_id == team_id))
    if user_id is None:
        if known is not None:
            session.delete(known)
        return None
    if known is None:
        known = TeamLead(team_id=team_id, user_id=user_id)
        session.add(known)
    known.user_id = user_id
    return known


@operation("work.task.escalate", title=_("Take a step of a ladder"), permission="work.task.update", hidden=True)
def escalate(session: CrmSession, task: Task) -> datetime | None:
    """Take the step of its ladder that a task waits for and return when the next one is due. Raises Refused outside
    system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Ladders are climbed in system scope."))
    now = session.gate.clock.now()
    ladder = ladder_for(session, task)
    if ladder is None or not ladder.active or not task.is_open or task.escalation_at is None:
        task.escalation_at = None
        return None
    if task.escalation_at > now:
        return task.escalation_at
    climb = climb_of(session, task, ladder)
    if task.escalation_index >= len(climb):
        task.escalation_at = None
        return None
    planned = climb[task.escalation_index]
    step = parse_steps(ladder.steps)[planned.step]
    told = _whom(session, task, step, now)
    late = now - planned.at > LATE
    if told:
        due = task.due_at
        title = (
            _("Task {number} is late: {title} (due {due})")
            if due is not None and due <= now
            else _("Task {number} will soon be due: {title} (due {due})")
        )
        tell(session, told, "escalation", title, task, urgent=True, due=due)
    session.add(
        Escalation(
            task_id=task.id,
            ladder=ladder.name,
            step=planned.step + 1,
            turn=planned.turn,
            target=step.target,
            planned_at=planned.at,
            fired_at=now,
            late=late,
            told=[str(each) for each in told],
        )
    )
    session.emit(
        TaskEscalated(
            task_id=task.id,
            customer_id=task.customer_id,
            ladder=ladder.name,
            step=planned.step + 1,
            turn=planned.turn,
            late=late,
        )
    )
    put_on_step(task, climb, task.escalation_index + 1)
    return task.escalation_at


def _whom(session: CrmSession, task: Task, step: Step, now: datetime) -> list[UUID]:
    """Return who is told at a step: deputies for those who are away. Where a step would tell nobody it goes to the
    lead, then to the whole team, then to who gave the task."""
    team = team_of(session, task)
    wanted: list[UUID | None] = []
    if step.target == "owner":
        wanted = [task.owner_id]
    elif step.target in ("lead", "above"):
        wanted = [lead_of(session, team, above=step.target == "above")]
    elif step.target == "user":
        wanted = list(session.scalars(select(User.id).where(User.login == step.name, User.active)))
    else:
        named = session.scalar(select(Team.id).where(Team.name == step.name))
        wanted = list(members_of(session, named)) if named is not None else []
    found = _present(session, wanted, now)
    if not found:
        found = _present(session, [lead_of(session, team)], now)
    if not found and team is not None:
        found = _present(session, members_of(session, team), now)
    return found or _present(session, [task.given_by_id, task.owner_id], now)


def _present(session: CrmSession, users: list[UUID | None] | list[UUID], now: datetime) -> list[UUID]:
    found = [stand_in(session, each, now) for each in users if each is not None]
    return list(dict.fromkeys(each for each in found if each is not None))


def _checked(session: CrmSession, text: str) -> str:
    """Return steps as they are kept. Raises InvalidInput for what is not understood, NotFound for who is not there."""
    for step in parse_steps(text):
        if step.target == "user":
            user_named(session, step.name)
        if step.target == "team" and session.scalar(select(Team.id).where(Team.name == step.name)) is None:
            raise NotFound(_('There is no team "{name}".'), name=step.name)
    return "\n".join(line.strip() for line in text.replace("；", ";").replace(";", "\n").splitlines() if line.strip())


CHUNK = 1000


def climb_anew(session: CrmSession, after: str = "") -> None:
    """Put open tasks on the steps of ladders that were added or changed: the job, a thousand tasks at a time."""
    session.run("work.task.climb_anew", {"after": after})


@operation("work.task.climb_anew", title=_("Put tasks on their ladders"), permission=MANAGE, hidden=True)
def climb_all(
    session: CrmSession, *, after: Annotated[str, Input(title=_("After"), max_length=36, classified="internal")] = ""
) -> int:
    """Put the next thousand open tasks on their ladders and return how many these were. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Ladders are climbed in system scope."))
    query = select(Task).where(Task.done_at.is_(None), Task.due_at.is_not(None), Task.acknowledged_at.is_(None))
    if after:
        query = query.where(Task.id > UUID(after))
    tasks = list(session.scalars(query.order_by(Task.id).limit(CHUNK)))
    now = session.gate.clock.now()
    for task in tasks:
        set_ladder(session, task, now)
    if len(tasks) == CHUNK:
        session.defer("work.climb_anew", after=str(tasks[-1].id))
    return len(tasks)


OPERATIONS = [create_ladder, update_ladder, delete_ladder, set_lead, escalate, climb_all]
