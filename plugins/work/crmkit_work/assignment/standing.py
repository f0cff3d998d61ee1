"""What holds of people at an instant: read for many at once, with a fixed number of statements.

Reads tables that are open to everybody who is signed in, so that what is found does not depend on who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, TeamMember, User
from crmkit_work.assignment.judging import Standing, presence_of
from crmkit_work.assignment.models import Absence, OpenWork, Person, Queue
from crmkit_work.assignment.values import Availability
from crmkit_work.calendars.clock import NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.calendars.reading import calendar_for, working_calendar

CHUNK = 1000


def is_available(session: CrmSession, user_id: UUID, at: datetime | None = None) -> Availability:
    """Say whether somebody is there at an instant (now without one): an active account, no absence, presence, working
    hours. An unknown person is not."""
    at = at or session.gate.clock.business_now()
    found = standings(session, [user_id], at).get(user_id)
    return presence_of(found, at) if found is not None else Availability(present=False, reason="inactive")


def standings(
    session: CrmSession, user_ids: Iterable[UUID], at: datetime, *, queue: Queue | None = None
) -> Mapping[UUID, Standing]:
    """Return what holds of people at an instant, by their ids; unknown ids are left out. A queue's calendar holds for
    those who have none of their own."""
    wanted = sorted(set(user_ids))
    found: dict[UUID, Standing] = {}
    for start in range(0, len(wanted), CHUNK):
        found |= _part(session, wanted[start : start + CHUNK], at, queue)
    return found


def loads_of(session: CrmSession, user_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how much open work people have; who has none is left out."""
    query = (
        select(OpenWork.user_id, func.sum(OpenWork.units))
        .where(OpenWork.user_id.in_(user_ids))
        .group_by(OpenWork.user_id)
    )
    return {user_id: int(units) for user_id, units in session.execute(query)}


def absences_at(session: CrmSession, user_ids: Collection[UUID], at: datetime) -> Mapping[UUID, Absence]:
    """Return the absence of each person who is absent at an instant; of several the one that ends last."""
    query = (
        select(Absence)
        .where(Absence.user_id.in_(user_ids), Absence.starts_at <= at, Absence.ends_at > at)
        .order_by(Absence.ends_at, Absence.id)
    )
    return {each.user_id: each for each in session.scalars(query)}


def _part(session: CrmSession, ids: Collection[UUID], at: datetime, queue: Queue | None) -> dict[UUID, Standing]:
    # As it is now, once whoever asks has waited for others: not as it was read before.
    fresh = {"populate_existing": True}
    users = session.scalars(select(User).where(User.id.in_(ids)), execution_options=fresh).all()
    rows = session.scalars(select(Person).where(Person.user_id.in_(ids)), execution_options=fresh)
    people = {each.user_id: each for each in rows}
    absences = absences_at(session, ids, at)
    loads = loads_of(session, ids)
    clocks = _Clocks(session, queue, ids, people)
    found: dict[UUID, Standing] = {}
    for user in users:
        person, absence = people.get(user.id), absences.get(user.id)
        clock = clocks.of(user.id)
        at_work = clock is None or clock.is_open(at)
        found[user.id] = Standing(
            user_id=user.id,
            name=user.name,
            active=user.active,
            presence=person.presence if person is not None else "available",
            presence_until=person.presence_until if person is not None else None,
            absent_until=absence.ends_at if absence is not None else None,
            deputy_id=absence.deputy_id if absence is not None else None,
            at_work=at_work,
            opens_at=_opening(clock, at) if clock is not None and not at_work else None,
            load=loads.get(user.id, 0),
            capacity=person.capacity if person is not None else None,
            skills=person.skills if person is not None else {},
            languages=tuple(person.languages) if person is not None else (),
        )
    return found


def _opening(clock: WorkingCalendar, at: datetime) -> datetime | None:
    try:
        return clock.add(at, timedelta())
    except (NoWorkingTime, OverflowError):
        return None


class _Clocks:
    """By which calendar each of some people works: their own, the queue's, their team's, the usual one."""

    def __init__(
        self, session: CrmSession, queue: Queue | None, ids: Collection[UUID], people: Mapping[UUID, Person]
    ) -> None:
        self._session = session
        self._people = people
        self._queue_calendar = queue.calendar_id if queue is not None else None
        self._teams = self._main_teams(ids) if self._queue_calendar is None else {}
        self._by_team: dict[UUID | None, WorkingCalendar | None] = {}
        self._by_calendar: dict[UUID, WorkingCalendar | None] = {}

    def of(self, user_id: UUID) -> WorkingCalendar | None:
        """Return the calendar of a person, or None where nothing is laid down."""
        person = self._people.get(user_id)
        calendar_id = (person.calendar_id if person is not None else None) or self._queue_calendar
        if calendar_id is not None:
            if calendar_id not in self._by_calendar:
                self._by_calendar[calendar_id] = self._computed(self._session.get(WorkingHours, calendar_id))
            return self._by_calendar[calendar_id]
        team_id = self._teams.get(user_id)
        if team_id not in self._by_team:
            self._by_team[team_id] = self._computed(calendar_for(self._session, team_id=team_id))
        return self._by_team[team_id]

    def _computed(self, calendar: WorkingHours | None) -> WorkingCalendar | None:
        return working_calendar(self._session, calendar) if calendar is not None else None

    def _main_teams(self, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        query = (
            select(TeamMember.user_id, TeamMember.team_id)
            .where(TeamMember.user_id.in_(ids))
            .order_by(TeamMember.user_id, TeamMember.main, TeamMember.team_id.desc())
        )
        return {row.user_id: row.team_id for row in self._session.execute(query)}
