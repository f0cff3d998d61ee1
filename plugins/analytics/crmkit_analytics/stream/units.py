"""Days, weeks, months, quarters and years as running numbers, in SQL and in Python alike: so periods can be subtracted.

Must not know what happens in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, extract, func, literal

from crmkit import Interaction, local_day

Unit = Literal["day", "week", "month", "quarter", "year"]
EPOCH = date(1970, 1, 1)
_JULIAN = 2440588
"""The Julian day number that begins at noon of 1 January 1970."""
_TO_MONDAY = 3
"""1 January 1970 was a Thursday: so many days after a Monday."""


def number_of(day: date, unit: Unit) -> int:
    """Return the running number of the unit in which a day lies; weeks begin on Mondays."""
    days = (day - EPOCH).days
    if unit == "day":
        return days
    if unit == "week":
        return (days + _TO_MONDAY) // 7
    months = day.year * 12 + day.month - 1
    return months // {"month": 1, "quarter": 3, "year": 12}[unit]


def first_day(number: int, unit: Unit) -> date:
    """Return the first day of a unit by its running number."""
    if unit == "day":
        return EPOCH + timedelta(days=number)
    if unit == "week":
        return EPOCH + timedelta(days=number * 7 - _TO_MONDAY)
    months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, 1)


def last_day(number: int, unit: Unit) -> date:
    """Return the last day of a unit by its running number."""
    return first_day(number + 1, unit) - timedelta(days=1)


def name_of(number: int, unit: Unit) -> str:
    """Return how a unit is written: 2026-07-15, 2026-W29, 2026-07, 2026-Q3, 2026."""
    day = first_day(number, unit)
    if unit == "day":
        return day.isoformat()
    if unit == "week":
        year, week, _weekday = day.isocalendar()
        return f"{year}-W{week:02}"
    return {"month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": str(day.year)}[unit]


def number_in_sql(day: Any, unit: Unit, dialect: str) -> ColumnElement[int]:
    """Return the running number of the unit in which a day lies, in SQL."""
    if unit in ("day", "week"):
        if dialect == "postgresql":
            days: Any = cast(day, Date) - literal(EPOCH, Date)
        else:
            days = cast(func.julianday(day) + literal(0.5), Integer) - _JULIAN
        return days if unit == "day" else (days + _TO_MONDAY) // literal(7, Integer)
    if dialect == "postgresql":
        months: Any = cast(extract("year", day), Integer) * 12 + cast(extract("month", day), Integer) - 1
    else:
        months = cast(func.substr(day, 1, 4), Integer) * 12 + cast(func.substr(day, 6, 2), Integer) - 1
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    return months if size == 1 else months // literal(size, Integer)


# --- days ------------------------------------------------------------------------------------------------------------

_FROM, _TO = datetime(1990, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
"""Between these, days follow from the offsets of a zone by addition; outside of them the kernel's way is taken."""


class Span(NamedTuple):
    """From when on (UTC) a zone has which offset in seconds."""

    since: datetime
    offset: int


def day_in_sql(instant: Any, zone: str, dialect: str) -> ColumnElement[Any]:
    """Return the calendar day of an instant in a zone, as `crmkit.local_day` does: on SQLite without asking Python for
    each row, which takes most of the time where a zone's clocks change."""
    if dialect != "sqlite":
        return local_day(instant, zone, dialect)
    text, kind = func.substr(instant, 1, 19), Interaction.occurred_at.type

    def among(spans: Sequence[Span]) -> Any:
        if len(spans) == 1:
            return func.date(text, f"{spans[0].offset:+d} seconds", type_=Date())
        middle = len(spans) // 2
        later = instant >= literal(spans[middle].since, kind)
        return case((later, among(spans[middle:])), else_=among(spans[:middle]))

    covered = and_(instant >= literal(_FROM, kind), instant < literal(_TO, kind))
    return case((covered, among(offsets_of(zone))), else_=local_day(instant, zone, dialect))


@lru_cache(maxsize=64)
def offsets_of(zone: str) -> tuple[Span, ...]:
    """Return the offsets that a zone has had and will have by its rules, from 1990 until 2036."""
    known = ZoneInfo(zone)

    def at(instant: datetime) -> int:
        offset = instant.astimezone(known).utcoffset()
        return 0 if offset is None else round(offset.total_seconds())

    steps = [_FROM + timedelta(days=7 * week) for week in range((_TO - _FROM).days // 7 + 1)]
    found = [Span(_FROM, at(_FROM))]
    for _offset, (low, *_rest) in ((key, list(own)) for key, own in groupby(steps, at)):
        if low == _FROM:
            continue
        high, low = low, low - timedelta(days=7)
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            low, high = (low, middle) if at(middle) != found[-1].offset else (middle, high)
        found.append(Span(high, at(high)))
    return tuple(found)
