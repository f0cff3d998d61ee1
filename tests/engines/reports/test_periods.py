"""Periods as people write them."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.reports.periods import before, name_of, parse_period, parts, start_of, step
from crmkit.errors import InvalidInput
from crmkit.hooks.contributions import Period

TODAY = date(2026, 8, 12)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-07-15", "2026-07-15", "2026-07-15"),
        ("2026-01-01..2026-03-31", "2026-01-01", "2026-03-31"),
        ("today", "2026-08-12", "2026-08-12"),
        ("yesterday", "2026-08-11", "2026-08-11"),
        ("this week", "2026-08-10", "2026-08-16"),
        ("this month", "2026-08-01", "2026-08-31"),
        ("this quarter", "2026-07-01", "2026-09-30"),
        ("last month", "2026-07-01", "2026-07-31"),
        ("last 12 months", "2025-08-01", "2026-07-31"),
        ("last 7 days", "2026-08-05", "2026-08-11"),
        ("last 2 years", "2024-01-01", "2025-12-31"),
        ("FY2026", "2025-07-01", "2026-06-30"),
        ("this fiscal year", "2026-07-01", "2027-06-30"),
        ("last fiscal year", "2025-07-01", "2026-06-30"),
    ],
)
def test_a_period_is_what_its_words_say(text: str, first: str, last: str) -> None:
    """Both its days are included; the fiscal year of this business begins with July."""
    found = parse_period(text, TODAY, 7)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13", "2026-02-30", "2026-Q5", "2026-03-31..2026-01-01", "this 3 days", "0000"]
)
def test_what_is_no_period_is_refused_with_examples(text: str) -> None:
    """The error says how one is written."""
    with pytest.raises(InvalidInput, match="This is no period"):
        parse_period(text, TODAY)


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.integers(0, 800),
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_the_parts_of_a_period_are_the_period(first: date, days: int, unit: str) -> None:
    """They follow each other without gaps, and each lies in one unit of its own name."""
    last = date.fromordinal(first.toordinal() + days)
    found = list(parts(Period(first=first, last=last), unit))  # type: ignore[arg-type]
    assert (first, last) == (found[0].first, found[-1].last)
    assert all(one.last.toordinal() + 1 == other.first.toordinal() for one, other in itertools.pairwise(found))
    assert all(start_of(part.first, unit) == start_of(part.last, unit) for part in found)  # type: ignore[arg-type]
    names = [name_of(part, unit) for part in found]  # type: ignore[arg-type]
    assert len(set(names)) == len(names)


def test_the_period_before_is_as_long() -> None:
    """Whole months stand beside as many months, other days beside as many days, a year ago is a year ago."""
    quarter = Period(first=date(2026, 4, 1), last=date(2026, 6, 30))
    assert before(quarter, "period") == Period(first=date(2026, 1, 1), last=date(2026, 3, 31))
    assert before(quarter, "year") == Period(first=date(2025, 4, 1), last=date(2025, 6, 30))
    week = Period(first=date(2026, 4, 8), last=date(2026, 4, 14))
    assert before(week, "period") == Period(first=date(2026, 4, 1), last=date(2026, 4, 7))
    leap = Period(first=date(2024, 2, 29), last=date(2024, 2, 29))
    assert before(leap, "year").first == date(2023, 2, 28)


def test_a_month_is_counted_from_its_first_day() -> None:
    """Steps over the end of a year, forth and back, come back to where they began."""
    assert step(date(2026, 11, 1), "quarter", 1) == date(2027, 2, 1)
    assert step(step(date(2026, 1, 1), "month", -13), "month", 13) == date(2026, 1, 1)
