"""What customers have brought: by two times, with margins, refunds and contacts; segments and grades of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from crmkit_value.scoring.reading import latest

from crmkit import CRM, InvalidInput, Moment, Refused, frame, moment_of
from tests.plugins.analytics.shop import SYSTEM, Shop

DAY = date(2026, 6, 1)
FACTS = ["value.revenue_365", "value.revenue_total", "value.margin_365", "value.contribution_365"]


def said(crm: CRM, shop: Shop, name: str, names: list[str], moment: Moment | None = None) -> tuple[Any, ...]:
    """Return facts of a customer."""
    with crm.session(SYSTEM) as session:
        rows = {row[0]: row[1:] for row in frame(session, names, moment=moment).rows()}
    return rows[shop.customers[name]]


def test_contribution_is_margin_less_cost(crm: CRM) -> None:
    """Tea keeps 40 % of 100, the rest of the shop 50 % of 60 less a refund of 20; two calls cost 3 and an hour 12."""
    shop = Shop(crm=crm)
    crm.run(SYSTEM, "product_category.create", {"name": "tea", "title": "Tea"})
    product = crm.run(SYSTEM, "product.create", {"sku": "T1", "title": "Oolong", "category": "tea"}).id
    crm.run(SYSTEM, "value.policy.configure", {"margin_percent": "50"})
    crm.run(SYSTEM, "value.margin.create", {"category": "tea", "percent": "40"})
    crm.run(SYSTEM, "value.service_cost.create", {"kind": "call", "contact_minor": 300, "hour_minor": 1200})
    lines = [{"product_id": product, "quantity": 1, "amount": "100"}]
    shop.buys("Li", DAY, "100", lines=lines)
    shop.buys("Li", DAY, "60")
    shop.happens("Li", "refund", DAY + timedelta(days=1), amount="20", currency="CNY")
    shop.buys("Li", DAY - timedelta(days=500), "1000")
    for _call in range(2):
        shop.happens("Li", "call", DAY, duration=1800)
    assert said(crm, shop, "Li", FACTS) == (Decimal(140), Decimal(1140), Decimal(60), Decimal(42))


def test_contribution_of_a_past_day(lite: CRM) -> None:
    """As of a day before the second purchase only the first one counts."""
    shop = Shop(crm=lite)
    shop.buys("Li", DAY, "100")
    shop.buys("Li", DAY + timedelta(days=10), "50")
    with lite.session(SYSTEM) as session:
        then = moment_of(session, DAY + timedelta(days=5))
    assert said(lite, shop, "Li", ["value.revenue_total"], then) == (Decimal(100),)
    assert said(lite, shop, "Li", ["value.revenue_total"]) == (Decimal(150),)


def test_margin_can_be_taken_back(lite: CRM) -> None:
    """Set twice there is one; taken back the policy's counts again."""
    one = lite.run(SYSTEM, "value.margin.create", {"category": "tea", "percent": "40"})
    again = lite.run(SYSTEM, "value.margin.create", {"category": "tea", "percent": "30"})
    assert one.id == again.id
    lite.run(SYSTEM, "value.margin.delete", {}, target=one.id)


def test_costs_that_end_before_they_begin_are_refused(lite: CRM) -> None:
    """A period has its days in order."""
    values = {"source": "fair", "first": "2026-02-01", "last": "2026-01-01", "amount_minor": 1, "currency": "CNY"}
    with pytest.raises(InvalidInput):
        lite.run(SYSTEM, "value.acquisition_cost.create", values)


def test_rfm_nets_refunds_and_leaves_out_what_was_reversed(crm: CRM) -> None:
    """Boundaries, scores and segments are kept with the day; a reversed purchase never was."""
    shop = Shop(crm=crm, today=date(2026, 7, 1))
    for place in range(1, 11):
        for step in range(place):
            shop.buys(f"Customer {place}", date(2026, 6, 30) - timedelta(days=10 * (10 - place) + step), "100")
    shop.happens("Customer 10", "refund", DAY, amount="850", currency="CNY")
    gone = shop.buys("Customer 1", DAY, "9000")
    crm.run(SYSTEM, "interaction.reverse", {"reason": "typed wrongly"}, target=gone)
    scoring = crm.run(SYSTEM, "value.rfm.compute", {})
    names = ["value.recency_score", "value.frequency_score", "value.monetary_score", "value.rfm"]
    assert scoring.customers == 10
    assert len(scoring.rules["boundaries"]["monetary"]) == 4
    assert said(crm, shop, "Customer 9", names) == (5, 5, 5, 555)
    assert said(crm, shop, "Customer 10", names) == (5, 5, 1, 551)
    assert said(crm, shop, "Customer 1", names) == (1, 1, 1, 111)


def test_own_boundaries_and_names_count(lite: CRM) -> None:
    """Three parts by own boundaries, with two names of one's own."""
    shop = Shop(crm=lite)
    policy = {
        "rfm_bins": 3,
        "rfm_cuts": {"recency": [30, 90], "frequency": [2, 5], "monetary": [10_000, 50_000]},
        "rfm_segments": [{"name": "fresh", "recency": [3, 3]}],
    }
    lite.run(SYSTEM, "value.policy.configure", policy)
    shop.buys("Li", shop.today - timedelta(days=5), "100")
    shop.buys("Wei", shop.today - timedelta(days=100), "100")
    scoring = lite.run(SYSTEM, "value.rfm.compute", {})
    assert scoring.figures["segments"] == {"fresh": [1, 1, 10_000], "others": [1, 1, 10_000]}
    assert said(lite, shop, "Li", ["value.rfm", "value.rfm_segment"]) == (312, "fresh")


def test_grades_have_a_margin_and_a_history(lite: CRM) -> None:
    """Within the margin a customer keeps the grade; who moved is counted, and each day has its own."""
    shop = Shop(crm=lite)
    lite.run(SYSTEM, "value.policy.configure", {"grading": "absolute", "grade_cuts": ["50000", "10000"]})
    for name, amount in (("Li", "510"), ("Wei", "90"), ("Na", "20")):
        shop.buys(name, DAY, amount)
    lite.run(SYSTEM, "value.grade.compute", {"day": DAY})
    shop.happens("Li", "refund", DAY + timedelta(days=2), amount="20", currency="CNY")
    shop.buys("Wei", DAY + timedelta(days=2), "40")
    lite.run(SYSTEM, "value.grade.compute", {})
    with lite.session(SYSTEM) as session:
        then = moment_of(session, DAY)
        scoring = latest(session, "grade")
    assert [said(lite, shop, name, ["value.grade"]) for name in ("Li", "Wei", "Na")] == [("A",), ("B",), ("C",)]
    assert said(lite, shop, "Wei", ["value.grade"], then) == ("C",)
    assert scoring is not None
    assert scoring.figures["moves"] == [["A", "A", 1], ["C", "B", 1], ["C", "C", 1]]


def test_dimensions_have_the_grade_and_the_segment(lite: CRM) -> None:
    """What was computed is a label like any other."""
    shop = Shop(crm=lite)
    shop.buys("Li", DAY, "100")
    lite.run(SYSTEM, "value.grade.compute", {})
    lite.run(SYSTEM, "value.rfm.compute", {})
    lite.run(SYSTEM, "classification.run", {})
    grade, segment = said(lite, shop, "Li", ["label.value_grade", "label.value_rfm"])
    assert grade == "A"
    assert segment


def test_policy_refuses_what_makes_no_sense(lite: CRM) -> None:
    """Boundaries in the wrong order, too few of them, parts that there are not."""
    for wrong in ({"grade_cuts": ["95", "80"]}, {"rfm_cuts": {"recency": [1, 2]}}, {"rfm_bins": 2}):
        with pytest.raises(InvalidInput):
            lite.run(SYSTEM, "value.policy.configure", wrong)


def test_scores_are_computed_in_system_scope(lite: CRM) -> None:
    """A person asks; a job computes over everybody."""
    shop = Shop(crm=lite)
    ana = shop.actor("ana", "analyst")
    for name in ("value.rfm.compute", "value.grade.compute"):
        with pytest.raises(Refused):
            lite.run(ana, name, {})
    shop.buys("Li", DAY, "100")
    lite.run(ana, "value.rfm.refresh", {})
    lite.run(ana, "value.grade.refresh", {})
    lite.worker().run_until_idle()
    with lite.session(SYSTEM) as session:
        assert latest(session, "rfm") is not None
        assert latest(session, "grade") is not None
