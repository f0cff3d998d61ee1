"""What the commands of tasks share: finding a task by its number, and telling of one. Imports no database by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit import InvalidInput, NotFound, Problem, texts
from crmkit.cli.api import Column, Invocation

if TYPE_CHECKING:
    from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")

WHOSE = ("mine", "own", "queues", "given", "all")
PRIORITIES = ("low", "normal", "high", "urgent")
OUTCOMES = ("successful", "unsuccessful", "no_answer", "rescheduled", "not_needed")
SNOOZES = ("hour", "afternoon", "tomorrow", "working_day", "week")

COLUMNS = (
    Column("number", "#", "right"),
    Column("title", _("Title")),
    Column("due_at", _("Due")),
    Column("priority", _("Priority")),
    Column("state", _("State")),
    Column("customer", _("Customer")),
    Column("owner", _("Owner")),
)


def row_of(task: Task, section: str, customers: Any, users: Any) -> dict[str, Any]:
    """Return a task as a row of a table."""
    return {
        "number": task.number,
        "title": task.title,
        "due_at": task.due_at,
        "priority": task.priority,
        "state": task.state,
        "customer": customers.get(task.customer_id),
        "owner": users.get(task.owner_id),
        "section": section,
        "id": task.id,
    }


def document_of(session: Any, task: Task) -> dict[str, Any]:
    """Return a task as a document."""
    from crmkit import Customer
    from crmkit_work.tasks.people import names_of

    customer = session.get(Customer, task.customer_id) if task.customer_id else None
    names = names_of(session, {task.owner_id})
    return {
        **row_of(task, "", {task.customer_id: str(customer.name)} if customer is not None else {}, names),
        "description": str(task.description) if task.description is not None else None,
        "customer_id": task.customer_id,
        "queue_id": task.queue_id,
        "team_id": task.team_id,
        "snoozed_until": task.snoozed_until,
        "done_at": task.done_at,
        "outcome": task.outcome,
        "outcome_note": str(task.outcome_note) if task.outcome_note is not None else None,
        "repeat_rule": task.repeat_rule,
        "ref": task.ref or None,
        "source": task.source or None,
        "escalation_at": task.escalation_at,
    }


def find(session: Any, said: str) -> Task | None:
    """Return a task by its number or id, or None."""
    from sqlalchemy import select

    from crmkit_work.tasks.models import Task

    bare = said.strip().removeprefix("#")
    if bare.isascii() and bare.isdigit() and len(bare) < 10:
        found: Task | None = session.scalar(select(Task).where(Task.number == int(bare)))
        return found
    try:
        known: Task | None = session.get(Task, UUID(bare))
    except ValueError:
        return None
    return known


def task_of(session: Any, said: str) -> Task:
    """Return a task by its number or id. Raises NotFound."""
    found = find(session, said)
    if found is None:
        raise NotFound(_('There is no task "{said}".'), said=said)
    return found


def target_of(cli: Invocation, said: str) -> UUID:
    """Return the id of a task by its number or id. Raises NotFound."""
    with cli.session() as session:
        return task_of(session, said).id


def people_of(cli: Invocation, login: str | None, team: str | None) -> dict[str, Any]:
    """Return the ids of a user and a team by their names. Raises NotFound."""
    from sqlalchemy import select

    from crmkit import Team
    from crmkit_work.tasks.people import user_named

    found: dict[str, Any] = {}
    with cli.session() as session:
        if login:
            found["owner_id"] = user_named(session, login).id
        if team:
            identity = session.scalar(select(Team.id).where(Team.name == team))
            if identity is None:
                raise NotFound(_('There is no team "{name}".'), name=team)
            found["team_id"] = identity
    return found


def instant_of(cli: Invocation, said: str | None) -> datetime | None:
    """Return the instant that a text says, None for none. Raises InvalidInput."""
    from crmkit_work.tasks.people import own_calendar, zone_of
    from crmkit_work.tasks.whens import parse_when

    if said is None:
        return None
    if not said.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="--until")])
    with cli.session() as session:
        user = session.guarding.rights.user_id
        return parse_when(said, session.gate.clock.now(), zone_of(session, user), own_calendar(session, user))
