"""Orders, contracts and offers behind the doors: pages in both languages, REST, the command line, and who may what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from crmkit_sales.offers.models import NextOffer
from crmkit_sales.orders.models import Order, OrderException, OrderRule

from crmkit import CrmSession, Panel
from crmkit.cli.calling import CommandLine
from crmkit.errors import Refused
from tests.plugins.sales.orders.desk import SYSTEM, Desk
from tests.web.conftest import Browsing, Web
from tests.web.rest.support import caller


@pytest.fixture
def web(lite: Desk) -> Iterator[Web]:
    """The desk behind its doors."""
    users = {name: actor.user_id for name, actor in lite.people.items()}
    made = Web(crm=lite.crm, users=users, customers=lite.customers)
    yield made
    for client in made.clients:
        client.close()


def offered(desk: Desk) -> None:
    """Let there be an offer for lin."""
    for number in range(3):
        customer = desk.run("customer.create", {"name": f"C{number}"}, by=SYSTEM).id
        skus = ("oolong", "pot") if number else ("oolong",)
        lines = [{"sku": sku, "amount": "10"} for sku in skus]
        desk.run("interaction.record", {"kind": "purchase", "customer_id": customer, "lines": lines}, by=SYSTEM)
    desk.order(desk.line("oolong"))
    desk.run("sales.offer.configure", {"least_together": 2, "least_confidence": "40", "least_lift": "1"}, by="mia")
    desk.work()


def page(browsing: Browsing, path: str) -> str:
    """Return a page, which has to be there."""
    answer = browsing.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
    return str(answer.text)


@pytest.mark.parametrize(("language", "words"), [("en", "There is no price for Cup."), ("zh_Hans", "没有价格")])
def test_an_order_shows_what_keeps_it_back(lite: Desk, web: Web, language: str, words: str) -> None:
    """On its page and in the queue, in the reader's language, with what can be done."""
    order = lite.order(lite.line("cup", 2), lite.line("oolong"))
    seller = web.client("sam", language=language)
    shown = page(seller, f"/modules/sales/order?id={order.id}")
    assert words in shown
    assert "sales.order_exception.mend" in shown
    assert "sales.order_exception.accept" not in shown
    assert words in page(seller, "/modules/sales/exceptions")
    assert page(seller, "/modules/sales/order?number=1").count("Oolong") >= 1
    assert seller.get("/modules/sales/order?number=77").status_code == 404


def test_marks_are_noted_at_a_click(lite: Desk, web: Web) -> None:
    """The buttons of the page run the operations, and the return has its form."""
    order = lite.order(lite.line("oolong", 2))
    seller = web.client("sam")
    page(seller, f"/modules/sales/order?id={order.id}")
    answer = seller.post(f"/operations/sales.order.mark?target={order.id}&next=/&quiet=1", {"mark": "paid"})
    assert (answer.status_code, lite.read(Order, order.id).state) == (303, "in_fulfilment")
    assert "line_no" in page(seller, f"/operations/sales.order.return_goods?target={order.id}")


def test_the_pages_of_contracts_and_offers(lite: Desk, web: Web) -> None:
    """What ends within a year, one contract with its terms, and whom to offer what and why."""
    offered(lite)
    found = lite.contract(term_months=3, value_minor=10_000, renewal="automatic")
    seller = web.client("sam")
    assert "C-1" in page(seller, "/modules/sales/renewals")
    shown = page(seller, f"/modules/sales/contract?id={found.id}")
    assert "CN¥1,200.00" in shown
    assert "2 bought it too" in page(seller, "/modules/sales/offers")
    one = page(seller, f"/modules/sales/offers?customer={lite.customers['lin']}")
    assert "sales.offer.answer" in one
    assert "sales.offer.configure" not in one
    for path in ("/records/sales.order", "/records/sales.contract", "/records/sales.order_rule"):
        page(seller, path)
    for name in (
        "sales.order_exceptions",
        "sales.renewals",
        "sales.recurring",
        "sales.offers",
        "sales.bought_together",
    ):
        page(web.client("mia"), f"/reports/{name}")


def test_a_customer_shows_orders_contracts_and_offers(lite: Desk, web: Web) -> None:
    """In panels beside the customer, and the timeline tells when it was ordered and agreed on."""
    offered(lite)
    lite.contract(term_months=3, value_minor=10_000)
    lin = lite.customers["lin"]

    def panels(session: CrmSession) -> list[Panel]:
        answer = lite.crm.dispatcher.only("sales", "crmkit_customer_panels", session=session, customer_ids=[lin])
        assert answer is not None
        return list(answer.value)

    with lite.crm.session(lite.people["sam"]) as session:
        titles = [each.title for each in panels(session)]
        answer = lite.crm.dispatcher.only(
            "sales", "crmkit_timeline", session=session, customer_ids=[lin], since=None, until=None
        )
        assert answer is not None
        kinds = {each.kind for each in answer.value}
    assert [each for each in titles if each in ("Open orders", "Contracts", "What to offer next")] == [
        "Open orders",
        "Contracts",
        "What to offer next",
    ]
    assert {"sales.order.confirmed", "sales.contract.activated"} <= kinds


def test_the_same_over_rest(lite: Desk, web: Web) -> None:
    """Operations and records are served; a condition that is not met is a conflict with the field of each."""
    api = caller(web, "sam")
    lines = [{**lite.line("cup"), "quantity": "1"}]
    made = api.post("/sales.order", {"customer_id": str(lite.customers["lin"]), "lines": _plain(lines)})
    assert made.status_code == 201, made.text
    moved = api.post(f"/sales.order/{made.json()['id']}/move", {"state": "confirmed"})
    assert (moved.status_code, moved.json()["code"]) == (409, "SAL501")
    assert [each["field"] for each in moved.json()["errors"]] == ["price", "address"]
    assert api.get(f"/sales.order/{made.json()['id']}").json()["state"] == "draft"
    given = {"customer_id": str(lite.customers["lin"]), "title": "Tea", "start_on": "2035-01-31", "term_months": 1}
    assert api.post("/sales.contract", given).json()["end_on"] == "2035-02-28"


def _plain(lines: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in each.items()} for each in lines]


def test_the_command_line_lists_and_notes(lite: Desk) -> None:
    """Orders, what keeps them back, renewals and offers; what happened is noted by the number."""
    offered(lite)
    lite.order(lite.line("cup"))
    lite.contract(term_months=3, value_minor=10_000)
    call = CommandLine(crm=lite.crm)
    assert [each["number"] for each in call("sales orders --json").json["items"]] == [2, 1]
    assert [each["why"] for each in call("sales exceptions --json").json["items"]] == ["There is no price for Cup."]
    assert call("sales order 1 paid").text.strip() == "Order 1: In fulfilment, 0 exceptions."
    assert call("sales order 7").code != 0
    assert [each["contract"] for each in call("sales renewals --json").json["items"]] == ["C-1"]
    assert [each["sku"] for each in call("sales offers --json", lite.customers["lin"]).json["items"]] == ["pot"]


def test_rights_are_those_of_the_roles(lite: Desk) -> None:
    """Who sells does not cancel what is agreed on by rule, who analyses changes nothing, service takes goods back."""
    order = lite.order(lite.line("oolong"))
    for login, operation, values in (
        ("ann", "sales.order.mark", {"mark": "paid"}),
        ("sue", "sales.order.cancel", {"reason": "x"}),
    ):
        with pytest.raises(Refused):
            lite.run(operation, values, target=order.id, by=login)
    rule = lite.all(OrderRule, OrderRule.position)[0]
    with pytest.raises(Refused):
        lite.run("sales.order_rule.update", {"active": False}, target=rule.id)
    assert lite.run("sales.order_rule.update", {"active": False}, target=rule.id, by="mia").active is False
    assert lite.order(lite.line("oolong")).state == "draft"


def test_what_belongs_to_a_customer_goes_with_them(lite: Desk) -> None:
    """Orders, exceptions, contracts and offers are gone once the customer is removed for good."""
    offered(lite)
    lite.order(lite.line("cup"))
    lite.contract(term_months=3)
    lite.run("customer.remove", by=SYSTEM, target=lite.customers["lin"])
    left = [
        [each for each in lite.all(model) if each.customer_id == lite.customers["lin"]]
        for model in (Order, OrderException, NextOffer)
    ]
    assert left == [[], [], []]
