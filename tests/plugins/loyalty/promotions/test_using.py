"""Promotions are used within their limits, once for each order, and given back with it."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_loyalty.promotions.models import Promotion, PromotionUse
from sqlalchemy import func, select

from crmkit import Conflict, InvalidInput
from tests.plugins.loyalty.promotions.cases import promotion
from tests.plugins.loyalty.shop import Shop

CART = [{"sku": "TEA", "price": "100"}]


def _pay(shop: Shop, ref: str, name: str = "Wang Lin", **options: Any) -> Any:
    values = {"lines": CART, "customer_id": shop.customer(name), "ref": ref, **options}
    return shop.run("loyalty.promotion.redeem", values)


def _outcomes(shop: Shop, **options: Any) -> dict[str, str]:
    found = shop.run("loyalty.promotion.apply", {"lines": CART, **options})
    return {part.promotion: part.outcome for part in found.parts}


def test_an_order_uses_a_promotion_once(both: Shop) -> None:
    """However often it is said; and a limit of all holds."""
    promotion(both, "ten", kind="percent", percent="10", most=2)
    first, again = _pay(both, "A1"), _pay(both, "A1")
    assert (first.discount, again.discount, again.promotions) == (10, 10, ("ten",))
    _pay(both, "A2", "Li Na")
    assert _pay(both, "A3").promotions == ()
    assert _outcomes(both) == {"ten": "used_up"}
    both.run("loyalty.promotion.give_back", {"ref": "A1"})
    both.run("loyalty.promotion.give_back", {"ref": "A1"})
    assert _outcomes(both) == {"ten": "given"}
    with pytest.raises(Conflict, match="cancelled"):
        _pay(both, "A1")
    with pytest.raises(Conflict, match="another customer"):
        _pay(both, "A2")


def test_a_customer_has_a_limit_of_their_own(both: Shop) -> None:
    """Others still can."""
    promotion(both, "ten", kind="percent", percent="10", most_each=1)
    _pay(both, "A1")
    assert _outcomes(both, customer_id=both.customer()) == {"ten": "customer_used_up"}
    assert _outcomes(both, customer_id=both.customer("Li Na")) == {"ten": "given"}


def test_a_code_of_its_own_is_used_once(both: Shop) -> None:
    """And comes back with the order."""
    made = promotion(both, "gift", kind="amount", amount="15", own_codes=True)
    one, two = both.run("loyalty.promotion.issue", {"quantity": 2}, target=made.id)
    assert _outcomes(both) == {"gift": "code"}
    assert _pay(both, "A1", numbers=[one.lower()]).discount == 15
    assert both.run("loyalty.promotion.apply", {"lines": CART, "numbers": [one]}).unknown == (one,)
    assert _pay(both, "A2", numbers=[two]).discount == 15
    both.run("loyalty.promotion.give_back", {"ref": "A1"})
    assert _outcomes(both, numbers=[one]) == {"gift": "given"}


def test_a_refund_of_everything_gives_it_back(both: Shop) -> None:
    """A part does not; neither does it twice, as a reversal after it."""
    promotion(both, "ten", kind="percent", percent="10")
    bought = both.record("purchase", amount=90, source="shop", external_id="A1")
    _pay(both, "A1")
    both.refund(bought, amount=40)
    assert _used(both) == 1
    both.refund(bought, amount=50)
    assert _used(both) == 0
    both.reverse(bought)
    assert _used(both) == 0


def test_a_reversed_purchase_gives_it_back(both: Shop) -> None:
    """Named by its id."""
    promotion(both, "ten", kind="percent", percent="10")
    bought = both.record("purchase", amount=90)
    _pay(both, "A1", interaction_id=bought.id)
    both.reverse(bought)
    assert _used(both) == 0


def _used(shop: Shop) -> int:
    """Return how often the promotion counts as used, which its record and its uses agree on."""
    with shop.crm.session(shop.actor) as session:
        counted = select(func.count()).select_from(PromotionUse).where(PromotionUse.returned_at.is_(None))
        used = session.scalars(select(Promotion.used).where(Promotion.state == "published")).one()
        assert session.scalars(counted).one() == used
        return used


def test_a_new_version_takes_its_place(shop: Shop) -> None:
    """And counts what was used; what was published is not changed."""
    first = promotion(shop, "ten", kind="percent", percent="10", most=2)
    _pay(shop, "A1")
    with pytest.raises(Conflict):
        shop.run("loyalty.promotion.update", {"percent": "20"}, target=first.id)
    draft = shop.run("loyalty.promotion.draft", target=first.id)
    shop.run("loyalty.promotion.update", {"percent": "20"}, target=draft.id)
    assert shop.run("loyalty.promotion.apply", {"lines": CART}).discount == 10
    assert shop.run("loyalty.promotion.apply", {"lines": CART, "drafts": True}).discount == 20
    shop.run("loyalty.promotion.publish", target=draft.id)
    assert _pay(shop, "A2").discount == 20
    assert _outcomes(shop) == {"ten": "used_up"}
    shop.run("loyalty.promotion.retire", target=draft.id)
    assert _outcomes(shop) == {}


def test_conditions_read_the_cart_and_facts(shop: Shop) -> None:
    """Each says why it does not apply."""
    promotion(shop, "new", kind="percent", percent="5", condition="purchase.count == 0 and amount >= 100")
    promotion(shop, "many", kind="percent", percent="5", condition="quantity >= 2")
    promotion(shop, "over", kind="percent", percent="5", until="2027-01-01")
    promotion(shop, "large", kind="percent", percent="5", minimum="100.01")
    assert _outcomes(shop, customer_id=shop.customer()) == {
        "new": "given", "many": "condition", "over": "period", "large": "minimum"
    }  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "percent"},
        {"kind": "amount"},
        {"kind": "free", "buy": 0},
        {"kind": "percent", "percent": 101},
        {"kind": "amount", "amount": "0.001"},
        {"kind": "percent", "percent": 5, "condition": "amout > 3"},
        {"kind": "percent", "percent": 5, "since": "2027-02-01", "until": "2027-01-01"},
        {"kind": "percent", "percent": 5, "name": "No name"},
    ],
)
def test_what_cannot_be_is_refused(shop: Shop, values: dict[str, Any]) -> None:
    """When it is written."""
    with pytest.raises(InvalidInput):
        shop.run("loyalty.promotion.create", {"name": "x", **values})


def test_a_code_is_one_promotion_s(shop: Shop) -> None:
    """However it is written."""
    promotion(shop, "ten", kind="percent", percent="10", number="Spring")
    with pytest.raises(InvalidInput, match="this code already"):
        promotion(shop, "five", kind="percent", percent="5", number=" SPRING ")
    assert _outcomes(shop, numbers=["spring"]) == {"ten": "given"}


def test_a_use_that_comes_back_after_the_end_does_not_count_in_the_next_version(shop: Shop) -> None:
    first = promotion(shop, "ten", kind="percent", percent="10", most=1)
    _pay(shop, "A1")
    shop.run("loyalty.promotion.retire", target=first.id)
    shop.run("loyalty.promotion.give_back", {"ref": "A1"})
    draft = shop.run("loyalty.promotion.draft", target=first.id)
    shop.run("loyalty.promotion.publish", target=draft.id)
    assert _outcomes(shop) == {"ten": "given"}


def test_a_refund_in_another_currency_is_not_taken_for_the_whole(shop: Shop) -> None:
    promotion(shop, "ten", kind="percent", percent="10")
    bought = shop.record("purchase", amount=90, source="shop", external_id="A1")
    _pay(shop, "A1")
    shop.record("refund", amount=90, currency="THB", about_id=bought.id)
    assert _used(shop) == 1
