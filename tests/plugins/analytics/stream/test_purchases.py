"""Purchases by customer and day: merged, net, by two times, of those whom a reader sees."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from crmkit_analytics.api import purchases
from crmkit_analytics.stream.units import day_in_sql
from sqlalchemy import literal, select

from crmkit import CRM, Interaction
from tests.plugins.analytics.shop import SYSTEM, Shop

MAY = date(2026, 5, 4)


def listed(crm: CRM, *when: date | datetime | None) -> list[tuple[str, int, int, int, int]]:
    """Return the days of purchases in plain."""
    with crm.session(SYSTEM) as session:
        found = sorted(purchases(session, *when), key=lambda each: (each.day, each.amount))
        return [(f"{each.day:%m-%d}", each.purchases, each.amount, each.refunded, each.unconverted) for each in found]


def test_a_day_is_one_row(crm: CRM) -> None:
    """By the days of the company, refunds beside, reversed ones left out, what has no rate named; in order."""
    shop = Shop(crm=crm)
    shop.buys("Ada", MAY, "100")
    shop.buys("Ada", datetime(2026, 5, 3, 17, tzinfo=UTC), "50")
    shop.buys("Ada", datetime(2026, 5, 4, 17, tzinfo=UTC), "7")
    wrong = shop.buys("Ada", MAY, "900")
    crm.run(SYSTEM, "interaction.reverse", {"reason": "typo"}, target=wrong)
    shop.happens("Ada", "refund", MAY, amount="30", currency="CNY")
    shop.buys("Bo", MAY, "10", "USD")
    assert listed(crm) == [("05-04", 1, 0, 0, 1), ("05-04", 2, 15_000, 3_000, 0), ("05-05", 1, 700, 0, 0)]
    with crm.session(SYSTEM) as session:
        found = list(purchases(session))
    assert [each[:2] for each in found] == sorted(each[:2] for each in found)


def test_foreign_money_counts_at_the_rate_of_its_day(crm: CRM) -> None:
    """In minor units of the base currency."""
    shop = Shop(crm=crm)
    crm.run(SYSTEM, "currency_rate.set", {"currency": "USD", "base": "CNY", "valid_from": "2026-05-01", "rate": "7"})
    shop.buys("Ada", MAY, "10", "USD")
    assert listed(crm) == [("05-04", 1, 7_000, 0, 0)]


def test_two_times_count(lite: CRM) -> None:
    """What had occurred by a day, and what was recorded by an instant."""
    shop = Shop(crm=lite)
    shop.buys("Ada", MAY)
    shop.buys("Ada", date(2026, 6, 1))
    assert listed(lite, MAY) == [("05-04", 1, 10_000, 0, 0)]
    assert listed(lite, None, datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_a_reader_gets_whom_they_see(lite: CRM) -> None:
    """And nobody else."""
    shop = Shop(crm=lite)
    sam = shop.actor("sam", "seller")
    shop.buys("Ada", MAY)
    mine = lite.run(sam, "customer.create", {"name": "Bo"})
    shop.customers["Bo"] = mine.id
    shop.buys("Bo", MAY)
    with lite.session(sam) as session:
        assert {each.customer_id for each in purchases(session)} == {mine.id}


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns", "UTC"])
def test_days_are_those_of_the_kernel(crm: CRM, zone: str) -> None:
    """Also on the hours when clocks are changed, before 1990 and after 2036."""
    draw = random.Random(3)
    changed = [datetime(2011, 3, 27, 1, tzinfo=UTC), datetime(2011, 10, 30, 1, tzinfo=UTC)]
    instants = [each + timedelta(minutes=minutes) for each in changed for minutes in (-61, -1, 0, 1, 59)]
    instants += [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(40_000_000)) for _ in range(300)]
    kind = Interaction.occurred_at.type
    with crm.session(SYSTEM) as session:
        dialect = session.get_bind().dialect.name
        columns = [day_in_sql(literal(each, kind), zone, dialect) for each in instants]
        found = [session.scalar(select(each)) for each in columns]
    assert found == [each.astimezone(ZoneInfo(zone)).date() for each in instants]
