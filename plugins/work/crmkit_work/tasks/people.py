"""Who has to do with a task: zones, calendars, stand-ins, leads, and telling people.

Where this room meets assignment and notices; must not decide what is told or when.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from crmkit import CrmSession, NotFound, Team, TeamMember, User, texts
from crmkit_work.assignment.models import Queue, QueueMember
from crmkit_work.calendars.clock import WorkingCalendar
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.calendars.reading import calendar_for, working_calendar
from crmkit_work.tasks.alarm_models import TeamLead
from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")

GONE = ("absent", "inactive")
"""Why somebody is not there so that a deputy stands in: an evening off is no such reason."""


def path_of(task: Task) -> str:
    """Return the page of a task."""
    return f"/modules/work/task?id={task.id}"


def ref_of(task: Task) -> str:
    """Return how others refer to a task."""
    return f"work.task:{task.id}"


def zone_of(session: CrmSession, user_id: UUID | None) -> str:
    """Return the time zone of a user, or the business's."""
    user = session.get(User, user_id) if user_id is not None else None
    return (user.zone if user is not None else None) or session.crm.config.get(session).zone


def calendar_of(session: CrmSession, task: Task) -> WorkingCalendar | None:
    """Return the working calendar by which a task is due: its own, the customer's, the team's or the usual one."""
    found: WorkingHours | None = None
    if task.due_calendar_id is not None:
        found = session.get(WorkingHours, task.due_calendar_id)
    found = found or calendar_for(session, customer_id=task.customer_id, team_id=task.team_id)
    return working_calendar(session, found) if found is not None else None


def own_calendar(session: CrmSession, user_id: UUID | None) -> WorkingCalendar | None:
    """Return the working calendar of a user's main team, or the usual one."""
    found = calendar_for(session, team_id=main_team(session, user_id) if user_id is not None else None)
    return working_calendar(session, found) if found is not None else None


def stand_in(session: CrmSession, user_id: UUID, at: datetime) -> UUID | None:
    """Return who is to be told in place of somebody: the person, the deputy of one who is absent, or nobody for one who
    is absent without a deputy or has left."""
    from crmkit_work.api import is_available

    seen: set[UUID] = set()
    each: UUID | None = user_id
    while each is not None and each not in seen:
        seen.add(each)
        found = is_available(session, each, at)
        if found.present or found.reason not in GONE:
            return each
        each = found.deputy_id
    return None


def is_gone(session: CrmSession, user_id: UUID, at: datetime) -> bool:
    """Say whether somebody is absent or has left, so that no work goes to them."""
    return stand_in(session, user_id, at) != user_id


def keep_load(session: CrmSession, task: Task) -> None:
    """Keep the register of open work in step with a task: it counts while somebody has to work on it."""
    from crmkit_work.api import note_load

    counts = task.state in ("open", "in_progress")
    note_load(session, ref_of(task), task.owner_id if counts else None, queue_id=task.queue_id)


def tell(
    session: CrmSession,
    users: Collection[UUID | None],
    kind: str,
    title: str,
    task: Task,
    *,
    urgent: bool = False,
    **values: Any,
) -> None:
    """Tell users something about a task, by a notice that leads to it."""
    from crmkit_work.api import NewNotice, notify

    notice = NewNotice(
        kind=kind,
        title=title,
        values={"title": task.title, "number": task.number, **values},
        ref=ref_of(task),
        path=path_of(task),
        urgent=urgent or task.priority == "urgent",
        customer_id=task.customer_id,
    )
    notify(session, users, notice)


def lead_of(session: CrmSession, team_id: UUID | None, *, above: bool = False) -> UUID | None:
    """Return who leads a team, or the nearest team above it that has a lead; with ``above`` the team's own lead is left
    out."""
    seen: set[UUID] = set()
    first = True
    while team_id is not None and team_id not in seen:
        seen.add(team_id)
        lead = session.scalar(select(TeamLead.user_id).where(TeamLead.team_id == team_id))
        if lead is not None and not (above and first):
            return lead
        first = False
        team = session.get(Team, team_id)
        team_id = team.parent_id if team is not None else None
    return None


def team_of(session: CrmSession, task: Task) -> UUID | None:
    """Return the team that a task is with: its own, or the main one of its owner."""
    if task.team_id is not None or task.owner_id is None:
        return task.team_id
    return main_team(session, task.owner_id)


def main_team(session: CrmSession, user_id: UUID) -> UUID | None:
    """Return the main team of a user, or the first one."""
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id)
    return session.scalar(query.order_by(TeamMember.main.desc(), TeamMember.team_id).limit(1))


def members_of(session: CrmSession, team_id: UUID) -> list[UUID]:
    """Return the active users of a team."""
    query = select(User.id).join(TeamMember, TeamMember.user_id == User.id)
    return list(session.scalars(query.where(TeamMember.team_id == team_id, User.active).order_by(User.login)))


def queues_of(session: CrmSession, user_id: UUID | None, team_ids: Collection[UUID]) -> list[UUID]:
    """Return the queues of which a user is a member, himself or by a team."""
    if user_id is None:
        return []
    member: ColumnElement[bool] = QueueMember.user_id == user_id
    if team_ids:
        member = or_(member, QueueMember.team_id.in_(sorted(team_ids)))
    return list(session.scalars(select(QueueMember.queue_id).where(member).distinct()))


def queue_named(session: CrmSession, name: str) -> Queue:
    """Return a queue by its name. Raises NotFound with the names that there are."""
    found = session.scalar(select(Queue).where(Queue.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(Queue.name).order_by(Queue.name))) or "–"
        raise NotFound(_('There is no queue "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def user_named(session: CrmSession, login: str) -> User:
    """Return an active user by login. Raises NotFound."""
    found = session.scalar(select(User).where(User.login == login, User.active))
    if found is None:
        raise NotFound(_('There is no active user "{login}".'), login=login)
    return found


def names_of(session: CrmSession, ids: Collection[UUID | None]) -> dict[UUID, str]:
    """Return the names of users by their ids."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(wanted)))}
