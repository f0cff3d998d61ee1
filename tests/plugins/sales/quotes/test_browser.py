"""Quotes in a real browser: lines written by keys alone, and pages without faults in both languages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.plugins.sales.quotes.shop import SYSTEM, Shop
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]


@pytest.fixture
def sqlite_web(shop: Shop) -> Any:
    """What is served: the shop."""
    users = {login: actor.user_id for login, actor in shop.people.items()}
    web = Web(crm=shop.crm, users=users, customers=dict(shop.customers))
    yield web
    for client in web.clients:
        client.close()


def test_lines_by_keys_alone(shop: Shop, visit: Visitor) -> None:
    """A product is looked for, a quantity typed, a line added, and Enter saves them all."""
    quote = shop.quote()
    seen = visit("sam")
    seen.go(f"/modules/sales/quote?id={quote}")
    keys = seen.page.keyboard
    seen.page.get_by_role("combobox", name="Product").first.focus()
    keys.type("Cha")
    seen.page.locator("[data-id]").first.wait_for()
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("12")
    add = seen.page.get_by_role("button", name="Add a line")
    add.focus()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("Delivery")
    keys.press("Tab")
    keys.type("1")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("49.90")
    with seen.page.expect_navigation():
        keys.press("Enter")
    found = [(line.text, line.quantity, line.unit_price_minor) for line in shop.lines(quote)]
    assert found == [("Chair", Decimal(12), 9000), ("Delivery", Decimal(1), 4990)]


def test_a_quote_is_sent_from_its_page(shop: Shop, visit: Visitor) -> None:
    """One presses Send, says how, and the quote is with the customer; a link for it is a press away."""
    quote = shop.quote(shop.line("chair"))
    seen = visit("sam")
    seen.go(f"/modules/sales/quote?id={quote}")
    seen.page.get_by_role("link", name="Send", exact=True).click()
    seen.page.get_by_role("button", name="Send the quote").click()
    seen.page.get_by_role("button", name="Link for the customer").click()
    seen.page.get_by_text("/p/sales.quote/").first.wait_for()
    assert shop.read(quote).state == "sent"


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(shop: Shop, visit: Visitor, width: int, dark: bool, language: str) -> None:
    """Everything can be read, reached and named, on a wide and on a narrow screen."""
    quote = shop.quote(shop.line("chair", 2, tax_rate=Decimal(19)), shop.line("table", discount=Decimal(5)))
    shop.run("sales.quote.send", target=quote)
    newer = shop.run("sales.quote.revise", target=quote).id
    shop.run("sales.quote.set_lines", {"lines": [shop.line("chair", 3)]}, target=newer)
    usual = shop.run("sales.price_list.create", {"name": "new", "currency": "EUR"}, by=SYSTEM).id
    seen: Any = visit("mia", width=width, dark=dark, language=language)
    asked = f"customer={shop.customers['ada']}&product={shop.products['chair']}&quantity=3"
    for path in (
        "/modules/sales/quotes",
        f"/modules/sales/quote?id={newer}",
        f"/modules/sales/quote?id={quote}",
        f"/modules/sales/quote/compare?id={newer}",
        f"/modules/sales/prices?list={usual}&{asked}",
    ):
        seen.go(path)
        assert faults_of(seen.page) == []
        assert seen.page.locator(".page-actions, table").count() > 0, path
