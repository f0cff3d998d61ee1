"""Baskets: support, confidence and lift with intervals, of products and categories, by purchase and by customer."""

from __future__ import annotations

from datetime import date

import pytest
from crmkit_analytics.baskets.reports import Pair

from crmkit import CRM
from crmkit.engines.reports.running import ReportRun, rows_behind, run
from crmkit.hooks.contributions import Figure
from tests.plugins.analytics.shop import SYSTEM, Shop

JUNE = {"period": "2026-06-01..2026-06-30", "least": "2"}


@pytest.fixture
def shop(crm: CRM) -> Shop:
    """Ten purchases: tea in six, cups in five, both in four; one customer buys cups another time."""
    shop = Shop(crm=crm)
    for sku in ("tea", "cup", "pot"):
        crm.run(SYSTEM, "product.create", {"sku": sku, "title": sku.title()})
    baskets = [("tea", "cup")] * 4 + [("tea",)] * 2 + [("cup",)] + [("pot",)] * 3
    for number, skus in enumerate(baskets):
        lines = [{"sku": sku, "quantity": 1, "amount": "10"} for sku in (*skus, skus[0])]
        shop.buys(f"c{number}", date(2026, 6, 1 + number), str(10 * len(lines)), lines=lines)
    return shop


def pair_of(found: ReportRun, first: str, second: str) -> str:
    """Return the key of a pair."""
    titles = [{cell: found.cell(row.key, cell).value for cell in ("first", "second")} for row in found.rows]
    place = titles.index({"first": first, "second": second})
    return found.rows[place].key


def test_what_is_bought_together(shop: Shop) -> None:
    """A line that is there twice counts once; rare pairs are left out; the purchases behind a pair can be listed."""
    with shop.crm.session(SYSTEM) as session:
        found = run(session, "analytics.baskets", JUNE)
        key = pair_of(found, "Tea", "Cup")
        figures = [found.cell(key, name).value for name in ("both", "base", "support", "confidence", "lift")]
        assert figures == [4, 6, 0.4, 4 / 6, 1.333]
        assert found.cell(key, "low").value < 1.333 < found.cell(key, "high").value
        assert len(found.rows) == 2
        assert len(rows_behind(session, "analytics.baskets", Figure(row=key, column="both"), JUNE).rows) == 4


def test_together_by_one_customer(lite: CRM) -> None:
    """In different purchases, too; and not by somebody else."""
    shop = Shop(crm=lite)
    for sku in ("tea", "cup"):
        lite.run(SYSTEM, "product.create", {"sku": sku, "title": sku.title()})
    for number in range(3):
        for day, sku in ((1, "tea"), (2, "cup")):
            line = {"sku": sku, "quantity": 1, "amount": "10"}
            shop.buys(str(number), date(2026, 6, day), "10", lines=[line])
    with lite.session(SYSTEM) as session:
        assert run(session, "analytics.baskets", JUNE).rows == ()
        found = run(session, "analytics.baskets", {**JUNE, "together": "customer"})
        assert found.cell(pair_of(found, "Cup", "Tea"), "lift").value == 1


def test_the_interval_of_a_lift_narrows() -> None:
    """With ten times as many baskets the same lift is surer."""
    few, many = Pair(both=8, first=20, second=20, whole=100), Pair(both=80, first=200, second=200, whole=1000)
    assert few.lift == many.lift == 2
    assert few.bounds[0] < many.bounds[0] < 2 < many.bounds[1] < few.bounds[1]
