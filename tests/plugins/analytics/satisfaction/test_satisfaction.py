"""What satisfaction has to do with staying and spending: as it was then, against what came since."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_analytics.satisfaction.joining import ranks, spearman
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM
from crmkit.engines.reports.running import run
from tests.plugins.analytics.shop import SYSTEM, Shop

TODAY = date(2026, 7, 1)


def test_who_was_satisfied_stays(crm: CRM) -> None:
    """Thirty customers by a score of their own; those above twenty buy again. What was then is not what is now."""
    shop = Shop(crm=crm, today=TODAY)
    for number in range(30):
        for purchase in range(number + 1 if number < 3 else 1):
            shop.buys(str(number), TODAY - timedelta(days=200 + purchase), str(100 + number))
        if number >= 20:
            shop.buys(str(number), TODAY - timedelta(days=30), str(100 + number))
    with crm.session(SYSTEM) as session:
        found = run(session, "analytics.satisfaction", {"fact": "purchase.average_amount", "days": "90"})
    assert [found.cell(row.key, "customers").value for row in found.rows] == [10, 10, 10]
    assert [found.cell(row.key, "kept").value for row in found.rows] == [0, 0, 1]
    assert found.cell("2", "spent").value == 124.5
    assert found.cell("2", "low").value < 124.5 < found.cell("2", "high").value
    assert float(str(found.notes[0].values["low"])) > 0


def test_without_a_fact_it_says_so(lite: CRM) -> None:
    """Where nothing says how satisfied customers are."""
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.satisfaction", {})
    assert found.rows == ()
    assert "satisfied" in found.notes[0].text


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=4, max_size=40))
def test_an_order_agrees_with_itself(values: list[int]) -> None:
    """Ranks add up whatever ties there are; a figure goes with itself entirely, and against its negative."""
    assert sum(ranks(values)) == len(values) * (len(values) + 1) / 2
    found, against = spearman(values, values), spearman(values, [-each for each in values])
    if len(set(values)) == 1:
        assert found.value is None
    else:
        assert round(found.value or 0, 9) == 1
        assert round(against.value or 0, 9) == -1


def test_a_known_correlation() -> None:
    """Ten pairs of a textbook on rank correlation: ρ is −29/165."""
    iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    found = spearman(iq, hours)
    assert found.value == pytest.approx(-29 / 165)
    assert (found.low or 0) < 0 < (found.high or 0)
