"""The fiscal year: a year of twelve months that begins with the month that the business has chosen."""

from __future__ import annotations

from datetime import date

from attrs import frozen


@frozen(kw_only=True)
class FiscalYear:
    """A fiscal year. ``name`` is the calendar year in which it ends; ``last`` is included."""

    name: int
    first: date
    last: date


def fiscal_year(day: date, first_month: int) -> FiscalYear:
    """Return the fiscal year that a calendar day belongs to; ``first_month`` is 1 to 12. Raises ValueError beyond."""
    start = date(day.year if day.month >= first_month else day.year - 1, first_month, 1)
    if first_month == 1:
        return FiscalYear(name=start.year, first=start, last=date(start.year, 12, 31))
    last = date.fromordinal(date(start.year + 1, first_month, 1).toordinal() - 1)
    return FiscalYear(name=last.year, first=start, last=last)


def fiscal_quarter(day: date, first_month: int) -> int:
    """Return the quarter of the fiscal year, 1 to 4, that a calendar day belongs to."""
    return (day.month - first_month) % 12 // 3 + 1
