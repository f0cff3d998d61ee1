"""When somebody may be told outside the pages: in the working hours of that person, and daily at a time of the day.

Must not know what is told, nor by which channel.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, TeamMember, User
from crmkit_work.calendars.clock import NoWorkingTime, WorkingCalendar
from crmkit_work.calendars.reading import calendar_for, working_calendar
from crmkit_work.notices.models import NoticePerson

DAILY_AT = "08:30"


def calendar_of(session: CrmSession, user_id: UUID) -> WorkingCalendar | None:
    """Return the calendar that a user works by: that of the user's main team or of one above it, else the usual one;
    None where nothing is laid down."""
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id)
    team_id = session.scalar(query.order_by(TeamMember.main.desc(), TeamMember.team_id).limit(1))
    found = calendar_for(session, team_id=team_id)
    return None if found is None else working_calendar(session, found)


def person_of(session: CrmSession, user_id: UUID) -> tuple[str, bool]:
    """Return at which time of day a user gets the daily notice, and whether it is quiet outside working hours."""
    found = session.scalar(select(NoticePerson).where(NoticePerson.user_id == user_id))
    return (DAILY_AT, True) if found is None else (found.daily_at, found.quiet)


def next_working(calendar: WorkingCalendar | None, now: datetime) -> datetime:
    """Return the first working instant from now on, in UTC: now itself without a calendar, or where none ever works."""
    if calendar is None:
        return now
    try:
        return calendar.add(now, timedelta())
    except (NoWorkingTime, OverflowError):
        return now


def next_daily(daily_at: str, zone: ZoneInfo, calendar: WorkingCalendar | None, now: datetime) -> datetime:
    """Return when the next daily notice comes, in UTC: at that time of day, on a day when work is done."""
    hour, _colon, minute = daily_at.partition(":")
    wall = time(int(hour), int(minute))
    day = now.astimezone(zone).date()
    for _number in range(370):
        found = datetime.combine(day, wall, tzinfo=zone).astimezone(now.tzinfo)
        if found > now and (calendar is None or calendar.hours_of(day)):
            return found
        day += timedelta(days=1)
    return now + timedelta(days=1)


def zone_of_user(session: CrmSession, user_id: UUID) -> ZoneInfo:
    """Return a user's time zone, else the business's."""
    own = session.scalar(select(User.zone).where(User.id == user_id))
    return ZoneInfo(own or session.crm.config.get(session).zone)
