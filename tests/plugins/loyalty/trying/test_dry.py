"""What a purchase would earn: the same as when it happens, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_loyalty.earning.models import Contribution
from crmkit_loyalty.ledger.models import Transaction
from sqlalchemy import func, select

from crmkit import Conflict, InvalidInput, NotFound
from tests.plugins.loyalty.shop import Shop

RULES: list[dict[str, Any]] = [
    {"name": "base", "points": "amount * 10", "scope": "line", "position": 1},
    {"name": "tea", "points": "1", "mode": "multiply", "scope": "line", "condition": 'sku == "TEA"', "position": 2},
    {"name": "small", "points": "5", "stack": "gift", "position": 3},
    {"name": "large", "points": "50", "stack": "gift", "condition": "amount >= 50", "position": 4},
    {"name": "visit", "points": "30", "cap_day": 40, "position": 5},
    {"name": "old", "points": "7", "until": "2027-01-01", "position": 6},
    {"name": "call", "points": "7", "event": "call", "position": 7},
    {"name": "final", "points": "3", "last": True, "position": 8},
    {"name": "after", "points": "9", "position": 9},
]


def _tried(shop: Shop, *lines: tuple[str, int], **options: Any) -> Any:
    made = [{"sku": sku, "amount": amount} for sku, amount in lines]
    return shop.run("loyalty.earning.try", {"customer_id": shop.customer(), "lines": made, **options})


def _given(shop: Shop) -> list[tuple[str, int, int]]:
    """Return what rules gave for the last purchase."""
    with shop.crm.session(shop.actor) as session:
        last = session.scalars(select(Transaction).order_by(Transaction.at.desc(), Transaction.id.desc())).first()
        assert last is not None
        rows = session.scalars(select(Contribution).where(Contribution.transaction_id == last.id))
        return [(row.rule, row.line_no, row.points) for row in rows]


def test_a_dry_run_gives_what_the_purchase_then_gives(both: Shop) -> None:
    """Line by line and rule by rule, twice on a day with a limit."""
    both.run("product.create", {"sku": "TEA", "title": "Tea"})
    both.run("product.create", {"sku": "POT", "title": "Pot"})
    both.rules(*RULES)
    for _time in range(2):
        tried = _tried(both, ("TEA", 20), ("POT", 35))
        both.buy(("TEA", 20), ("POT", 35))
        both.clock.advance(minutes=1)
        assert sorted((part.rule, part.line_no, part.points) for part in tried.parts if part.points) == sorted(
            _given(both)
        )


def test_every_rule_says_why(shop: Shop) -> None:
    """Also what its limits took away."""
    shop.run("product.create", {"sku": "TEA", "title": "Tea"})
    shop.rules(*RULES)
    shop.buy(("TEA", 60))
    found = {part.rule: (part.points, part.outcome, part.lost) for part in _tried(shop, ("POT", 60)).parts}
    assert found == {
        "base": (600, "given", 0),
        "tea": (0, "condition", 0),
        "small": (0, "group", 5),
        "large": (50, "given", 0),
        "visit": (10, "given", 20),
        "old": (0, "period", 0),
        "call": (0, "kind", 0),
        "final": (3, "given", 0),
        "after": (0, "stopped", 0),
    }


def test_a_draft_is_tried_beside_what_counts(shop: Shop) -> None:
    """By its name, its number or its id."""
    shop.rules({"name": "base", "points": "amount"})
    draft = shop.run("loyalty.rule_set.draft")
    shop.run("loyalty.earn_rule.create", {"name": "more", "points": "amount * 2"}, target=draft.id)
    for version in ("draft", str(draft.number), str(draft.id)):
        assert sum(part.points for part in _tried(shop, ("TEA", 10), version=version).parts) == 30
    assert sum(part.points for part in _tried(shop, ("TEA", 10)).parts) == 10


def test_somebody_who_does_not_exist_is_tried(shop: Shop) -> None:
    """With the facts of somebody new, or those that are said."""
    shop.rules({"name": "first", "points": "100", "condition": "purchase.count == 0"})
    inputs = {"lines": [{"category": "tea", "quantity": 2, "unit_price": "2.5"}]}
    tried = shop.run("loyalty.earning.try", inputs)
    assert (tried.amount, tried.totals[0].points, dict(tried.facts)) == (5, 100, {"purchase.count": 0})
    assert tried.totals[0].cost == 1
    tried = shop.run("loyalty.earning.try", {**inputs, "facts": {"purchase.count": "3"}})
    assert tried.totals == ()
    with pytest.raises(InvalidInput, match=r"purchase\.count"):
        shop.run("loyalty.earning.try", {**inputs, "facts": {"purchase.count": "many"}})


def test_nothing_is_written(shop: Shop) -> None:
    """No points, no transaction."""
    shop.rules({"name": "base", "points": "amount"})
    _tried(shop, ("TEA", 10))
    assert shop.balance() == 0
    with shop.crm.session(shop.actor) as session:
        assert session.scalar(select(func.count()).select_from(Transaction)) == 0


def test_what_is_not_there_cannot_be_tried(shop: Shop) -> None:
    """A version, rules that count, or a customer."""
    with pytest.raises(Conflict, match="no rules that count"):
        _tried(shop, ("TEA", 10))
    shop.rules({"name": "base", "points": "amount"})
    with pytest.raises(NotFound):
        _tried(shop, ("TEA", 10), version="99")
    with pytest.raises(NotFound):
        shop.run("loyalty.earning.try", {"customer_id": "00000000-0000-0000-0000-000000000001", "amount": 5})
