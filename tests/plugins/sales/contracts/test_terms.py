"""The arithmetic of terms: ends of months, terms that follow each other, and what recurs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_sales.contracts.terms import PERIODS, last_day, monthly, term_after, worth, yearly
from hypothesis import given, strategies as st

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))
MONTHS = st.integers(1, 240)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 1, 1), 1, date(2026, 1, 31)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 30)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2028, 1, 30), 1, date(2028, 2, 29)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_a_term_ends_on_the_day_before_the_same_number(first: date, months: int, last: date) -> None:
    """Where the month has no such day, on its last one."""
    assert last_day(first, months) == last


@given(DAYS, st.lists(MONTHS, min_size=1, max_size=6))
def test_terms_follow_on_without_a_gap(first: date, lengths: list[int]) -> None:
    """Each begins on the day after the one before, and all of them end where one of their whole length would."""
    before, expected = 0, first
    for months in lengths:
        term = term_after(first, before, months)
        assert term.start == expected
        assert term.end >= term.start
        before, expected = before + months, term.end + timedelta(days=1)
    assert expected == last_day(first, sum(lengths)) + timedelta(days=1)


@given(DAYS, MONTHS)
def test_a_term_never_lacks_more_than_its_months(first: date, months: int) -> None:
    """It has as many days as its months have, give or take three, and more months are more days."""
    days = (last_day(first, months) - first).days + 1
    assert abs(days - months * 365.2425 / 12) < 4
    assert last_day(first, months + 1) > last_day(first, months)


def test_a_year_that_there_is_not_is_said() -> None:
    """The calendar ends."""
    with pytest.raises(OverflowError):
        last_day(date(9999, 6, 1), 12)


def test_what_recurs() -> None:
    """Twelve months, four quarters, one year; what is paid once does not recur, and is worth itself."""
    assert {period: yearly(1_000, period) for period in PERIODS} == {
        "month": 12_000,
        "quarter": 4_000,
        "year": 1_000,
        "once": 0,
    }
    assert [monthly(each) for each in (12_000, 1_000, 6, 5, 0)] == [1_000, 83, 1, 0, 0]
    assert [worth(1_000, period, 18) for period in PERIODS] == [18_000, 6_000, 1_500, 1_000]
