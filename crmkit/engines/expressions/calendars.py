"""Days, zones and durations: what day an instant falls on, when a day begins, what "3d" is.

A zone's offsets are read from the tz database as a list, so that a database without zones can be given them. Must not
know expressions.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAY_MICROSECONDS = 86_400_000_000
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=4)
"""No zone has ever changed its clocks there and back within so few days."""
_DURATION = re.compile(r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of a name of the tz database."""
    return ZoneInfo(name)


def seconds_between(instant: datetime, zone: ZoneInfo) -> int:
    """Return a zone's offset from UTC at an instant, in seconds."""
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(seconds=1)


@lru_cache(maxsize=64)
def offsets(name: str) -> tuple[tuple[datetime, int], ...]:
    """Return from which instant on a zone has had which offset in seconds, from 1900 to 2100; the first one counts
    before as well, the last one after."""
    zone = zone_of(name)
    at, offset = _FIRST, seconds_between(_FIRST, zone)
    found = [(at, offset)]
    while at < _LAST:
        later = at + _STEP
        if (new := seconds_between(later, zone)) != offset:
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (low, middle) if seconds_between(middle, zone) != offset else (middle, high)
            found.append((high, new))
            offset = new
        at = later
    return tuple(found)


def day_of(instant: datetime, name: str) -> date:
    """Return the calendar day that an instant falls on in a zone."""
    try:
        return instant.astimezone(zone_of(name)).date()
    except OverflowError:
        return instant.astimezone(UTC).date()


@lru_cache(maxsize=4096)
def start_of(day: date, name: str) -> datetime:
    """Return the first instant of a calendar day in a zone, also where the day does not begin at midnight.

    Raises OverflowError at the ends of the calendar.
    """
    zone = zone_of(name)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    start = midnight.astimezone(UTC)
    if start.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return start
    # Clocks were put forward over midnight: the day began when they were.
    return next(since for since, _offset in reversed(offsets(name)) if since <= start)


def microseconds(duration: timedelta) -> int:
    """Return a duration as whole microseconds."""
    return duration // MICROSECOND


def duration_of(text: str) -> int | None:
    """Return the microseconds of a duration such as ``3d``, ``1w2d`` or ``-1h30m``, or None for what is none."""
    sign = -1 if text.startswith("-") else 1
    found = _DURATION.fullmatch(text.removeprefix("-"))
    if found is None or not any(found.groups()):
        return None
    parts = [int(part or 0) for part in found.groups()]
    total = sum(part * size for part, size in zip(parts, (604_800, 86_400, 3_600, 60, 1), strict=True))
    return sign * total * 1_000_000 if total <= 10_000 * 366 * 86_400 else None
