"""What a customer pays for what, and why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from crmkit_sales.prices.finding import PriceFound, price_for
from crmkit_sales.prices.models import PriceList, ProductCost
from sqlalchemy import select

from crmkit.errors import AlreadyExists, InvalidInput, NotFound, Refused
from tests.plugins.sales.quotes.shop import SYSTEM, Shop


def ask(shop: Shop, product: str, quantity: str = "1", *, customer: str = "ada", **options: Any) -> PriceFound:
    """Return what somebody pays, as the seller asks it."""
    given = {"currency": "EUR", "day": date(2026, 6, 1), **options}
    with shop.crm.session(shop.sam) as session:
        return price_for(session, shop.customers[customer], shop.products[product], Decimal(quantity), **given)


def reasons(found: PriceFound) -> list[tuple[str, str]]:
    """Return what was decided of each list."""
    return [(each.list, each.reason) for each in found.why]


@pytest.mark.parametrize(("quantity", "price"), [("1", 10000), ("9.9", 10000), ("10", 9000), ("500", 9000)])
def test_tiers(shop: Shop, quantity: str, price: int) -> None:
    """From a quantity on one pays less for each."""
    assert ask(shop, "chair", quantity).unit_price == price


def test_the_reason_names_every_list(shop: Shop) -> None:
    """Whoever asks reads why each list counts or does not."""
    for name, values in (
        ("vip", {"priority": 10, "condition": 'customer.city == "上海"'}),
        ("dollars", {"priority": 9, "currency": "USD"}),
        ("summer", {"priority": 8, "valid_from": date(2026, 7, 1)}),
        ("lamps", {"priority": 7}),
        ("last", {"priority": -1}),
    ):
        shop.run("sales.price_list.create", {"name": name, "currency": "EUR", **values}, by=shop.mia)
    found = ask(shop, "chair")
    assert (found.list, found.unit_price) == ("usual", 10000)
    assert reasons(found) == [
        ("vip", "condition"),
        ("dollars", "currency"),
        ("summer", "day"),
        ("lamps", "product"),
        ("usual", "counts"),
        ("last", "later"),
    ]


def test_a_list_for_some_customers(shop: Shop) -> None:
    """Its condition over facts says for whom: they pay its price, whoever asks."""
    shop.run(
        "sales.price_list.create",
        {"name": "vip", "currency": "EUR", "priority": 10, "condition": 'customer.city == "上海"'},
        by=shop.mia,
    )
    shop.run("sales.price.set", {"price_list": "vip", "sku": "chair", "unit_price": "80"}, by=shop.mia)
    assert (ask(shop, "chair", customer="lin").unit_price, ask(shop, "chair").unit_price) == (8000, 10000)


def test_what_has_no_price(shop: Shop) -> None:
    """There is none, and it is said of each list why."""
    found = ask(shop, "lamp")
    assert (found.unit_price, reasons(found)) == (None, [("usual", "product")])


def test_a_tier_that_is_not_reached(shop: Shop) -> None:
    """It is said from which quantity on there would be a price."""
    values = {"price_list": "usual", "sku": "lamp", "unit_price": "5", "from_quantity": "12"}
    shop.run("sales.price.set", values, by=shop.mia)
    (why,) = ask(shop, "lamp").why
    assert (why.reason, why.values) == ("quantity", {"quantity": Decimal(12)})


def test_the_latest_of_equal_prices(shop: Shop) -> None:
    """A new price of the same quantity counts from its day on; the old one before."""
    values = {"price_list": "usual", "sku": "table", "unit_price": "420", "valid_from": date(2026, 6, 1)}
    shop.run("sales.price.set", values, by=shop.mia)
    before = ask(shop, "table", day=date(2026, 5, 31)).unit_price
    assert (before, ask(shop, "table").unit_price) == (40000, 42000)


def test_a_price_is_set_twice(shop: Shop) -> None:
    """As a file has it that is imported again: the price is changed, and none is added."""
    values = {"price_list": "usual", "sku": "chair", "unit_price": "101.50", "valid_from": date(2026, 1, 1)}
    ids = {shop.run("sales.price.set", {**values, "unit": "pcs"}, by=shop.mia).id for _time in range(2)}
    assert (len(ids), ask(shop, "chair").unit_price) == (1, 10150)


def test_sellers_see_no_costs(shop: Shop) -> None:
    """They are there for managers; for sellers there are none, nor may they say any."""
    with shop.crm.session(shop.mia) as session:
        known = len(session.scalars(select(ProductCost)).all())
    with shop.crm.session(shop.sam) as session:
        seen = len(session.scalars(select(ProductCost)).all())
    assert (known, seen) == (2, 0)
    values = {"product_id": shop.products["lamp"], "cost_minor": 1, "currency": "EUR"}
    with pytest.raises(Refused):
        shop.run("sales.cost.set", values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"condition": "customer.cit == 1"}, "condition"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
        ({"name": " "}, "name"),
    ],
)
def test_lists_that_cannot_be(shop: Shop, values: dict[str, Any], field: str) -> None:
    """The field that is wrong is named."""
    with pytest.raises(InvalidInput) as error:
        shop.run("sales.price_list.create", {"name": "new", "currency": "EUR", **values}, by=shop.mia)
    assert [problem.field for problem in error.value.problems] == [field]


def test_prices_that_cannot_be(shop: Shop) -> None:
    """More places than the currency has, an unknown product, an unknown list, a name that is taken."""
    values = {"price_list": "usual", "sku": "chair", "unit_price": "1.005"}
    with pytest.raises(InvalidInput) as error:
        shop.run("sales.price.set", values, by=shop.mia)
    assert [problem.field for problem in error.value.problems] == ["unit_price"]
    for wrong in ({"sku": "sofa"}, {"price_list": "none"}):
        with pytest.raises(NotFound):
            shop.run("sales.price.set", {**values, "unit_price": "1", **wrong}, by=shop.mia)
    with pytest.raises(AlreadyExists):
        shop.run("sales.price_list.create", {"name": "usual", "currency": "EUR"}, by=shop.mia)


def test_sellers_change_no_prices(shop: Shop) -> None:
    """That is for whom the right was given."""
    with pytest.raises(Refused):
        shop.run("sales.price.set", {"price_list": "usual", "sku": "chair", "unit_price": "1"})


def test_a_list_that_is_over(shop: Shop) -> None:
    """Both of its days belong to it."""
    with shop.crm.session(SYSTEM) as session:
        usual = session.scalars(select(PriceList.id)).one()
    last = date(2026, 6, 30)
    shop.run("sales.price_list.update", {"valid_to": last}, target=usual, by=shop.mia)
    found = [ask(shop, "chair", day=last + timedelta(days=days)).unit_price for days in (0, 1)]
    assert found == [10000, None]
