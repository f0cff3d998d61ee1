"""Behaviour: facts of the last days, sessions, gaps and evenness; active customers and gaps as reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crmkit import CRM, catalogue_of, moment_of, values_of
from crmkit.engines.reports.running import rows_behind, run
from crmkit.hooks.contributions import Figure
from tests.plugins.analytics.shop import SYSTEM, Shop


def facts(crm: CRM, shop: Shop, name: str, *names: str) -> list[Any]:
    """Return facts of analytics about a customer."""
    with crm.session(SYSTEM) as session:
        known = catalogue_of(session)
        refs = [known.ref(f"analytics.{each}") for each in names]
        found = values_of(session, refs, [shop.who(name)], moment_of(session))[shop.who(name)]
    return [found.get(ref) for ref in refs]


def test_facts_of_behaviour(crm: CRM) -> None:
    """By the days of the company; sessions part after half an hour; gaps by nearest rank; overdue by the own gap."""
    shop = Shop(crm=crm)
    for ago in (1, 11, 21, 31, 131):
        shop.buys("Ada", date(2026, 7, 1) - timedelta(days=ago), "10")
    at = datetime(2026, 6, 20, 1, tzinfo=UTC)
    for minutes in (0, 20, 60, 85):
        shop.happens("Ada", "usage", at + timedelta(minutes=minutes), payload={"feature": "export"})
    names = ("active_days_30d", "active_days_before_30d", "uses_30d", "purchases_90d", "purchases_before_90d")
    # The purchase of 11 days ago was on the day of the uses.
    assert facts(crm, shop, "Ada", *names) == [3, 1, 4, 4, 1]
    assert facts(crm, shop, "Ada", "sessions", "amount_90d", "gap_median_days", "gap_p95_days") == [2, 4000, 10, 100]
    assert facts(crm, shop, "Ada", "recency_days", "overdue", "gaps") == [1, False, 4]


def test_evenness(crm: CRM) -> None:
    """The same each month is 0; all in one of twelve months is the square root of eleven."""
    shop = Shop(crm=crm)
    for month in range(12):
        shop.buys("Even", date(2025 + (month + 6) // 12, (month + 6) % 12 + 1, 10), "10")
    shop.buys("Once", date(2026, 3, 3), "10")
    assert facts(crm, shop, "Even", "variation", "months") == [Decimal(0), 12]
    assert facts(crm, shop, "Once", "variation", "months") == [Decimal("3.316625"), 1]


def test_active_customers(crm: CRM) -> None:
    """Different ones a day on average, of 7 and of 30 days, how often who comes at all comes, and who they are."""
    shop = Shop(crm=crm)
    for day in (1, 2, 30):
        shop.happens("Ada", "usage", date(2026, 6, day), payload={"feature": "export"})
    shop.buys("Bo", date(2026, 6, 30))
    shop.buys("Cy", date(2026, 5, 20))
    with crm.session(SYSTEM) as session:
        found = run(session, "analytics.activity", {"period": "2026-05-01..2026-06-30"})
        months = [[found.cell(row.key, name).value for name in ("active", "dau", "wau", "mau")] for row in found.rows]
        assert months == [[1, 0.03, 0, 1], [2, 0.13, 2, 2]]
        assert round(found.cell(found.rows[1].key, "stickiness").value, 4) == round(4 / 30 / 2, 4)
        june = Figure(row=found.rows[1].key, column="wau")
        listed = rows_behind(session, "analytics.activity", june, {"period": "2026-05-01..2026-06-30"})
        assert len(listed.rows) == 2


def test_gaps(lite: CRM) -> None:
    """Between days of purchases, those alone that ended in the period."""
    shop = Shop(crm=lite)
    for ago in (3, 10, 20, 400, 500):
        shop.buys("Ada", date(2026, 7, 1) - timedelta(days=ago))
    shop.buys("Ada", date(2026, 6, 28))
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.gaps", {"period": "2026-01-01..2026-07-01"})
    assert {row.key: found.cell(row.key, "gaps").value for row in found.rows if found.cell(row.key, "gaps").value} == {
        "4": 1, "8": 1, "366": 1,
    }  # fmt: skip
    assert found.cell("4", "share").interval is not None


def test_regularity_is_a_dimension(lite: CRM) -> None:
    """X buys evenly, Z now and then."""
    shop = Shop(crm=lite)
    for month in range(12):
        shop.buys("Even", date(2025 + (month + 6) // 12, (month + 6) % 12 + 1, 10), "10")
    for month in (1, 5):
        shop.buys("Rare", date(2026, month, 10), "10")
    done = lite.run(SYSTEM, "classification.run", {"dimensions": ["analytics.xyz"]})
    assert done.dimensions[0].counts == {"x": 1, "z": 1}
