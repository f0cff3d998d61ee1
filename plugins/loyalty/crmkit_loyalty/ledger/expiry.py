"""When points expire: pure arithmetic of days. Must not know the database, nor zones but by name.

A point is good through its last day, in the programme's zone: it is gone at the first instant of the day after.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

_ENDS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months that a period has, to whose end an expiry is put off."""


@frozen(kw_only=True)
class Policy:
    """How points of a kind expire; see `PointType` for what the fields mean."""

    expiry: str = "never"
    months: int = 0
    rounding: str = "none"
    month: int = 12
    day: int = 31


def months_later(day: date, months: int) -> date:
    """Return the same day of the month some months later, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_end(day: date, rounding: str) -> date:
    """Return the last day of the month, quarter, half-year or year of a day, or the day itself for "none"."""
    length = _ENDS.get(rounding)
    if length is None:
        return day
    last = (day.month - 1) // length * length + length
    return date(day.year, last, calendar.monthrange(day.year, last)[1])


def last_day(policy: Policy, earned: date) -> date | None:
    """Return the last day on which points that were earned on a day are good, None for those that never expire.

    With "rolling" and "sliding" it is some months after the day, put off to the end of its period; of "sliding" the day
    counted from is that of the last activity. With "fixed" it is the next such day of the year that is ``months`` or
    more away, a 29, 30 or 31 that the month lacks being its last day.
    """
    if policy.expiry == "never":
        return None
    due = months_later(earned, policy.months)
    if policy.expiry in ("rolling", "sliding"):
        return period_end(due, policy.rounding)
    for year in (due.year, due.year + 1):
        found = date(year, policy.month, min(policy.day, calendar.monthrange(year, policy.month)[1]))
        if found >= due:
            return found
    raise AssertionError(policy)


def expires_at(policy: Policy, earned: date, zone: str) -> datetime | None:
    """Return the first instant (UTC) at which points are gone."""
    last = last_day(policy, earned)
    return None if last is None else start_of(last + timedelta(days=1), zone)


def start_of(day: date, zone: str) -> datetime:
    """Return the first instant (UTC) of a day in a zone; where its clocks skip midnight, the first that there is."""
    utc = ZoneInfo("UTC")
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(utc)
