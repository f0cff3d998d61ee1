"""What can be said of people: whether they are there, what they can do, how much they take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
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
    Refused,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit_work.assignment.events import PresenceChanged
from crmkit_work.assignment.models import PRESENCES, Person
from crmkit_work.assignment.queues import skills_of
from crmkit_work.calendars.models import WorkingHours

_ = texts("crmkit_work")

UserId = Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")]
Presence = Annotated[
    Literal["available", "busy", "away", "offline"],
    Input(title=_("Presence"), choices=PRESENCES, classified="internal"),
]
Until = Annotated[
    datetime | None,
    Input(title=_("Until"), classified="internal", help=_("From then on the person is available again.")),
]
Note = Annotated[str, Input(title=_("Note"), max_length=200, classified="internal")]


@operation("work.person.set_presence", title=_("Say whether one is there"), permission="work.person.presence")
def set_presence(
    session: CrmSession, *, presence: Presence, until: Until = None, note: Note = "", user_id: UserId = None
) -> Person:
    """Say whether oneself, or with the right to manage people somebody else, is there; ``until`` is in UTC.

    Raises Refused for somebody else without that right, InvalidInput for an end that has passed, NotFound.
    """
    whose = whose_it_is(session, user_id, "work.person")
    now = session.gate.clock.business_now()
    if until is not None and until <= now:
        raise InvalidInput([Problem(InvalidInput.code, _("This has passed already."), field="until", value=until)])
    person = person_of(session, whose)
    person.presence, person.presence_note = presence, note
    person.presence_until = until if presence != "available" else None
    session.emit(PresenceChanged(user_id=whose, presence=presence, until=person.presence_until))
    return person


@attrs.frozen(kw_only=True)
class PersonUpdate:
    """What assignment is to know of somebody; what is not given stays. ``skills`` replaces all of them."""

    user_id: Annotated[UUID, Input(title=_("Person"), resource="user", classified="internal")]
    capacity: Annotated[
        int | UnsetType | None,
        Input(title=_("Most open at a time"), minimum=0, maximum=100_000, classified="internal"),
    ] = UNSET
    skills: (
        Annotated[
            tuple[str, ...],
            Input(
                title=_("Skills"),
                max_length=100,
                classified="internal",
                help=_("Such as billing:3; the level is from 1 to 10."),
            ),
        ]
        | UnsetType
    ) = UNSET
    languages: (
        Annotated[
            tuple[str, ...],
            Input(title=_("Languages"), max_length=50, classified="internal", help=_("Such as zh or en.")),
        ]
        | UnsetType
    ) = UNSET
    calendar_id: Annotated[
        UUID | UnsetType | None, Input(title=_("Calendar"), resource="work.calendar", classified="internal")
    ] = UNSET


@operation(
    "work.person.set", title=_("Say what somebody can do and takes"), permission="work.person.manage", effect="update"
)
def set_person(session: CrmSession, changes: PersonUpdate) -> Person:
    """Say what somebody can do and how much they take at a time. Raises NotFound for an unknown person, InvalidInput
    for skills or a calendar that there are not."""
    values, problems = given(changes), list[Problem]()
    person = person_of(session, values.pop("user_id"))
    if "skills" in values:
        values["skills"] = skills_of(values["skills"], problems)
    if "languages" in values:
        values["languages"] = list(dict.fromkeys(each.strip() for each in values["languages"] if each.strip()))
    if values.get("calendar_id") is not None and session.get(WorkingHours, values["calendar_id"]) is None:
        problems.append(Problem(InvalidInput.code, _("There is no such calendar."), field="calendar_id"))
    if problems:
        raise InvalidInput(problems)
    for name, value in values.items():
        setattr(person, name, value)
    return person


@operation("work.person.set_skill", title=_("Say how well somebody can do something"), permission="work.person.manage")
def set_skill(
    session: CrmSession,
    *,
    user_id: Annotated[UUID, Input(title=_("Person"), resource="user", classified="internal")],
    skill: Annotated[str, Input(title=_("Skill"), max_length=60, classified="internal")],
    level: Annotated[
        int, Input(title=_("Level"), minimum=0, maximum=10, classified="internal", help=_("0 takes it away."))
    ] = 1,
) -> Person:
    """Say at which level from 1 to 10 somebody has a skill; 0 takes it away. Raises NotFound, InvalidInput."""
    name = skill.strip()
    if not name or ":" in name or "：" in name:
        raise InvalidInput([Problem(InvalidInput.code, _("A skill has a name without a colon."), field="skill")])
    person = person_of(session, user_id)
    skills = {each: has for each, has in person.skills.items() if each != name}
    person.skills = {**skills, name: level} if level else skills
    return person


def person_of(session: CrmSession, user_id: UUID) -> Person:
    """Return what is known of somebody, within an operation, beginning it where there is nothing. Raises NotFound."""
    found = session.scalar(select(Person).where(Person.user_id == user_id))
    if found is not None:
        return found
    if session.get(User, user_id) is None:
        raise NotFound(_("There is no user {id}."), id=user_id)
    person = Person(user_id=user_id, skills={}, languages=[], presence="available")
    session.add(person)
    session.flush()
    return person


def whose_it_is(session: CrmSession, user_id: UUID | None, resource: str) -> UUID:
    """Return for whom something is done: oneself without an id, somebody else with the right to manage the resource.

    Raises Refused without that right, InvalidInput for an actor who is nobody.
    """
    rights = session.guarding.rights
    own = rights.user_id
    if user_id is None:
        if own is None:
            raise InvalidInput([Problem(InvalidInput.code, _("Say for whom."), field="user_id")])
        return own
    if user_id != own and not rights.unrestricted and rights.scope(resource, "manage") == "none":
        raise Refused(
            _("{actor} may do this for nobody else."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            permission=f"{resource}.manage",
        )
    if session.get(User, user_id) is None:
        raise NotFound(_("There is no user {id}."), id=user_id)
    return user_id


OPERATIONS = [set_presence, set_person, set_skill]
