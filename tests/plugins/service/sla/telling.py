"""Short ways of telling what happened to a case, for tests of clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crmkit_service.sla.folding import ClockState, Reign, fold
from crmkit_service.sla.spans import Worked
from crmkit_service.sla.story import Happening, Story
from crmkit_service.sla.terms import Terms, parse_terms
from crmkit_work.api import Hours, WorkingCalendar

HOUR = 3600


def at(text: str) -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def office(first: int = 9, last: int = 17, *, days: int = 5, free: tuple[date, ...] = ()) -> Worked:
    """Return a calendar in UTC that is open on the first days of the week."""
    week = {day: [Hours(first * HOUR, last * HOUR)] for day in range(days)}
    return Worked("office", WorkingCalendar(zone="UTC", week=week, days=dict.fromkeys(free, ())))


def always() -> Worked:
    """Return a calendar of which every second counts."""
    return Worked("always")


def terms(text: str, *, name: str = "gold", version: int = 1, kind: str = "sla") -> Terms:
    """Return the terms that a text lays down."""
    return Terms(policy=name, version=version, rules=parse_terms(text, kind=kind))


def story(*happenings: tuple[str, ...], **current: str) -> Story:
    """Return a story of events: instant, kind, and before and after where it is a change."""
    return Story.of([Happening(at(each[0]), *each[1:]) for each in happenings], current)


def clocks(
    told: Story,
    text: str | Terms,
    now: str,
    *,
    by: Worked | None = None,
    calendars: Mapping[str, Worked] | None = None,
) -> dict[Any, ClockState]:
    """Return the clocks of a story under one policy: by name, and by name and number from the second turn on."""
    held = text if isinstance(text, Terms) else terms(text)
    return named(folded(told, [Reign(since=told.moments[0].at, terms=held)], now, by=by, calendars=calendars))


def folded(
    told: Story,
    reigns: list[Reign],
    now: str,
    *,
    by: Worked | None = None,
    calendars: Mapping[str, Worked] | None = None,
) -> tuple[ClockState, ...]:
    """Return the clocks of a story under several policies; ``calendars`` are by the id of a team."""
    usual = by or office()
    known = calendars or {}
    return fold(told, reigns, lambda name, team: always() if name == "always" else known.get(team, usual), at(now))


def named(found: tuple[ClockState, ...]) -> dict[Any, ClockState]:
    """Return clocks by their names, and by name and number from the second turn on."""
    return {each.clock if each.number == 1 else (each.clock, each.number): each for each in found}


def hours(seconds: float) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=seconds)
