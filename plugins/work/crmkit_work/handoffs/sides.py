"""Who is on which side of a hand-off, by which calendar the receiving side works, and who sees it.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from crmkit import AccessRule, Actor, CrmSession, Id, texts
from crmkit_work.assignment.models import Queue, QueueMember
from crmkit_work.calendars.clock import NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.models import WorkingHours
from crmkit_work.calendars.reading import calendar_for, working_calendar
from crmkit_work.handoffs.models import Handoff
from crmkit_work.tasks.people import lead_of, main_team, members_of

_ = texts("crmkit_work")

REASON = _("Who hands something over goes on seeing it.")


# Who acts is a parameter of every statement: one compiled statement serves everybody.
_ACTING = bindparam("crmkit_user", type_=Id())
_GIVEN = [
    AccessRule(effect="allow", reason=REASON, where=or_(Handoff.from_user_id == _ACTING, Handoff.deputy_id == _ACTING))
]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Let whoever hands something over see it, whichever side it is with, and the deputy of who is asked."""
    return _GIVEN if resource == "work.handoff" and actor.user_id is not None else None


def receiving_calendar(session: CrmSession, handoff: Handoff) -> WorkingCalendar | None:
    """Return the calendar by which the receiving side works: its queue's, its team's, the person's team's, the usual
    one; None where nothing is laid down."""
    found: WorkingHours | None = None
    queue = session.get(Queue, handoff.queue_id) if handoff.queue_id is not None else None
    if queue is not None and queue.calendar_id is not None:
        found = session.get(WorkingHours, queue.calendar_id)
    if found is None:
        team_id = handoff.team_id
        if team_id is None and handoff.owner_id is not None:
            team_id = main_team(session, handoff.owner_id)
        found = calendar_for(session, team_id=team_id)
    return None if found is None else working_calendar(session, found)


def due_at(calendar: WorkingCalendar | None, start: datetime, seconds: int) -> datetime:
    """Return when so much working time has gone by, in UTC; time on the wall where no calendar says otherwise."""
    worked = timedelta(seconds=seconds)
    if calendar is None:
        return start + worked
    try:
        return calendar.add(start, worked)
    except (NoWorkingTime, OverflowError):
        return start + worked


def waited(calendar: WorkingCalendar | None, start: datetime, end: datetime) -> int:
    """Return how many seconds of working time lie between two instants."""
    return int((calendar.diff(start, end) if calendar is not None else end - start).total_seconds())


def receivers(session: CrmSession, handoff: Handoff) -> list[UUID]:
    """Return who can accept it: the person who is asked, or the deputy during an absence, the members of the team,
    those of the queue."""
    found: dict[UUID, None] = {}
    if handoff.owner_id is not None:
        found[handoff.owner_id] = None
    if handoff.deputy_id is not None:
        found[handoff.deputy_id] = None
    if handoff.team_id is not None:
        found |= dict.fromkeys(members_of(session, handoff.team_id))
    if handoff.queue_id is not None:
        query = select(QueueMember.user_id, QueueMember.team_id).where(QueueMember.queue_id == handoff.queue_id)
        for user_id, team_id in session.execute(query):
            found |= dict.fromkeys([user_id] if user_id is not None else members_of(session, team_id))
    return list(found)


def asked(session: CrmSession, handoff: Handoff) -> list[UUID]:
    """Return who is told of it: the person who is asked, with the deputy during an absence; everybody who can accept
    it where nobody is."""
    if handoff.owner_id is None:
        return receivers(session, handoff)
    return [each for each in (handoff.owner_id, handoff.deputy_id) if each is not None]


def leads(session: CrmSession, handoff: Handoff) -> list[UUID]:
    """Return who leads the receiving side."""
    team_id = handoff.team_id
    if team_id is None and handoff.owner_id is not None:
        team_id = main_team(session, handoff.owner_id)
    found = lead_of(session, team_id)
    return [] if found is None else [found]
