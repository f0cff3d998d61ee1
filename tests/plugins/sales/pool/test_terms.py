"""When customers go back to a pool: days counted from the right beginning, and never while they are protected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_sales.pool.reading import gini
from crmkit_sales.pool.terms import Due, Terms, cooling_until, due
from hypothesis import given, strategies as st

DAY0 = datetime(2026, 3, 1, 9, tzinfo=UTC)


def day(number: float) -> datetime:
    """Return an instant some days after the first."""
    return DAY0 + timedelta(days=number)


@pytest.mark.parametrize(
    ("terms", "contact", "deal", "protected", "expected"),
    [
        (Terms(), None, None, None, None),
        (Terms(no_contact_days=7), None, None, None, Due(at=day(7), reason="no_contact")),
        (Terms(no_contact_days=7), day(5), None, None, Due(at=day(12), reason="no_contact")),
        (Terms(no_contact_days=7), day(-30), None, None, Due(at=day(7), reason="no_contact")),
        (Terms(no_contact_days=7), None, None, day(10), Due(at=day(10), reason="no_contact")),
        (Terms(no_contact_days=7), day(8), None, day(10), Due(at=day(15), reason="no_contact")),
        (Terms(no_contact_days=7, no_deal_days=30), day(29), None, None, Due(at=day(30), reason="no_deal")),
        (Terms(no_contact_days=7, no_deal_days=30), day(29), day(20), None, Due(at=day(36), reason="no_contact")),
    ],
)
def test_the_day_on_which_a_customer_goes_back(
    terms: Terms, contact: datetime | None, deal: datetime | None, protected: datetime | None, expected: Due | None
) -> None:
    """The earlier of two reasons counts, the last contact or deal begins the days anew."""
    assert expected == due(terms, since=DAY0, last_contact=contact, last_deal=deal, protected_until=protected)


@given(st.integers(1, 90), st.integers(-50, 50), st.integers(0, 90))
def test_nobody_goes_back_while_protected_or_before_the_days_are_over(days: int, contact: int, protected: int) -> None:
    """Whatever happened before: contact can only put it off."""
    terms = Terms(no_contact_days=days)
    without = due(terms, since=DAY0, last_contact=None, last_deal=None, protected_until=None)
    found = due(terms, since=DAY0, last_contact=day(contact), last_deal=None, protected_until=day(protected))
    assert found is not None
    assert without is not None
    assert found.at >= max(without.at, day(protected), day(contact + days))


def test_who_lost_a_customer_waits() -> None:
    """For as many days as the pool says."""
    assert day(30) == cooling_until(30, DAY0, day(29))
    assert cooling_until(30, DAY0, day(30)) is None
    assert cooling_until(30, None, DAY0) is None


@pytest.mark.parametrize(
    ("numbers", "expected"), [([], None), ([0, 0], None), ([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25)]
)
def test_unevenness(numbers: list[int], expected: float | None) -> None:
    """Nought where all have the same."""
    found = gini(numbers)
    assert found == expected if expected is None else found == pytest.approx(expected)
