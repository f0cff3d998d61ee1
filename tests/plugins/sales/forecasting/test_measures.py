"""Categories, weighted sums, attainment, coverage, velocity and accuracy, against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest
from crmkit_sales.forecasting.deals import unconverted, weighted
from crmkit_sales.forecasting.measures import (
    accuracy,
    attainment,
    by_month,
    coverage,
    forecast,
    velocity,
    win_rate,
)
from crmkit_sales.forecasting.periods import before, following, month_of, name_of, period_named, quarter_of
from hypothesis import given, strategies as st

from crmkit import InvalidInput, Period
from tests.plugins.sales.forecasting.deals import Q3, deal

PERIOD = Period(first=Q3[0], last=Q3[1])


def test_the_published_weighted_forecast() -> None:
    """100,000 at 50 %, 50 % and 100 % in June, July and August come to 50,000, 50,000 and 100,000."""
    deals = [
        deal(1, 10_000_000, probability=5000, close_on=date(2026, 6, 30)),
        deal(2, 10_000_000, probability=5000, close_on=date(2026, 7, 1)),
        deal(3, 10_000_000, probability=10_000, close_on=date(2026, 8, 15)),
    ]
    assert by_month(deals) == {
        date(2026, 6, 1): 5_000_000,
        date(2026, 7, 1): 5_000_000,
        date(2026, 8, 1): 10_000_000,
    }


def test_categories_build_on_each_other() -> None:
    """Commit holds what is closed, best case commit, pipeline all; what is omitted or lost counts nowhere."""
    found = forecast(
        [
            deal(1, 1000, kind="won", category="closed"),
            deal(2, 200, category="commit", probability=9000),
            deal(3, 30, category="best_case", probability=5000),
            deal(4, 4, category="pipeline", probability=2500),
            deal(5, 50_000, category="omitted"),
            deal(6, 60_000, kind="lost", category="omitted"),
            deal(7, 70_000, category="commit", close_on=date(2026, 10, 1)),
            deal(8, 80_000, category="commit", close_on=None),
        ],
        PERIOD,
    )
    assert (found.closed, found.commit, found.best_case, found.pipeline) == (1000, 1200, 1230, 1234)
    assert (found.weighted, found.open_minor, found.open_count, found.won_count) == (1000 + 180 + 15 + 1, 234, 3, 1)


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10_000)), max_size=20))
def test_no_category_is_less_than_a_surer_one(given_deals: list[tuple[int, int]]) -> None:
    """Closed ≤ commit ≤ best case ≤ pipeline, and the weighted sum lies between closed and pipeline."""
    names = ("commit", "best_case", "pipeline", "omitted")
    found = forecast(
        [
            deal(number, value, probability=chance, category=names[number % 4])
            for number, (value, chance) in enumerate(given_deals, 1)
        ],
        PERIOD,
    )
    assert found.closed <= found.commit <= found.best_case <= found.pipeline
    assert found.closed <= found.weighted <= found.pipeline


def test_weights_are_rounded_half_up_for_each_deal() -> None:
    """Half a minor unit goes up, so parts add up to the whole."""
    assert [weighted(1, 5000), weighted(3, 5000), weighted(1, 4999), weighted(10**12, 3333)] == [
        1,
        2,
        0,
        333_300_000_000,
    ]


def test_what_has_no_rate_is_named() -> None:
    """By currency, with how many and how much; it is in no sum."""
    deals = [deal(1, None, amount_minor=500, currency="USD"), deal(2, None, amount_minor=7, currency="USD"), deal(3, 9)]
    assert [(each.currency, each.count, each.amount_minor) for each in unconverted(deals)] == [("USD", 2, 507)]
    assert forecast(deals, PERIOD).pipeline == 9


def test_attainment_coverage_and_win_rate() -> None:
    """Closed ÷ quota, open ÷ what is missing, won ÷ closed; nothing where there is nothing to divide by."""
    assert (attainment(30, 120), attainment(30, 0)) == (0.25, None)
    assert (coverage(270, 120, 30), coverage(270, 120, 120)) == (3.0, None)
    assert (win_rate(3, 1), win_rate(0, 0)) == (0.75, None)


def test_velocity() -> None:
    """20 open deals × 25 % × 10,000 ÷ 50 days = 1,000 a day."""
    assert velocity(20, 0.25, 10_000, 50) == 1000
    assert velocity(20, None, 10_000, 50) is None
    assert velocity(20, 0.25, 10_000, 0) is None


def test_accuracy() -> None:
    """|100−120| + |200−150| = 70 of 300; 120 + 150 − 300 = −30 of 300."""
    found = accuracy([(120, 100), (150, 200)])
    assert (found.wape, found.bias, found.n) == (pytest.approx(70 / 300), pytest.approx(-30 / 300), 2)
    assert accuracy([(5, 0)]).wape is None


def test_quarters_are_those_of_the_fiscal_year() -> None:
    """With a year that begins in February, May lies in the second quarter, from May to July."""
    assert quarter_of(date(2026, 5, 20), 2) == Period(first=date(2026, 5, 1), last=date(2026, 7, 31))
    assert quarter_of(date(2026, 1, 31), 2) == Period(first=date(2025, 11, 1), last=date(2026, 1, 31))
    assert quarter_of(date(2026, 8, 31)) == PERIOD


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q3", *Q3),
        ("2026-07-01..2026-09-30", *Q3),
        ("month", date(2026, 12, 1), date(2026, 12, 31)),
        ("next month", date(2027, 1, 1), date(2027, 1, 31)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("next quarter", date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_periods_are_written_as_people_do(text: str, first: date, last: date) -> None:
    """A month, a quarter, two days, or one that stands in relation to today."""
    assert period_named(text, date(2026, 12, 9)) == Period(first=first, last=last)


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "2026-07-31..2026-07-01", "soon", "next 2026-07"])
def test_what_is_no_period_is_refused(text: str) -> None:
    """With its field."""
    with pytest.raises(InvalidInput) as caught:
        period_named(text, date(2026, 12, 9))
    assert [problem.field for problem in caught.value.problems] == ["period"]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_periods_follow_each_other_without_gaps(day: date, start: int) -> None:
    """The one before the next one is the present one, and both have the day after."""
    for period in (month_of(day), quarter_of(day, start)):
        assert period.first <= day <= period.last
        assert before(following(period)) == period
        assert (following(period).first - period.last).days == 1


def test_names_of_periods() -> None:
    """A month by its name, everything else by its days."""
    assert [name_of(month_of(Q3[0])), name_of(PERIOD)] == ["2026-07", "2026-07-01..2026-09-30"]
