"""Past months under other rules: the rules that count give what the books hold, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_loyalty.trying.reports import ReplayParameters, replay_rows
from sqlalchemy import func, inspect, select, text

from tests.plugins.loyalty.shop import Shop

BASE = {"name": "base", "points": "amount * 3", "scope": "line", "position": 1}
RULES: list[dict[str, Any]] = [
    BASE,
    {"name": "visit", "points": "10", "cap_day": 15, "position": 2},
    {"name": "month", "points": "7", "cap_period": 10, "cap_days": 40, "position": 3},
    {"name": "first", "points": "100", "condition": "purchase.count == 1", "position": 4},
]


def _past(shop: Shop) -> None:
    """Four months of two customers, with refunds, a reversal and points that were spent."""
    shop.run("product.create", {"sku": "TEA", "title": "Tea"})
    shop.run("product.create", {"sku": "POT", "title": "Pot"})
    for each in ("Wang Lin", "Li Na"):
        first = shop.buy(("TEA", 37), ("POT", 99), name=each)
        shop.clock.advance(minutes=1)
        shop.buy(("TEA", 5), name=each)
        shop.clock.advance(days=20)
        shop.refund(first, ("POT", 33), name=each)
        shop.clock.advance(days=3)
        shop.refund(first, amount=11, name=each)
        shop.reverse(shop.buy(("POT", 51), name=each))
        undone = shop.refund(shop.buy(("TEA", 13), name=each), amount=6, name=each)
        shop.reverse(undone)
        shop.spend(20, name=each)
        shop.clock.advance(days=25)


def _what_if(shop: Shop, **options: Any) -> Any:
    return shop.run("loyalty.earning.replay", {"months": 6, **options})


def _counts(shop: Shop) -> dict[str, int]:
    """Return how many rows each table has, but for those in which reading itself is written down."""
    with shop.crm.session(shop.actor) as session:
        connection = session.connection()
        names = inspect(connection).get_table_names()
        return {
            name: connection.execute(select(func.count()).select_from(text(f'"{name}"'))).scalar_one()
            for name in names
            if name.startswith("loyalty_")
        }


def test_the_rules_that_count_give_what_the_books_hold(both: Shop) -> None:
    """With limits, facts of the time, refunds and reversals."""
    both.rules(*RULES)
    _past(both)
    found = _what_if(both)
    (kind,) = found.kinds
    assert kind.tried == kind.now == kind.books
    assert kind.books.given > kind.books.taken_back > 0
    assert (found.gainers, found.losers, found.customers) == (0, 0, 2)
    assert kind.books.left == sum(both.balance(name) + 20 for name in ("Wang Lin", "Li Na"))


def test_twice_the_rate_gives_twice_as_much(both: Shop) -> None:
    """And costs twice as much."""
    both.rules(BASE)
    _past(both)
    draft = _draft(both, {**BASE, "points": "amount * 6"})
    before = _counts(both)
    found = _what_if(both, version=str(draft.id))
    (kind,) = found.kinds
    assert kind.now == kind.books
    assert (kind.tried.given, kind.tried.taken_back) == (2 * kind.now.given, 2 * kind.now.taken_back)
    assert kind.tried.cost == 2 * kind.now.cost
    assert kind.liability_change == kind.now.liability
    assert (found.gainers, found.losers) == (2, 0)
    assert sum(each.customers for each in found.bands) == 2
    assert sum(each.tried for each in found.by_month) == kind.tried.given
    assert _counts(both) == before


def test_points_expire_in_a_replay(shop: Shop) -> None:
    """As they did, after what was spent of them."""
    kind = shop.standing().kind
    shop.run("loyalty.point_type.update", {"expiry": "rolling", "expiry_months": 1}, target=kind.id)
    shop.rules(BASE)
    shop.run("product.create", {"sku": "TEA", "title": "Tea"})
    shop.buy(("TEA", 50))
    shop.spend(40)
    shop.clock.advance(days=50)
    shop.tick()
    (found,) = _what_if(shop).kinds
    assert found.books.expired == 110
    assert found.tried == found.books


def test_other_rules_give_other_tiers(shop: Shop) -> None:
    """What counts for tiers is what the replay gives."""
    shop.run("loyalty.tier_metric.create", {"name": "earned", "source": "points"})
    shop.run("loyalty.tier.create", {"name": "basic", "level": 0})
    shop.run("loyalty.tier.create", {"name": "gold", "level": 1, "reach": {"earned": "300"}})
    bonus = {"name": "bonus", "mode": "multiply", "points": "1", "condition": 'loyalty.tier == "gold"', "position": 2}
    order = {**BASE, "scope": "order"}
    shop.rules(order, bonus)
    for _time in range(2):
        shop.record("purchase", amount=60)
        shop.clock.advance(days=10)
    found = _what_if(shop)
    assert found.kinds[0].tried == found.kinds[0].books
    assert [(each.tier, each.now) for each in found.tiers] == [("basic", 0), ("gold", 1)]
    draft = _draft(shop, {**order, "points": "amount * 2"}, bonus)
    lower = _what_if(shop, version=str(draft.number))
    assert (lower.kinds[0].tried.given, lower.fallen, lower.climbed) == (240, 1, 0)
    assert [(each.tier, each.tried) for each in lower.tiers] == [("basic", 1), ("gold", 0)]
    higher = _draft(shop, {**order, "points": "amount * 5"}, bonus)
    assert _what_if(shop, version=str(higher.id)).kinds[0].tried.given == 300 + 600


@pytest.mark.parametrize("months", [1, 12])
def test_nothing_happened_gives_nothing(shop: Shop, months: int) -> None:
    """In any window."""
    shop.rules(BASE)
    found = _what_if(shop, months=months)
    assert (found.happenings, found.customers, found.kinds[0].tried.given) == (0, 0, 0)
    assert len(found.by_month) in (months, months + 1)


def _draft(shop: Shop, *rules: dict[str, Any]) -> Any:
    """Return a draft that has these rules."""
    from crmkit_loyalty.earning.models import EarnRule

    version = shop.run("loyalty.rule_set.draft")
    with shop.crm.session(shop.actor) as session:
        old = list(session.scalars(select(EarnRule.id).where(EarnRule.set_id == version.id)))
    for each in old:
        shop.run("loyalty.earn_rule.remove", target=each)
    for each in rules:
        shop.run("loyalty.earn_rule.create", each, target=version.id)
    return version


def test_the_report_of_a_programme_without_rules_says_so(shop: Shop) -> None:
    with shop.crm.session(shop.actor) as session:
        table = replay_rows(session, ReplayParameters(), None)
    assert ((), "There are no rules yet") == (table.rows, table.notes[0].text)
