"""Reading the period of a command: ``2026``, ``2026-Q3``, ``2026-07``, two days with dots between, ``last 90 days``.

Must not know databases.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from crmkit import InvalidInput, Period, texts

_ = texts("crmkit_journey")

_FIXED = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d\d)))?", re.ASCII)
_LAST = re.compile(r"last ([1-9]\d{0,3}) days?", re.ASCII)


def period_of(text: str, today: date) -> Period:
    """Return the period that a text stands for, both its days included; "last 90 days" ends today. Raises
    InvalidInput."""
    plain = " ".join(text.split())
    try:
        found = _found(plain, today)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.last < found.first:
        raise InvalidInput(
            _('"{text}" is no period.'),
            fix=_("Write 2026, 2026-Q3, 2026-07, 2026-01-01..2026-03-31 or last 90 days."),
            field="period",
            text=plain[:40],
        )
    return found


def _found(text: str, today: date) -> Period | None:
    first, dots, last = text.partition("..")
    if dots:
        return Period(first=date.fromisoformat(first.strip()), last=date.fromisoformat(last.strip()))
    if match := _LAST.fullmatch(text):
        return Period(first=today - timedelta(days=int(match[1]) - 1), last=today)
    if match := _FIXED.fullmatch(text):
        year, quarter, month = match.groups()
        begin, end = (1, 12) if quarter is None else (int(quarter) * 3 - 2, int(quarter) * 3)
        if month is not None:
            begin = end = int(month)
        after = date(int(year) + end // 12, end % 12 + 1, 1)
        return Period(first=date(int(year), begin, 1), last=after - timedelta(days=1))
    return None
