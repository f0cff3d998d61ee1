"""The pages of orders, contracts and offers in a real browser: in both languages, on a phone, without faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from crmkit_sales.orders.models import Order
from playwright.sync_api import expect

from tests.plugins.sales.orders.desk import Desk
from tests.plugins.sales.orders.test_doors import offered
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]


@pytest.fixture
def sqlite_web(lite: Desk) -> Web:
    """The desk behind its doors."""
    users = {name: actor.user_id for name, actor in lite.people.items()}
    return Web(crm=lite.crm, users=users, customers=lite.customers)


def filled(desk: Desk) -> list[str]:
    """Let there be an order that is kept back, one that came back in part, contracts and offers; return the pages."""
    offered(desk)
    desk.run(
        "sales.order.return_goods",
        {"lines": [{"line_no": 1, "quantity": "0.5"}], "reason": "Broken"},
        target=first(desk),
    )
    held = desk.order(desk.line("cup", 2), desk.line("pot", 1, discount="5", tax_rate="13"), wanted_on="2035-03-01")
    desk.run("sales.order.hold", {"reason": "Asks for another colour"}, target=held.id)
    found = desk.contract(term_months=3, value_minor=10_000, renewal="automatic", notes="As last year")
    desk.run("sales.contract.renew", target=found.id)
    desk.contract(term_months=12, value_minor=99_900, period="year")
    return [
        f"/modules/sales/order?id={held.id}",
        f"/modules/sales/order?id={first(desk)}",
        "/modules/sales/exceptions",
        "/modules/sales/renewals",
        f"/modules/sales/contract?id={found.id}",
        "/modules/sales/offers",
        f"/modules/sales/offers?customer={desk.customers['lin']}",
        "/records/sales.order?view=sales.orders",
    ]


def first(desk: Desk) -> Any:
    """Return the id of the first order."""
    return desk.all(Order, Order.number)[0].id


@pytest.mark.parametrize(("language", "width", "dark"), [("en", 1280, False), ("zh_Hans", 375, True)])
def test_the_pages_have_no_faults(lite: Desk, visit: Visitor, language: str, width: int, dark: bool) -> None:
    """For who reads with a screen reader, on a phone, in the dark."""
    paths = filled(lite)
    seen = visit("mia", language=language, width=width, dark=dark)
    for path in paths:
        seen.go(path)
        assert faults_of(seen.page) == [], path


def test_an_order_is_seen_to(lite: Desk, visit: Visitor) -> None:
    """From the queue: what is late is accepted with a reason, then the order is paid and shipped at a click."""
    lite.order(lite.line("oolong"), wanted_on="2035-03-01")
    seen = visit("mia")
    seen.go("/modules/sales/exceptions")
    seen.page.get_by_role("link", name="Accept").click()
    seen.page.get_by_label("Why").fill("They know")
    seen.page.locator("main form button[type=submit], main form .btn-primary").last.click()
    expect(seen.page.get_by_text("Nothing keeps an order back").first).to_be_visible()
    seen.go("/modules/sales/order?number=1")
    expect(seen.page.get_by_text("Confirmed", exact=True).first).to_be_visible()
    seen.page.get_by_role("button", name="Paid").click()
    expect(seen.page.get_by_text("In fulfilment", exact=True).first).to_be_visible()
    assert lite.read(Order, first(lite)).state == "in_fulfilment"
