"""By which calendar a clock counts: the one that its rule names, the customer's, the team's, or the usual one.

Must not know clocks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crmkit_work.api import WorkingHours, calendar_for, own_calendars, working_calendar
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_service.sla.axis import Axis
from crmkit_service.sla.folding import Calendars
from crmkit_service.sla.spans import Worked
from crmkit_service.sla.words import AROUND_THE_CLOCK

ALWAYS = Worked(AROUND_THE_CLOCK)
"""Every second: what counts, too, where no calendar is laid down."""


class Almanac:
    """The calendars of one reading, each found once. With ``around``, an aware instant, they are laid out around it:
    for many clocks."""

    def __init__(
        self, session: CrmSession, customer_ids: Collection[UUID] = (), *, around: datetime | None = None
    ) -> None:
        self._session = session
        self._around = around
        self._made: dict[UUID, Worked] = {}
        self._own: dict[UUID, Worked] = {}
        self._named: dict[str, Worked | None] = {}
        self._teams: dict[str, Worked] = {}
        self.read(customer_ids)

    def read(self, customer_ids: Collection[UUID]) -> None:
        """Read which calendars customers have, instead of those of whom that was read before."""
        self._own = {key: self._worked(each) for key, each in own_calendars(self._session, customer_ids).items()}

    def of(self, customer_id: UUID) -> Calendars:
        """Return what gives the calendars for the clocks of a customer's cases."""
        own = self._own.get(customer_id)

        def calendar(name: str, team: str) -> Worked:
            if name:
                found = self._by_name(name)
                if found is not None:
                    return found
            return own if own is not None else self._of_team(team)

        return calendar

    def _by_name(self, name: str) -> Worked | None:
        if name == AROUND_THE_CLOCK:
            return ALWAYS
        if name not in self._named:
            found = self._session.scalar(select(WorkingHours).where(WorkingHours.name == name))
            self._named[name] = self._worked(found) if found is not None else None
        return self._named[name]

    def _of_team(self, team: str) -> Worked:
        if team not in self._teams:
            found = calendar_for(self._session, team_id=UUID(team) if team else None)
            self._teams[team] = self._worked(found) if found is not None else ALWAYS
        return self._teams[team]

    def _worked(self, hours: WorkingHours) -> Worked:
        found = self._made.get(hours.id)
        if found is None:
            calendar = working_calendar(self._session, hours)
            asked = calendar if self._around is None else Axis(calendar, self._around)
            found = self._made[hours.id] = Worked(hours.name, asked)
        return found
