"""Cohorts: triangles of customers and revenue, what of revenue stays, and who is behind a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from crmkit_analytics.cohorts.triangle import ratio
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM
from crmkit.engines.reports.running import ReportRun, rows_behind, run
from crmkit.hooks.contributions import Figure
from tests.plugins.analytics.shop import SYSTEM, Shop

SPRING = {"period": "2026-03-01..2026-05-31"}


@pytest.fixture
def spring(crm: CRM) -> Shop:
    """Two who came in March and one in April; one of the former is still there in May, and spends more."""
    shop = Shop(crm=crm, today=date(2026, 5, 31))
    shop.buys("Ada", date(2026, 3, 5), "100")
    shop.buys("Bo", date(2026, 3, 6), "300")
    shop.buys("Cy", date(2026, 4, 7), "50")
    shop.buys("Ada", date(2026, 4, 8), "150")
    shop.buys("Ada", date(2026, 5, 8), "70")
    shop.happens("Ada", "refund", date(2026, 5, 9), amount="20", currency="CNY")
    # In Shanghai it is April already.
    shop.buys("Bo", datetime.combine(date(2026, 3, 31), time(18), UTC), "30")
    return shop


def told(shop: Shop, report: str, **values: str) -> ReportRun:
    """Run a report."""
    with shop.crm.session(SYSTEM) as session:
        return run(session, report, {**SPRING, **values})


def test_who_came_back(spring: Shop) -> None:
    """Each cohort in each month since, with intervals; what has not come yet is empty."""
    found = told(spring, "analytics.retention")
    march, april = (row.key for row in found.rows)
    assert [found.cell(march, f"rate{age}").value for age in range(3)] == [1.0, 1.0, 0.5]
    assert [found.cell(april, f"rate{age}").value for age in range(3)] == [1.0, 0.0, None]
    interval = found.cell(march, "rate2").interval
    assert interval is not None
    assert 0 < interval.low < 0.5 < interval.high < 1


def test_what_cohorts_spend(spring: Shop) -> None:
    """Net, by what they spent in the month in which they came."""
    found = told(spring, "analytics.cohort_revenue")
    march = found.rows[0].key
    assert found.cell(march, "base").value == 40_000
    assert [found.cell(march, f"share{age}").value for age in range(3)] == [1.0, 0.45, 0.125]


def test_what_of_revenue_stays(spring: Shop) -> None:
    """From March to April: one spends more, the other nearly nothing; nobody new counts."""
    found = told(spring, "analytics.kept_revenue", unit="month", period="2026-04-01..2026-04-30")
    (april,) = found.rows
    names = ("customers", "stayed", "opening", "churned", "contraction", "expansion", "closing")
    values = [found.cell(april.key, name).value for name in names]
    assert values == [2, 2, 40_000, 0, 27_000, 5_000, 18_000]
    assert (found.cell(april.key, "grr").value, found.cell(april.key, "nrr").value) == (0.325, 0.45)
    assert found.cell(april.key, "nrr_low").value < 0.45 < found.cell(april.key, "nrr_high").value


def test_the_customers_behind(spring: Shop) -> None:
    """Of a cell of the triangle, and of what became of revenue."""
    with spring.crm.session(SYSTEM) as session:
        row = told(spring, "analytics.retention").rows[0].key
        listed = rows_behind(session, "analytics.retention", Figure(row=row, column="rate2"), SPRING)
        assert [each.cells[0].value for each in listed.rows] == [str(spring.who("Ada"))]
        values = {"period": "2026-04-01..2026-04-30", "unit": "month"}
        april = told(spring, "analytics.kept_revenue", **values).rows[0].key
        figure = Figure(row=april, column="contraction")
        listed = rows_behind(session, "analytics.kept_revenue", figure, values)
        assert [each.cells[0].value for each in listed.rows] == [str(spring.who("Bo"))]


def test_a_report_as_of_an_earlier_day(lite: CRM) -> None:
    """Gives what it gave then: later purchases change nothing."""
    shop = Shop(crm=lite, today=date(2026, 5, 31))
    shop.buys("Ada", date(2026, 3, 5))
    shop.buys("Ada", date(2026, 5, 20))
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.retention", SPRING, as_of=date(2026, 4, 30))
    march = found.rows[0].key
    assert [found.cell(march, f"rate{age}").value for age in range(2)] == [1.0, 0.0]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 1000)), min_size=2, max_size=30))
def test_a_ratio_lies_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    """And is that of the sums."""
    x, y = [each[0] for each in pairs], [each[1] for each in pairs]
    products = sum(a * b for a, b in pairs)
    found = ratio(sum(y), sum(x), len(x), sum(b * b for b in y), products, sum(a * a for a in x))
    assert found is not None
    value, low, high = found
    assert value == sum(y) / sum(x)
    assert 0 <= low <= value <= high
