"""What can be done with queues: making and changing them, and saying who gets work out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Team,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists, Conflict
from crmkit_work.assignment.models import OpenWork, Queue, QueueMember, QueueTurn, Territory
from crmkit_work.assignment.values import STRATEGIES, needed_skills
from crmkit_work.calendars.models import WorkingHours

_ = texts("crmkit_work")

MANAGE = "work.queue.manage"

Strategy = Annotated[
    Literal["round_robin", "least_loaded", "weighted"],
    Input(title=_("Strategy"), choices=STRATEGIES, classified="public"),
]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Sticky = Annotated[bool, Input(title=_("Who looks after the customer first"), classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
Skills = Annotated[
    tuple[str, ...],
    Input(
        title=_("Skills"), max_length=50, classified="public", help=_("Such as billing:3; the level is from 1 to 10.")
    ),
]
Languages = Annotated[
    tuple[str, ...], Input(title=_("Languages"), max_length=50, classified="public", help=_("Such as zh or en."))
]
CalendarId = Annotated[UUID | None, Input(title=_("Calendar"), resource="work.calendar", classified="public")]
InHours = Annotated[bool, Input(title=_("Only while people are at work"), classified="public")]
Limit = Annotated[int | None, Input(title=_("Most in a day for each"), minimum=1, maximum=100_000, classified="public")]
QueueId = Annotated[UUID | None, Input(title=_("Else to the queue"), resource="work.queue", classified="public")]
TeamId = Annotated[UUID | None, Input(title=_("Else to the team"), resource="team", classified="public")]
CalendarIdChange = Annotated[
    UUID | UnsetType | None, Input(title=_("Calendar"), resource="work.calendar", classified="public")
]
LimitChange = Annotated[
    int | UnsetType | None, Input(title=_("Most in a day for each"), minimum=1, maximum=100_000, classified="public")
]
QueueIdChange = Annotated[
    UUID | UnsetType | None, Input(title=_("Else to the queue"), resource="work.queue", classified="public")
]
TeamIdChange = Annotated[
    UUID | UnsetType | None, Input(title=_("Else to the team"), resource="team", classified="public")
]
Capacity = Annotated[
    int | None, Input(title=_("Most open at a time"), minimum=0, maximum=100_000, classified="internal")
]
Weight = Annotated[int, Input(title=_("Weight"), minimum=1, maximum=1000, classified="internal")]


@attrs.frozen(kw_only=True)
class NewQueue:
    """A queue to be made. ``max_per_day`` is for each member; without a fallback what nobody can take waits."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
    title: Title = ""
    strategy: Strategy = "round_robin"
    sticky: Sticky = True
    skills: Skills = ()
    languages: Languages = ()
    calendar_id: CalendarId = None
    in_hours: InHours = True
    max_per_day: Limit = None
    fallback_queue_id: QueueId = None
    fallback_team_id: TeamId = None


@operation("work.queue.create", title=_("Add a queue"), permission=MANAGE, effect="create")
def create_queue(session: CrmSession, new: NewQueue) -> Queue:
    """Add a queue. Raises AlreadyExists for a name that is taken, InvalidInput for skills, a calendar, a queue or a
    team that there is not."""
    if not new.name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(Queue.id).where(Queue.name == new.name.strip())) is not None:
        raise AlreadyExists(_('There is a queue "{name}" already.'), name=new.name)
    values = _checked(session, None, attrs.asdict(new))
    queue = Queue(**{**values, "name": new.name.strip(), "title": new.title or new.name})
    session.add(queue)
    return queue


@attrs.frozen(kw_only=True)
class QueueUpdate:
    """What to change of a queue; what is not given stays."""

    title: Title | UnsetType = UNSET
    strategy: Strategy | UnsetType = UNSET
    sticky: Sticky | UnsetType = UNSET
    active: Active | UnsetType = UNSET
    skills: Skills | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    calendar_id: CalendarIdChange = UNSET
    in_hours: InHours | UnsetType = UNSET
    max_per_day: LimitChange = UNSET
    fallback_queue_id: QueueIdChange = UNSET
    fallback_team_id: TeamIdChange = UNSET


@operation("work.queue.update", title=_("Change the queue"), permission=MANAGE, effect="update")
def update_queue(session: CrmSession, queue: Queue, changes: QueueUpdate) -> Queue:
    """Change a queue; with another strategy the turns begin anew. Raises InvalidInput as making one does."""
    values = _checked(session, queue, given(changes))
    if values.get("strategy", queue.strategy) != queue.strategy:
        _begin_anew(session, queue)
    for name, value in values.items():
        setattr(queue, name, value)
    return queue


@operation("work.queue.delete", title=_("Delete the queue"), permission=MANAGE, effect="delete")
def delete_queue(session: CrmSession, queue: Queue) -> None:
    """Delete a queue. Raises Conflict while open work came out of it, another queue falls back on it, or a territory
    goes there."""
    for query in (
        select(OpenWork.ref).where(OpenWork.queue_id == queue.id),
        select(Queue.id).where(Queue.fallback_queue_id == queue.id),
        select(Territory.id).where(Territory.queue_id == queue.id),
    ):
        if session.scalar(query.limit(1)) is not None:
            raise Conflict(
                _('The queue "{name}" is in use.'),
                fix=_("Make it inactive, or move first what comes in there."),
                name=queue.name,
            )
    session.delete(queue)


@operation("work.queue.add_member", title=_("Add somebody to the queue"), permission=MANAGE, effect="update")
def add_member(
    session: CrmSession,
    queue: Queue,
    *,
    user_id: Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")] = None,
    team_id: Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="internal")] = None,
    weight: Weight = 1,
    capacity: Capacity = None,
    max_per_day: Annotated[
        int | None, Input(title=_("Most in a day"), minimum=1, maximum=100_000, classified="internal")
    ] = None,
) -> QueueMember:
    """Give a person, or everybody of a team, work out of a queue, or change what holds of a member. The weights begin
    anew. Raises InvalidInput unless it is one of the two, NotFound for somebody who is not there."""
    if (user_id is None) == (team_id is None):
        raise InvalidInput([Problem(InvalidInput.code, _("Name a person or a team."), field="user_id")])
    if user_id is not None and session.get(User, user_id) is None:
        raise NotFound(_("There is no user {id}."), id=user_id)
    if team_id is not None and session.get(Team, team_id) is None:
        raise NotFound(_("There is no team {id}."), id=team_id)
    member = _member(session, queue, user_id, team_id)
    if member is None:
        member = QueueMember(queue_id=queue.id, user_id=user_id, team_id=team_id)
        session.add(member)
    member.weight, member.capacity, member.max_per_day = weight, capacity, max_per_day
    _begin_anew(session, queue)
    return member


@operation("work.queue.remove_member", title=_("Take somebody out of the queue"), permission=MANAGE, effect="update")
def remove_member(
    session: CrmSession,
    queue: Queue,
    *,
    user_id: Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")] = None,
    team_id: Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="internal")] = None,
) -> Queue:
    """Give a person or a team no more work out of a queue; what they have stays theirs. Raises NotFound for somebody
    who is no member."""
    member = _member(session, queue, user_id, team_id)
    if member is None:
        raise NotFound(_('They are no member of the queue "{queue}".'), queue=queue.title)
    session.delete(member)
    session.flush()
    _begin_anew(session, queue)
    return queue


def _member(session: CrmSession, queue: Queue, user_id: UUID | None, team_id: UUID | None) -> QueueMember | None:
    column = QueueMember.user_id == user_id if user_id is not None else QueueMember.team_id == team_id
    return session.scalar(select(QueueMember).where(QueueMember.queue_id == queue.id, column))


def _begin_anew(session: CrmSession, queue: Queue) -> None:
    """Forget what smooth weighting has left over: it is in the measure of other weights."""
    for turn in session.scalars(select(QueueTurn).where(QueueTurn.queue_id == queue.id, QueueTurn.current != 0)):
        turn.current = 0


def _checked(session: CrmSession, queue: Queue | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are kept. Raises InvalidInput with everything that is wrong."""
    found, problems = dict(values), list[Problem]()
    if "skills" in found:
        found["skills"] = skills_of(found["skills"], problems)
    if "languages" in found:
        found["languages"] = list(dict.fromkeys(each.strip() for each in found["languages"] if each.strip()))
    if "title" in found and queue is not None:
        found["title"] = found["title"] or queue.name
    for name, model, message in (
        ("calendar_id", WorkingHours, _("There is no such calendar.")),
        ("fallback_queue_id", Queue, _("There is no such queue.")),
        ("fallback_team_id", Team, _("There is no such team.")),
    ):
        if found.get(name) is not None and session.get(model, found[name]) is None:
            problems.append(Problem(InvalidInput.code, message, field=name, value=found[name]))
    if queue is not None and found.get("fallback_queue_id") is not None:
        problems.extend(_circle(session, queue, found["fallback_queue_id"]))
    if problems:
        raise InvalidInput(problems)
    return found


def _circle(session: CrmSession, queue: Queue, following: UUID | None) -> Sequence[Problem]:
    seen = {queue.id}
    while following is not None:
        if following in seen:
            message = _("The queues would fall back on each other in a circle.")
            return [Problem(InvalidInput.code, message, field="fallback_queue_id")]
        seen.add(following)
        other = session.get(Queue, following)
        following = other.fallback_queue_id if other is not None else None
    return []


def skills_of(wanted: Sequence[str], problems: list[Problem]) -> dict[str, int]:
    """Return skills with their levels; what is not understood is added to the problems."""
    try:
        return needed_skills(wanted)
    except ValueError as error:
        problems.append(
            Problem(
                InvalidInput.code,
                _('"{text}" is no skill with a level from 1 to 10.'),
                field="skills",
                hint=_("Write it as billing:3."),
                text=str(error),
            )
        )
        return {}


OPERATIONS = [create_queue, update_queue, delete_queue, add_member, remove_member]
