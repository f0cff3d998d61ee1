"""The arithmetic of terms: when a contract ends, when its next term begins, and what it is worth a year.

Days are calendar days, the last one included. Must not know the database.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_sales")

PERIODS = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year"), "once": _("Once")}
"""How often the value of a contract is paid, with titles."""
A_YEAR = {"month": 12, "quarter": 4, "year": 1, "once": 0}
"""How often a year that is. What is paid once does not recur."""
DAY = timedelta(days=1)


@frozen(kw_only=True)
class Term:
    """One term of a contract: its first and its last day, and how many months lie before it since the first term."""

    start: date
    end: date
    months_before: int


def last_day(first: date, months: int) -> date:
    """Return the last day of so many months from a day on: the one before the day of the same number.

    Where the month has no such day it is the month's last. Months are counted from the first day of the first term and
    not from term to term, so that short months shift nothing: from 31 January on, one month ends on 28 February, two
    end on 30 March. Raises OverflowError for a year that there is not.
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    try:
        if first.day == 1:
            return date(year, month + 1, 1) - DAY
        return date(year, month + 1, min(first.day - 1, monthrange(year, month + 1)[1]))
    except ValueError:
        raise OverflowError("there is no such year") from None


def term_after(first: date, months_before: int, months: int) -> Term:
    """Return the term that follows on so many months since the first day of the first one, and lasts ``months``."""
    start = first if months_before == 0 else last_day(first, months_before) + DAY
    return Term(start=start, end=last_day(first, months_before + months), months_before=months_before)


def yearly(value_minor: int, period: str) -> int:
    """Return what recurs in a year, in minor units."""
    return value_minor * A_YEAR[period]


def monthly(yearly_minor: int) -> int:
    """Return a twelfth of what recurs in a year, in minor units, rounded half up."""
    return (2 * yearly_minor + 12) // 24


def worth(value_minor: int, period: str, months: int) -> int:
    """Return what a term of so many months comes to, in minor units, rounded half up; what is paid once comes to
    itself."""
    if period == "once":
        return value_minor
    return (2 * yearly(value_minor, period) * months + 12) // 24
