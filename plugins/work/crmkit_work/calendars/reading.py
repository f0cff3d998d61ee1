"""Which calendar holds, and the calendar as it computes: read from the tables, compiled once for what is in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, Team, texts
from crmkit_work.calendars.clock import Hours, WorkingCalendar
from crmkit_work.calendars.holidays import rule_of
from crmkit_work.calendars.hours import of_rows
from crmkit_work.calendars.models import CustomerCalendar, SpecialDay, TeamCalendar, WorkingHours

_ = texts("crmkit_work")

Spans = tuple[tuple[int, int], ...]


def calendar_named(session: CrmSession, name: str) -> WorkingHours:
    """Return a calendar by its name. Raises NotFound with the names that there are."""
    found = session.scalar(select(WorkingHours).where(WorkingHours.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(WorkingHours.name).order_by(WorkingHours.name))) or "–"
        raise NotFound(_('There is no calendar "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def calendar_for(
    session: CrmSession, *, customer_id: UUID | None = None, team_id: UUID | None = None
) -> WorkingHours | None:
    """Return the calendar that holds: the customer's, the team's or that of a team above it, the usual one; None where
    nothing is laid down."""
    if customer_id is not None:
        query = select(CustomerCalendar.calendar_id).where(CustomerCalendar.customer_id == customer_id)
        if (found := session.scalar(query)) is not None:
            return session.get(WorkingHours, found)
    seen: set[UUID] = set()
    while team_id is not None and team_id not in seen:
        seen.add(team_id)
        if (
            found := session.scalar(select(TeamCalendar.calendar_id).where(TeamCalendar.team_id == team_id))
        ) is not None:
            return session.get(WorkingHours, found)
        team = session.get(Team, team_id)
        team_id = team.parent_id if team is not None else None
    return session.scalar(select(WorkingHours).where(WorkingHours.usual))


def own_calendars(session: CrmSession, customer_ids: Collection[UUID]) -> dict[UUID, WorkingHours]:
    """Return the calendars of customers who have one of their own, by the customers' ids."""
    found: dict[UUID, UUID] = {}
    ids = list(dict.fromkeys(customer_ids))
    for start in range(0, len(ids), 1000):
        query = select(CustomerCalendar.customer_id, CustomerCalendar.calendar_id)
        rows = session.execute(query.where(CustomerCalendar.customer_id.in_(ids[start : start + 1000])))
        found.update((customer_id, calendar_id) for customer_id, calendar_id in rows)
    if not found:
        return {}
    known = {each.id: each for each in session.scalars(select(WorkingHours))}
    return {customer_id: known[calendar_id] for customer_id, calendar_id in found.items()}


def working_calendar(session: CrmSession, calendar: WorkingHours) -> WorkingCalendar:
    """Return a calendar as it computes, with everything that is laid down for it now."""
    entries: dict[str, list[tuple[date, Spans]]] = {"day": [], "break": []}
    query = select(SpecialDay.day, SpecialDay.kind, SpecialDay.hours).where(SpecialDay.calendar_id == calendar.id)
    for day, kind, hours in session.execute(query.order_by(SpecialDay.day, SpecialDay.kind)):
        entries[kind].append((day, tuple((start, until) for start, until in hours)))
    week = tuple((day, start, until) for day, start, until in calendar.week)
    return _compiled(
        calendar.zone,
        week,
        tuple(entries["day"]),
        tuple(entries["break"]),
        calendar.holiday_country,
        calendar.holiday_subdivision,
    )


@lru_cache(maxsize=256)
def _compiled(
    zone: str,
    week: tuple[tuple[int, int, int], ...],
    days: tuple[tuple[date, Spans], ...],
    breaks: tuple[tuple[date, Spans], ...],
    country: str | None,
    subdivision: str | None,
) -> WorkingCalendar:
    """Return the calendar of what is written down; equal ones are one, with the years that they have compiled."""
    hours = of_rows(week)
    return WorkingCalendar(
        zone=zone,
        week=hours,
        days=_by_day(days),
        breaks=_by_day(breaks),
        rule=rule_of(country, subdivision, hours) if country is not None else None,
    )


def _by_day(entries: tuple[tuple[date, Spans], ...]) -> Mapping[date, tuple[Hours, ...]]:
    return {day: tuple(Hours(start, until) for start, until in spans) for day, spans in entries}
