"""The months and quarters that forecasts are made for; quarters are the fiscal year's. Must not know sessions."""

from __future__ import annotations

import re
from datetime import date, timedelta

from crmkit import InvalidInput, Period, Problem, texts

_ = texts("crmkit_sales")

_MONTH = re.compile(r"(\d{4})-(\d\d)")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_DAY = timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months after that of a day."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def month_of(day: date) -> Period:
    """Return the calendar month of a day."""
    return Period(first=day.replace(day=1), last=months_later(day, 1) - _DAY)


def quarter_of(day: date, fiscal_start: int = 1) -> Period:
    """Return the quarter of the fiscal year in which a day lies; the year begins with the month ``fiscal_start``."""
    first = months_later(day, -((day.month - fiscal_start) % 3))
    return Period(first=first, last=months_later(first, 3) - _DAY)


def following(period: Period) -> Period:
    """Return the period of as many months that begins where another one ends."""
    first = period.last + _DAY
    months = (first.year - period.first.year) * 12 + first.month - period.first.month
    return Period(first=first, last=months_later(first, max(months, 1)) - _DAY)


def before(period: Period) -> Period:
    """Return the period of as many months that ends where another one begins."""
    first = period.last + _DAY
    months = max((first.year - period.first.year) * 12 + first.month - period.first.month, 1)
    return Period(first=months_later(period.first, -months), last=period.first - _DAY)


def name_of(period: Period) -> str:
    """Return a period as it is written: ``2026-07`` for a calendar month, else its two days with ``..``."""
    if period == month_of(period.first):
        return f"{period.first:%Y-%m}"
    return f"{period.first.isoformat()}..{period.last.isoformat()}"


def period_named(text: str, today: date, fiscal_start: int = 1) -> Period:
    """Return the period that a text stands for: ``2026-07``, ``2026-Q3`` (of the calendar), two days with ``..``,
    ``month``, ``next month``, ``quarter`` or ``next quarter``. Raises InvalidInput for anything else."""
    plain = " ".join(text.split())
    named = {"month": month_of(today), "quarter": quarter_of(today, fiscal_start), "": quarter_of(today, fiscal_start)}
    if plain.removeprefix("next ") in named:
        found = named[plain.removeprefix("next ")]
        return following(found) if plain.startswith("next ") else found
    try:
        if month := _MONTH.fullmatch(plain):
            return month_of(date(int(month[1]), int(month[2]), 1))
        if quarter := _QUARTER.fullmatch(plain):
            return quarter_of(date(int(quarter[1]), int(quarter[2]) * 3, 1))
        first, dots, last = plain.partition("..")
        period = Period(first=date.fromisoformat(first), last=date.fromisoformat(last)) if dots else None
    except ValueError:
        period = None
    if period is None or period.last < period.first:
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _("This is no period."),
                    field="period",
                    value=text,
                    hint=_("Write 2026-07, 2026-Q3, 2026-07-01..2026-09-30, month, quarter or next quarter."),
                )
            ]
        )
    return period
