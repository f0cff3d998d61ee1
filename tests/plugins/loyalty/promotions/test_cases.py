"""The cases of published programmes hold to the cent and to the point, through the whole shop."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.plugins.loyalty.promotions.cases import HOTEL, ORDERS, promotion
from tests.plugins.loyalty.shop import Shop


@pytest.mark.parametrize("case", ORDERS["cases"], ids=lambda case: case["name"])
def test_a_cart_costs_what_it_should(shop: Shop, case: dict[str, Any]) -> None:
    """Before tax, in all, and how many are free."""
    numbers = []
    for name in case["promotions"]:
        promotion(shop, name, **ORDERS["promotions"][name])
        numbers += [ORDERS["promotions"][name].get("number", "")]
    found = shop.run("loyalty.promotion.apply", {"lines": case["cart"], "numbers": numbers})
    assert (found.free, found.untaxed, found.total) == (
        Decimal(case["free"]), Decimal(case["untaxed"]), Decimal(case["total"])
    )  # fmt: skip
    assert sum(line.gross for line in found.lines) == found.total


def _hotel(shop: Shop) -> None:
    """Have nights and money counted, and a bonus by tier given."""
    shop.run("loyalty.tier_metric.create", {"name": "nights", "source": "events", "event": "visit"})
    shop.run("loyalty.tier_metric.create", {"name": "spend", "source": "spend"})
    for level, tier in enumerate(HOTEL["tiers"]):
        reach = {"nights": tier["nights"], "spend": tier["dollars"]} if level else {}
        shop.run("loyalty.tier.create", {"name": tier["name"], "level": level, "reach": reach})
    base = {"name": "base", "points": f"amount * {HOTEL['points_for_a_dollar']}", "position": 1}
    bonus = [
        {
            "name": f"bonus_{tier['name']}",
            "mode": "multiply",
            "points": tier["bonus"],
            "condition": f'loyalty.tier == "{tier["name"]}"',
            "position": 2,
        }
        for tier in HOTEL["tiers"]
    ]
    shop.rules(base, *bonus)


def _stay(shop: Shop, nights: int, dollars: int) -> None:
    """Have somebody stay, the last night as a member."""
    customer_id = shop.run("customer.create", {"kind": "person", "name": "Wang Lin"}).id
    night = {"kind": "visit", "customer_id": customer_id}
    if nights > 1:
        shop.crm.run_many(shop.actor, "interaction.record", [night] * (nights - 1))
    shop.run("loyalty.member.join", {"customer_id": customer_id})
    shop.customers["Wang Lin"] = customer_id
    for _night in range(min(nights, 1)):
        shop.run("interaction.record", {"kind": "visit", "customer_id": customer_id})
    if dollars:
        paid = {"kind": "purchase", "customer_id": customer_id, "currency": "CNY", "amount": dollars}
        shop.run("interaction.record", paid)
    shop.work()


@pytest.mark.parametrize("case", HOTEL["reached"], ids=lambda case: f"{case['nights']}-{case['dollars']}")
def test_nights_and_money_reach_a_tier(shop: Shop, case: dict[str, Any]) -> None:
    """As they come in, the highest tier whose every number is reached."""
    _hotel(shop)
    _stay(shop, case["nights"], case["dollars"])
    assert _tier(shop) == case["tier"]


@pytest.mark.parametrize("case", HOTEL["stays"], ids=lambda case: f"{case['tier']}-{case['dollars']}")
def test_a_stay_earns_by_the_tier(shop: Shop, case: dict[str, Any]) -> None:
    """The bonus is that of the tier which the member has when they pay."""
    _hotel(shop)
    given = {"tier": case["tier"], "reason": "a test"}
    customer_id = shop.customer()
    with shop.crm.session(shop.actor) as session:
        from crmkit_loyalty.programs.finding import membership_of, program_named

        member = membership_of(session, program_named(session), customer_id)
        assert member is not None
    shop.run("loyalty.tier.grant", given, target=member.id)
    tried = shop.run("loyalty.earning.try", {"customer_id": customer_id, "amount": case["dollars"]})
    assert sum(each.points for each in tried.totals) == case["points"]
    shop.record("purchase", amount=case["dollars"])
    assert shop.balance() == case["points"]


def _tier(shop: Shop) -> str:
    from crmkit_loyalty.programs.finding import membership_of, program_named
    from crmkit_loyalty.tiers.models import Tier
    from crmkit_loyalty.tiers.moving import current_of

    with shop.crm.session(shop.actor) as session:
        member = membership_of(session, program_named(session), shop.customer())
        assert member is not None
        held = current_of(session, member)
        return session.get_one(Tier, held.tier_id).name if held is not None else HOTEL["tiers"][0]["name"]
