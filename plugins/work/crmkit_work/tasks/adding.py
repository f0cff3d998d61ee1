"""Adding tasks and changing what they say."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, Customer, InvalidInput, NotFound, Problem, Team, User, given, operation, texts
from crmkit.errors import Conflict
from crmkit_work.assignment.models import Queue
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.tasks.alarm_models import Ladder, Reminder
from crmkit_work.tasks.events import TaskAssigned, TaskCreated
from crmkit_work.tasks.inputs import CustomerId, DueText, NewTask, Priority, TaskUpdate, Title
from crmkit_work.tasks.models import Task, TaskCounter
from crmkit_work.tasks.people import (
    calendar_of,
    is_gone,
    keep_load,
    main_team,
    own_calendar,
    queue_named,
    ref_of,
    stand_in,
    tell,
    zone_of,
)
from crmkit_work.tasks.recurrence import check_rule
from crmkit_work.tasks.timing import set_all, set_ladder, set_reminders, set_repeat
from crmkit_work.tasks.whens import parse_when
from crmkit_work.tasks.words import PRIORITIES, RANKS, REPEAT_WHEN

_ = texts("crmkit_work")

COUNTER = "task"


@operation("work.task.create", title=_("Add a task"), effect="create")
def create_task(session: CrmSession, new: NewTask) -> Task:
    """Add a task; out of a queue the assignment engine picks its owner and keeps why.

    Raises NotFound for a customer, user, team or queue that is not there, InvalidInput for everything else that is not
    right.
    """
    return add_task(session, new)


def add_task(session: CrmSession, new: NewTask, *, series_id: UUID | None = None) -> Task:
    """Add a task within an operation of this room: see `create_task`; ``series_id`` is the first task of the series
    that it goes on with."""
    title = " ".join(new.title.split())
    if not title:
        raise _problem("title", _("This cannot be empty."))
    check_choice("priority", new.priority, PRIORITIES)
    check_choice("repeat_when", new.repeat_when, REPEAT_WHEN)
    if new.customer_id is not None:
        require_customer(session, new.customer_id)
    _check_ref(session, new.ref)
    actor = session.actor.user_id
    task = Task(
        number=next_number(session),
        title=title,
        description=new.description or None,
        customer_id=new.customer_id,
        priority=new.priority,
        rank=RANKS[new.priority],
        source=new.source,
        ref=new.ref,
        state="open",
        repeat_when=new.repeat_when,
        due_calendar_id=_known(session, WorkingHours, new.due_calendar_id, "due_calendar_id"),
        ladder_id=_known(session, Ladder, new.ladder_id, "ladder_id"),
    )
    task.due_at = _due(session, new.due, new.due_at)
    queue = queue_named(session, new.queue) if new.queue else None
    if new.queue_id is not None:
        queue = session.get(Queue, new.queue_id)
        if queue is None:
            raise NotFound(_("There is no queue {id}."), id=new.queue_id)
    place(session, task, owner_id=new.owner_id, team_id=new.team_id, queue=queue, skills=new.skills, new=new)
    if task.owner_id != actor:
        task.given_by_id = actor
    task.series_id = series_id
    set_series(session, task, new.repeat_rule)
    session.add(task)
    session.flush()
    if new.remind_minutes is not None:
        session.add(
            Reminder(
                task_id=task.id,
                customer_id=task.customer_id,
                kind="before",
                minutes=new.remind_minutes,
                zone=zone_of(session, task.owner_id),
            )
        )
        session.flush()
    set_all(session, task)
    keep_load(session, task)
    session.emit(
        TaskCreated(
            task_id=task.id,
            customer_id=task.customer_id,
            owner_id=task.owner_id,
            queue_id=task.queue_id,
            source=task.source,
            ref=task.ref,
        )
    )
    _tell_owner(session, task)
    return task


@operation("work.task.jot", title=_("Jot down a task"), permission="work.task.create")
def jot_task(
    session: CrmSession,
    *,
    title: Title,
    due: DueText = "",
    priority: Priority = "normal",
    customer_id: CustomerId | None = None,
) -> Task:
    """Add a task of one's own in a line. Raises what adding one raises."""
    new = NewTask(title=title, due=due, priority=priority, customer_id=customer_id, owner_id=session.actor.user_id)
    found: Task = session.run("work.task.create", new)
    return found


@operation("work.task.update", title=_("Change the task"), effect="update")
def update_task(session: CrmSession, task: Task, changes: TaskUpdate) -> Task:
    """Change what a task says; reminders and the ladder follow its due time.

    Raises InvalidInput for what is not right, NotFound for a customer that cannot be seen.
    """
    values = given(changes)
    before = (task.due_at, task.priority, task.due_calendar_id, task.ladder_id)
    if "title" in values:
        title = " ".join(values.pop("title").split())
        if not title:
            raise _problem("title", _("This cannot be empty."))
        task.title = title
    if "priority" in values:
        check_choice("priority", values["priority"], PRIORITIES)
        task.rank = RANKS[values["priority"]]
    if "repeat_when" in values:
        check_choice("repeat_when", values["repeat_when"], REPEAT_WHEN)
    if values.get("customer_id") is not None:
        require_customer(session, values["customer_id"])
    for name, model in (("due_calendar_id", WorkingHours), ("ladder_id", Ladder)):
        _known(session, model, values.get(name), name)
    due = values.pop("due", "")
    rule = values.pop("repeat_rule", task.repeat_rule)
    moved = values.get("customer_id", task.customer_id) != task.customer_id and reads_all(session)
    text = values.pop("description", task.description) if "description" in values or moved else None
    for name, value in values.items():
        setattr(task, name, value)
    if "description" in given(changes) or moved:
        # What is sealed is sealed for whom the task is about.
        task.description = text or None
    if due:
        task.due_at = _due(session, due, None, task)
    if rule != task.repeat_rule or (task.repeat_rule is not None and task.due_at != before[0]):
        set_series(session, task, rule)
    if before != (task.due_at, task.priority, task.due_calendar_id, task.ladder_id):
        now = session.gate.clock.now()
        set_ladder(session, task, now)
        set_reminders(session, task, now)
    set_repeat(task)
    return task


# --- parts that others use -------------------------------------------------------------------------------------------


def place(
    session: CrmSession,
    task: Task,
    *,
    owner_id: UUID | None,
    team_id: UUID | None,
    queue: Queue | None,
    skills: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    new: NewTask | None = None,
    exclude: tuple[UUID, ...] = (),
    purpose: str = "",
) -> None:
    """Give a task to an owner, a team, or somebody of a queue, as the assignment engine decides; with none of them to
    whoever acts, else to who looks after the customer. Raises NotFound."""
    if owner_id is not None:
        user = session.get(User, owner_id)
        if user is None or not user.active:
            raise NotFound(_("There is no active user {id}."), id=owner_id)
    if team_id is not None and session.get(Team, team_id) is None:
        raise NotFound(_("There is no team {id}."), id=team_id)
    if queue is None and owner_id is None and team_id is None:
        owner_id = session.actor.user_id
        if owner_id is None and task.customer_id is not None:
            owner_id = _customers_owner(session, task.customer_id)
    task.owner_id, task.team_id, task.queue_id = owner_id, team_id, None
    task.assignment_id, task.assigned_why = None, {}
    if queue is not None:
        task.queue_id = queue.id
        if owner_id is None:
            _assign(session, task, queue, skills, new.languages if new is not None else languages, exclude, purpose)
    if task.owner_id is not None and team_id is None:
        # So that whoever leads the owner's team sees it.
        task.team_id = main_team(session, task.owner_id)


def _assign(
    session: CrmSession,
    task: Task,
    queue: Queue,
    skills: tuple[str, ...],
    languages: tuple[str, ...],
    exclude: tuple[UUID, ...],
    purpose: str,
) -> None:
    from crmkit_work.api import Wish, assign

    found = assign(
        session,
        Wish(
            ref=ref_of(task),
            title=task.title,
            customer_id=task.customer_id,
            queue_id=queue.id,
            skills=skills,
            languages=languages,
            exclude=exclude,
            purpose=purpose,
        ),
    )
    task.owner_id, task.team_id, task.assignment_id = found.user_id, found.team_id, found.id
    task.assigned_why = {"code": found.why.code, "values": dict(found.why.values)}
    task.queue_id = found.queue_id or queue.id


def _customers_owner(session: CrmSession, customer_id: UUID) -> UUID | None:
    customer = session.get(Customer, customer_id)
    owner = customer.owner_id if customer is not None else None
    return stand_in(session, owner, session.gate.clock.now()) if owner is not None else None


def moved_to(session: CrmSession, task: Task, before: UUID | None) -> None:
    """Tell that a task is with somebody else now."""
    keep_load(session, task)
    session.emit(
        TaskAssigned(
            task_id=task.id,
            customer_id=task.customer_id,
            owner_id=task.owner_id,
            team_id=task.team_id,
            queue_id=task.queue_id,
            before_id=before,
        )
    )
    if task.owner_id != before:
        _tell_owner(session, task)


def _tell_owner(session: CrmSession, task: Task) -> None:
    if task.owner_id is not None and task.owner_id != session.actor.user_id:
        tell(session, [task.owner_id], "task", _("Task {number} is yours: {title}"), task)


def refuse_gone(session: CrmSession, user_id: UUID, *, anyway: bool) -> None:
    """Raise Conflict for somebody who is absent, saying who stands in, unless it is meant so."""
    now = session.gate.clock.now()
    if anyway or not is_gone(session, user_id, now):
        return
    user, deputy = session.get(User, user_id), stand_in(session, user_id, now)
    other = session.get(User, deputy) if deputy is not None else None
    raise Conflict(
        _("{name} is not there now.") if other is None else _("{name} is not there now; {deputy} stands in."),
        fix=_("Give it to somebody else, or say that it is meant so."),
        name=user.name if user is not None else str(user_id),
        deputy=other.name if other is not None else "",
    )


def set_series(session: CrmSession, task: Task, rule: str | None) -> None:
    """Let a task repeat by a rule from its due time on, or not any more. Raises InvalidInput for what is no rule, and
    without a due time."""
    if not rule:
        task.repeat_rule = task.repeat_start = task.repeat_zone = None
        return
    if task.due_at is None:
        raise _problem("due_at", _("A task that repeats needs a due time."))
    task.repeat_rule = check_rule(rule, field="repeat_rule")
    task.repeat_start, task.repeat_zone = task.due_at, zone_of(session, task.owner_id)
    task.series_id = task.series_id or task.id


def reads_all(session: CrmSession) -> bool:
    """Say whether what is said of tasks is open to whoever acts, and not masked."""
    return session.level(Task, "text") == "full"


def require_open(task: Task) -> None:
    """Raise Conflict for a task that is not open."""
    if not task.is_open:
        raise Conflict(_("The task is not open any more."), fix=_("Open it again first."))


def next_number(session: CrmSession) -> int:
    """Return the next short number; whoever else adds a task waits until this one is kept or given up."""
    held = select(TaskCounter).where(TaskCounter.name == COUNTER).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(TaskCounter(name=COUNTER, last=0))
        counter = session.scalars(held).one()
    counter.last += 1
    session.flush()
    return counter.last


def require_customer(session: CrmSession, customer_id: UUID) -> Customer:
    """Return a customer that the actor sees. Raises NotFound."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def check_choice(name: str, value: str | None, choices: Any) -> None:
    """Raise InvalidInput for a value that is not one of some choices."""
    if value is not None and value not in choices:
        hint = _("There are: {known}.")
        problem = Problem(
            InvalidInput.code,
            _("There is no such choice."),
            field=name,
            value=value,
            hint=hint,
            known=", ".join(choices),
        )
        raise InvalidInput([problem])


def _due(session: CrmSession, said: str, at: datetime | None, task: Task | None = None) -> datetime | None:
    if not said.strip():
        return at
    if at is not None:
        raise _problem("due", _("Give the due time once: as an instant or in words."))
    user = session.actor.user_id
    calendar = calendar_of(session, task) if task is not None else own_calendar(session, user)
    return parse_when(said, session.gate.clock.now(), zone_of(session, user), calendar)


def _check_ref(session: CrmSession, ref: str) -> None:
    if not ref:
        return
    name, _colon, identity = ref.rpartition(":")
    resource = session.gate.registry.resources.get(name)
    try:
        known = resource is not None and session.get(resource.model, UUID(identity)) is not None
    except ValueError:
        known = False
    if not known:
        raise _problem("ref", _("There is no such record."))


def _known(session: CrmSession, model: Any, identity: UUID | None, name: str) -> UUID | None:
    if identity is not None and session.get(model, identity) is None:
        raise _problem(name, _("There is no such record."))
    return identity


def _problem(name: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=name)])


OPERATIONS = [create_task, jot_task, update_task]
