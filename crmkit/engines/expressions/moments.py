"""The operators on days and instants in both executions. Days are those of the surroundings' zone, which SQLite is
given as a list of offsets.

Must not know texts or trees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from crmkit.engines.expressions.calendars import (
    DAY_MICROSECONDS,
    MICROSECOND,
    day_of,
    microseconds,
    offsets,
    zone_of,
)
from crmkit.engines.expressions.plans import Operator
from crmkit.engines.expressions.surroundings import Surroundings


def _sqlite_offset(at: Surroundings) -> str:
    """Return an instant's offset as a modifier of SQLite's date functions: the stretch of the present first."""
    table = [(since.isoformat(" ", "seconds")[:19], f"'{offset:+d} seconds'") for since, offset in offsets(at.zone)]
    now = at.as_of.astimezone(UTC).isoformat(" ", "seconds")[:19]
    past = [entry for entry in table[1:] if entry[0] <= now]
    future = [entry for entry in table[1:] if entry[0] > now]
    # Each stretch of the future ends where the next begins; those of the past are asked from the latest back.
    before = [f"WHEN {{0}} >= '{since}' THEN {offset} " for since, offset in reversed(past)]
    before_future = [f"WHEN {{0}} >= '{since}' THEN {offset} " for since, offset in reversed(future)]
    if not past and not future:
        return table[0][1]
    latest = (
        f"WHEN {{0}} < '{future[0][0]}' AND {{0}} >= '{past[-1][0]}' THEN {past[-1][1]} " if past and future else ""
    )
    return f"CASE {latest}{''.join(before_future)}{''.join(before)}ELSE {table[0][1]} END"


def _zone(at: Surroundings) -> str:
    return at.zone.replace("'", "''")


day = Operator(
    name="date",
    compute=lambda at, a: day_of(a, at.zone),
    # SQLite rounds to milliseconds, which could reach the next day: the fraction is cut off first.
    sqlite=lambda at: f"date(substr({{0}}, 1, 19), {_sqlite_offset(at)})",
    postgresql=lambda at: f"CAST(timezone('{_zone(at)}', {{0}}) AS DATE)",
    placed=True,
)
"""The calendar day of an instant."""
hour = Operator(
    name="hour",
    compute=lambda at, a: a.astimezone(zone_of(at.zone)).hour,
    sqlite=lambda at: f"CAST(strftime('%H', substr({{0}}, 1, 19), {_sqlite_offset(at)}) AS INTEGER)",
    postgresql=lambda at: f"CAST(extract(hour FROM timezone('{_zone(at)}', {{0}})) AS BIGINT)",
    placed=True,
)


def _part(name: str, compute: Callable[[date], int], sqlite: str, postgresql: str) -> Operator:
    return Operator(
        name=name,
        compute=compute,
        sqlite=f"CAST({sqlite} AS INTEGER)",
        postgresql=f"CAST(extract({postgresql} FROM {{0}}) AS BIGINT)",
    )


year = _part("year", lambda a: a.year, "substr({0}, 1, 4)", "year")
month = _part("month", lambda a: a.month, "substr({0}, 6, 2)", "month")
day_of_month = _part("day", lambda a: a.day, "substr({0}, 9, 2)", "day")
weekday = _part("weekday", lambda a: a.isoweekday(), "(strftime('%w', {0}) + 6) % 7 + 1", "isodow")
days_between = Operator(
    name="days",
    compute=lambda a, b: (b - a).days,
    sqlite="CAST(julianday({1}) - julianday({0}) AS INTEGER)",
    postgresql="CAST({1} - {0} AS BIGINT)",
)
"""Days from the first date to the second."""


def _months(a: date, b: date) -> int:
    return (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day)


months_between = Operator(
    name="months",
    compute=_months,
    sqlite=(
        "((substr({1}, 1, 4) - substr({0}, 1, 4)) * 12 + substr({1}, 6, 2) - substr({0}, 6, 2)"
        " - (substr({1}, 9, 2) < substr({0}, 9, 2)))"
    ),
    postgresql=(
        "CAST((extract(year FROM {1}) - extract(year FROM {0})) * 12 + extract(month FROM {1})"
        " - extract(month FROM {0}) - CASE WHEN extract(day FROM {1}) < extract(day FROM {0}) THEN 1 ELSE 0 END"
        " AS BIGINT)"
    ),
)
"""Complete months from the first date to the second, rounded down."""
years_of_months = Operator(
    name="years",
    compute=lambda a: a // 12,
    sqlite="(({0} - (({0} % 12) + 12) % 12) / 12)",
    postgresql="(({0} - (({0} % 12) + 12) % 12) / 12)",
)
whole_days = Operator(
    name="whole_days",
    compute=lambda a: a // DAY_MICROSECONDS,
    sqlite=f"({{0}} / {DAY_MICROSECONDS} - ({{0}} % {DAY_MICROSECONDS} < 0))",
    postgresql=f"({{0}} / {DAY_MICROSECONDS} - CASE WHEN {{0}} % {DAY_MICROSECONDS} < 0 THEN 1 ELSE 0 END)",
)
"""The whole days of a duration, rounded down."""


def moved_day(day: date, days: int) -> date | None:
    """Return a date some days later, or None beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


REACH = 3_660_000
"""Days that a date can be moved by."""
move_day = Operator(
    name="move_day",
    compute=moved_day,
    sqlite=(
        f"CASE WHEN {{1}} BETWEEN -{REACH} AND {REACH} AND date({{0}}, {{1}} || ' days') >= '0001-01-01'"
        " AND substr({0}, 1, 1) <> '-' THEN date({0}, {1} || ' days') END"
    ),
    postgresql=(
        f"CASE WHEN {{1}} BETWEEN -{REACH} AND {REACH} THEN CASE WHEN {{0}} + CAST({{1}} AS INTEGER)"
        " BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {0} + CAST({1} AS INTEGER) END END"
    ),
    empties=True,
)
"""A date some days later."""
_SECONDS = "CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER)"
_FRACTION = "CAST(substr({0}, 21, 6) AS INTEGER)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = microseconds(datetime(1, 1, 1, tzinfo=UTC) - _EPOCH)
_LATEST = microseconds(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC) - _EPOCH)
epoch = Operator(
    name="epoch",
    compute=lambda a: microseconds(a - _EPOCH),
    sqlite=f"({_SECONDS} * 1000000 + {_FRACTION})",
    postgresql="CAST(extract(epoch FROM {0}) * 1000000 AS BIGINT)",
)
"""An instant as microseconds since 1970."""
instant_of_epoch = Operator(
    name="instant",
    compute=lambda a: _EPOCH + a * MICROSECOND if _EARLIEST <= a <= _LATEST else None,
    sqlite=(
        f"CASE WHEN {{0}} BETWEEN {_EARLIEST} AND {_LATEST} THEN"
        " strftime('%Y-%m-%d %H:%M:%S', {0} / 1000000 - ({0} % 1000000 < 0), 'unixepoch')"
        " || printf('.%06d', ({0} % 1000000 + 1000000) % 1000000) END"
    ),
    # In hours and the rest: an interval is multiplied as a double.
    postgresql=(
        f"CASE WHEN {{0}} BETWEEN {_EARLIEST} AND {_LATEST} THEN TIMESTAMP WITH TIME ZONE 'epoch'"
        " + ({0} / 3600000000) * INTERVAL '1 hour' + ({0} % 3600000000) * INTERVAL '1 microsecond' END"
    ),
    empties=True,
)
