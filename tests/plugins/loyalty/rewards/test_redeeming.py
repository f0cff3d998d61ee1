"""Points buy rewards, each by those who may have it, and come back when that is cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_loyalty.programs.finding import accounts_of, program_named
from crmkit_loyalty.rewards.errors import NotEligible, RedemptionInState, VoucherNotValid
from crmkit_loyalty.rewards.models import Redemption, Reward, Voucher
from crmkit_loyalty.rewards.redeeming import offers_of
from sqlalchemy import select

from crmkit import NotFound
from tests.plugins.loyalty.shop import Shop


def offer(shop: Shop, **values: Any) -> Any:
    """Add a reward."""
    return shop.run("loyalty.reward.create", {"name": "kettle", "title": "Kettle", "points": 100, **values})


def redeem(shop: Shop, reward: str = "kettle", name: str = "Wang Lin", **values: Any) -> Redemption:
    """Redeem a reward."""
    inputs = {"customer_id": shop.customer(name), "reward": reward, **values}
    return shop.run("loyalty.redemption.create", inputs)


def vouchers(shop: Shop) -> list[Voucher]:
    """Return the vouchers that there are."""
    with shop.crm.session(shop.actor) as session:
        found = list(session.scalars(select(Voucher).order_by(Voucher.number)))
        session.expunge_all()
        return found


def stock(shop: Shop) -> int | None:
    """Return how many kettles there are."""
    with shop.crm.session(shop.actor) as session:
        return session.scalars(select(Reward.stock)).one()


def test_a_voucher_is_made_at_once_and_used_once(both: Shop) -> None:
    """Written in small letters with spaces as well; for the same order once more it is answered again."""
    both.give(250)
    offer(both)
    made = redeem(both, quantity=2, key="7")
    assert redeem(both, quantity=2, key="7").id == made.id
    assert (both.balance(), made.state, made.number) == (50, "delivered", 1001)
    first, second = vouchers(both)
    said = first.number.lower().replace("-", " ")
    assert both.run("loyalty.voucher.use", {"number": said, "ref": "order:1"}).state == "used"
    both.run("loyalty.voucher.use", {"number": first.number, "ref": "order:1"})
    with pytest.raises(VoucherNotValid):
        both.run("loyalty.voucher.use", {"number": first.number, "ref": "order:2"})
    both.clock.advance(days=366)
    with pytest.raises(VoucherNotValid):
        both.run("loyalty.voucher.use", {"number": second.number})
    with pytest.raises(NotFound):
        both.run("loyalty.voucher.use", {"number": "2222-2222-2222"})


def test_a_cancelled_redemption_leaves_nothing(both: Shop) -> None:
    """Points and stock come back, vouchers are void; one that was used keeps its redemption."""
    both.give(300)
    offer(both, stock=5)
    made = redeem(both, quantity=2)
    assert stock(both) == 3
    both.run("loyalty.redemption.cancel", {"reason": "A mistake"}, target=made.id)
    assert (both.balance(), stock(both)) == (300, 5)
    assert {each.state for each in vouchers(both)} == {"void"}
    with pytest.raises(RedemptionInState):
        both.run("loyalty.redemption.cancel", target=made.id)
    other = redeem(both)
    (issued,) = [each for each in vouchers(both) if each.state == "issued"]
    both.run("loyalty.voucher.use", {"number": issued.number})
    with pytest.raises(VoucherNotValid):
        both.run("loyalty.redemption.cancel", target=other.id)
    assert both.balance() == 200
    assert both.agrees()


def test_goods_are_sent(both: Shop) -> None:
    """Ordered, on its way, delivered; what was sent does not come back into stock by itself."""
    both.give(100)
    offer(both, kind="goods", stock=1)
    made = redeem(both)
    both.run("loyalty.redemption.move", {"to": "shipped", "tracking": "SF1"}, target=made.id)
    with pytest.raises(RedemptionInState):
        both.run("loyalty.redemption.move", {"to": "shipped"}, target=made.id)
    both.run("loyalty.redemption.cancel", target=made.id)
    assert (both.balance(), stock(both)) == (100, 0)
    both.run("loyalty.reward.restock", {"quantity": 4}, target=_reward(both))
    assert stock(both) == 4


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"points": 501}, "points"),
        ({"stock": 0}, "stock"),
        ({"level": 1}, "tier"),
        ({"condition": 'customer.name == "Li Na"'}, "condition"),
        ({"until": "2027-02-28"}, "inactive"),
        ({"since": "2027-03-02"}, "inactive"),
    ],
)
def test_who_does_not_get_a_reward_is_told_why(shop: Shop, values: dict[str, Any], why: str) -> None:
    """And nothing has changed."""
    shop.give(500)
    offer(shop, **values)
    with pytest.raises(NotEligible) as error:
        redeem(shop)
    assert error.value.reason == why
    assert (shop.balance(), vouchers(shop)) == (500, [])
    assert stock(shop) == values.get("stock")


def test_nobody_gets_more_than_their_share(shop: Shop) -> None:
    """Within the days of the limit; what was cancelled does not count."""
    shop.give(1000)
    offer(shop, most=2, most_days=30)
    first = redeem(shop, quantity=2)
    with pytest.raises(NotEligible):
        redeem(shop)
    shop.run("loyalty.redemption.cancel", target=first.id)
    redeem(shop)
    shop.clock.advance(days=31)
    redeem(shop, quantity=2)


def test_offers_say_who_gets_them(shop: Shop) -> None:
    """What is not offered at present is left out."""
    shop.give(120)
    offer(shop)
    offer(shop, name="pot", points=200)
    offer(shop, name="old", until=shop.clock.instant.date() - timedelta(days=1))
    with shop.crm.session(shop.actor) as session:
        program = program_named(session)
        customer = shop.customers["Wang Lin"]
        found = offers_of(session, program, customer, accounts_of(session, program.id, customer))
        assert [(each.reward.name, each.why_not) for each in found] == [("kettle", None), ("pot", "points")]


def _reward(shop: Shop) -> Any:
    with shop.crm.session(shop.actor) as session:
        return session.scalars(select(Reward.id)).one()
