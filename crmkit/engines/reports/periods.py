"""Periods as people write them: a year, a quarter, a month, a day, or one that stands in relation to today.

Must not know reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crmkit.core.business.fiscal import fiscal_year
from crmkit.errors import InvalidInput, Problem
from crmkit.hooks.contributions import Period
from crmkit.i18n import texts

_ = texts("crmkit")

Unit = Literal["day", "week", "month", "quarter", "year"]

_FIXED = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?")
_RELATIVE = re.compile(r"(?P<which>this|last)(?: (?P<number>[1-9]\d{0,3}))? (?P<unit>day|week|month|quarter|year)s?")
_FISCAL = re.compile(r"(?:FY(?P<name>\d{4})|(?P<which>this|last) fiscal year)")


def parse_period(text: str, today: date, fiscal_start: int = 1) -> Period:
    """Return the period that a text stands for; both its days are included.

    ``2026``, ``2026-Q3``, ``2026-07``, ``2026-07-15``, ``FY2026``, ``2026-01-01..2026-03-31``, ``today``,
    ``yesterday``, ``this month`` (whole), ``last quarter``, ``last 12 months`` (the complete ones before the present
    one), ``this fiscal year``. Raises InvalidInput for anything else.
    """
    plain = " ".join(text.split())
    try:
        found = _parse(plain, today, fiscal_start)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.last < found.first:
        problem = Problem(
            "CK500",
            _("This is no period."),
            value=text,
            hint=_("Write 2026, 2026-Q3, 2026-07, 2026-01-01..2026-03-31, this month or last 12 months."),
        )
        raise InvalidInput([problem])
    return found


def _parse(text: str, today: date, fiscal_start: int) -> Period | None:
    first, dots, last = text.partition("..")
    if dots:
        return Period(first=date.fromisoformat(first.strip()), last=date.fromisoformat(last.strip()))
    if text in ("today", "yesterday"):
        day = today - timedelta(days=text == "yesterday")
        return Period(first=day, last=day)
    if match := _FIXED.fullmatch(text):
        return _fixed(match)
    if match := _FISCAL.fullmatch(text):
        present = fiscal_year(today, fiscal_start)
        name = int(match["name"]) if match["name"] else present.name - (match["which"] == "last")
        begin = date(name - (fiscal_start > 1), fiscal_start, 1)
        return Period(first=begin, last=step(begin, "year", 1) - timedelta(days=1))
    if match := _RELATIVE.fullmatch(text):
        unit: Unit = match["unit"]  # type: ignore[assignment]
        begin = start_of(today, unit)
        if match["which"] == "this":
            return None if match["number"] else Period(first=begin, last=step(begin, unit, 1) - timedelta(days=1))
        return Period(first=step(begin, unit, -int(match["number"] or 1)), last=begin - timedelta(days=1))
    return None


def _fixed(match: re.Match[str]) -> Period:
    year = int(match["year"])
    if match["quarter"]:
        begin, unit = date(year, int(match["quarter"]) * 3 - 2, 1), "quarter"
    elif match["day"]:
        begin, unit = date(year, int(match["month"]), int(match["day"])), "day"
    elif match["month"]:
        begin, unit = date(year, int(match["month"]), 1), "month"
    else:
        begin, unit = date(year, 1, 1), "year"
    return Period(first=begin, last=step(begin, unit, 1) - timedelta(days=1))  # type: ignore[arg-type]


def start_of(day: date, unit: Unit) -> date:
    """Return the first day of the unit that a day lies in; weeks begin on Monday."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(day.year, 1, 1)


def step(begin: date, unit: Unit, number: int) -> date:
    """Return the first day of the unit that comes a number of units after one that begins on a day."""
    if unit in ("day", "week"):
        return begin + timedelta(days=number * (7 if unit == "week" else 1))
    months = number * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    return date(year, month + 1, begin.day)


def parts(period: Period, unit: Unit) -> Iterator[Period]:
    """Return the units that a period touches, the first and the last cut to it."""
    begin = start_of(period.first, unit)
    while begin <= period.last:
        after = step(begin, unit, 1)
        yield Period(first=max(begin, period.first), last=min(after - timedelta(days=1), period.last))
        begin = after


def name_of(period: Period, unit: Unit) -> str:
    """Return what a unit is called: ``2026-07``, ``2026-Q3``, ``2026``, else its first day."""
    match unit:
        case "month":
            return period.first.strftime("%Y-%m")
        case "quarter":
            return f"{period.first.year}-Q{(period.first.month + 2) // 3}"
        case "year":
            return str(period.first.year)
        case _:
            return start_of(period.first, unit).isoformat()


def bounds(period: Period, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a period begins and at which it is over, the latter not included."""
    local = ZoneInfo(zone)
    return (
        datetime.combine(period.first, time.min, local),
        datetime.combine(period.last + timedelta(days=1), time.min, local),
    )


def before(period: Period, by: Literal["period", "year"]) -> Period:
    """Return the period to compare one with: as many days (or whole months) just before it, or the same a year ago."""
    first, after = period.first, period.last + timedelta(days=1)
    whole = first.day == 1 and after.day == 1
    if by == "year":
        return Period(first=_year_before(first), last=_year_before(after) - timedelta(days=1))
    if whole:
        months = (after.year - first.year) * 12 + after.month - first.month
        return Period(first=step(first, "month", -months), last=first - timedelta(days=1))
    return Period(first=first - (after - first), last=first - timedelta(days=1))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
