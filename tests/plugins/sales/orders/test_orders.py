"""Orders: what they come to, how they go on, what keeps them back, and what they are in the stream."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_sales.orders.errors import OrderHeld, OrderState, ReturnTooLarge
from crmkit_sales.orders.models import Order, OrderException

from crmkit import Conflict, Interaction, InvalidInput
from crmkit.errors import Refused
from crmkit.testing.workbench import emitted
from tests.plugins.sales.orders.desk import SYSTEM, Desk


def test_an_order_that_lacks_nothing_is_confirmed_and_is_one_purchase(desk: Desk) -> None:
    """Its prices are those of the list, it is confirmed at once, and the stream has one purchase with its lines."""
    order = desk.order(
        desk.line("oolong", 2, discount="10"), desk.line("pot", 1, unit_price="150.00"), discount_minor=820
    )
    assert (order.number, order.state, order.total_minor, str(order.total)) == (1, "confirmed", 32_000, "320.00 CNY")
    desk.run("sales.order.advance", target=order.id)
    desk.run("sales.order.mark", {"mark": "paid"}, target=order.id)
    (purchase,) = desk.all(Interaction)
    assert (purchase.kind, purchase.amount_minor, purchase.source) == ("purchase", 32_000, "sales")
    assert (purchase.external_id, purchase.id) == (str(order.id), order.purchase_id)
    assert purchase.payload_open["order"] == "1"


def test_states_follow_what_is_noted(desk: Desk) -> None:
    """Paid begins it, shipped alone is not received, received delivers it, and what is paid is completed then."""
    order = desk.order(desk.line("oolong"))
    states = [
        desk.run("sales.order.mark", {"mark": mark}, target=order.id).state for mark in ("paid", "shipped", "received")
    ]
    assert states == ["in_fulfilment", "in_fulfilment", "completed"]
    moved = [each["to_state"] for each in emitted(desk.crm, "sales.order.moved")]
    assert moved == ["confirmed", "in_fulfilment", "delivered", "completed"]


@pytest.mark.parametrize(
    ("values", "line", "kinds"),
    [
        ({}, {"product": "cup"}, ["price"]),
        ({"lines": []}, None, ["lines"]),
        ({"delivery": "ship"}, {"product": "oolong"}, ["address"]),
        ({"wanted_on": "2035-03-01"}, {"product": "oolong"}, ["date"]),
        ({"valid_until": "2035-03-01", "delivery": "ship"}, {"product": "cup"}, ["address", "date", "price"]),
    ],
)
def test_what_cannot_go_on_is_in_the_queue(lite: Desk, values: dict[str, Any], line: Any, kinds: list[str]) -> None:
    """Every condition that is not met is an exception of its own; nothing is bought."""
    lines = [] if line is None else [lite.line(line["product"])]
    order = lite.order(*lines, **values)
    assert (order.state, order.exceptions, lite.exceptions(order)) == ("draft", len(kinds), kinds)
    assert lite.stream() == []
    assert lite.facts("lin", "held_orders", "open_orders") == (1, 1)


def test_an_order_goes_on_once_what_was_missing_is_there(desk: Desk) -> None:
    """A price that is set meanwhile is found by the job of every hour, and the exception is mended."""
    order = desk.order(desk.line("cup", 2))
    assert desk.exceptions(order) == ["price"]
    desk.run("sales.price.set", {"price_list": "usual", "sku": "cup", "unit_price": "12.50"}, by=SYSTEM)
    reviewed = desk.run("sales.order.review", by=SYSTEM)
    assert (reviewed.orders, reviewed.moved, reviewed.failed) == (1, 1, 0)
    found = desk.read(Order, order.id)
    assert (found.state, found.total_minor, found.exceptions) == ("confirmed", 2_500, 0)
    assert desk.exceptions(order, "mended") == ["price"]


def test_a_late_order_can_be_accepted_as_it_is(lite: Desk) -> None:
    """By who has the right, with a reason; it is not asked about again. A missing price cannot be accepted."""
    order = lite.order(lite.line("oolong"), wanted_on="2035-03-01")
    (late,) = lite.all(OrderException)
    with pytest.raises(Refused):
        lite.run("sales.order_exception.accept", {"note": "in a hurry"}, target=late.id)
    accepted = lite.run("sales.order_exception.accept", {"note": "They know"}, target=late.id, by="mia")
    assert (accepted.state, lite.exceptions(order, "accepted")) == ("confirmed", ["date"])
    with pytest.raises(Conflict, match="settled before"):
        lite.run("sales.order_exception.accept", {"note": "again"}, target=late.id, by="mia")
    unpriced = lite.order(lite.line("cup"))
    (missing,) = [each for each in lite.all(OrderException) if each.order_id == unpriced.id]
    with pytest.raises(Conflict, match="has to be mended"):
        lite.run("sales.order_exception.accept", {"note": "never mind"}, target=missing.id, by="mia")


def test_mending_what_is_not_mended_puts_it_into_the_queue_again(lite: Desk) -> None:
    """Saying so is not enough: the condition is judged anew."""
    order = lite.order(lite.line("oolong"), delivery="ship")
    (missing,) = lite.all(OrderException)
    lite.run("sales.order_exception.mend", {"note": "I called"}, target=missing.id)
    assert (lite.exceptions(order), lite.exceptions(order, "mended")) == (["address"], ["address"])
    lite.run("sales.order.update", {"ship_to": "1 Tea Street"}, target=order.id)
    assert (lite.read(Order, order.id).state, lite.exceptions(order)) == ("confirmed", [])


def test_a_held_order_waits_for_a_person(lite: Desk) -> None:
    """Whatever is noted of it, until somebody lets it go on; then it goes as far as the rules lead."""
    order = lite.order(lite.line("oolong"))
    lite.run("sales.order.hold", {"reason": "Asks for another colour"}, target=order.id)
    assert lite.run("sales.order.mark", {"mark": "paid"}, target=order.id).state == "confirmed"
    with pytest.raises(OrderHeld, match="is held"):
        lite.run("sales.order.move", {"state": "delivered"}, target=order.id)
    (held,) = lite.all(OrderException)
    assert lite.run("sales.order_exception.mend", target=held.id).state == "in_fulfilment"


def test_a_refusal_names_every_condition(lite: Desk) -> None:
    """Who moves a card is told each of them in words, and in Chinese, and the order stays where it is."""
    order = lite.order(lite.line("cup"), submit=False, delivery="ship")
    with pytest.raises(OrderHeld) as caught:
        lite.run("sales.order.move", {"state": "confirmed"}, target=order.id)
    assert [each.field for each in caught.value.problems] == ["price", "address"]
    assert "There is no price for Cup." in caught.value.render()
    assert "Cup" in caught.value.render("zh_Hans")
    assert (lite.read(Order, order.id).state, lite.stream()) == ("draft", [])


def test_moving_by_hand_goes_ahead_alone(lite: Desk) -> None:
    """From a draft to delivered it is bought on the way; it never goes back."""
    order = lite.order(lite.line("oolong"), submit=False)
    assert lite.run("sales.order.move", {"state": "delivered"}, target=order.id).state == "delivered"
    assert lite.stream() == [("purchase", 9_900)]
    with pytest.raises(OrderState, match="does not go back"):
        lite.run("sales.order.move", {"state": "confirmed"}, target=order.id)
    assert lite.run("sales.order.mark", {"mark": "paid"}, target=order.id).state == "completed"


def test_the_credit_limit_counts_what_is_unpaid(desk: Desk) -> None:
    """In the base currency; what was paid frees it; an amount without a rate is said and not passed over."""
    lin = desk.customers["lin"]
    desk.run("sales.credit_limit.set", {"customer_id": lin, "limit_minor": 15_000}, by="mia")
    first = desk.order(desk.line("oolong"))
    second = desk.order(desk.line("oolong"))
    assert (first.state, desk.exceptions(second)) == ("confirmed", ["credit"])
    assert desk.facts("lin", "unpaid_amount", "unpaid_unconverted", "order_count") == (9_900, 0, 1)
    (over,) = desk.all(OrderException)
    assert over.details == {"limit": "150.00 CNY", "open": "99.00 CNY"}
    desk.run("sales.order.mark", {"mark": "paid"}, target=first.id)
    assert desk.run("sales.order.advance", target=second.id).state == "confirmed"
    dear = desk.order(desk.line("oolong", unit_price="1"), currency="USD")
    assert desk.exceptions(dear) == ["credit_rate"]
    with pytest.raises(Refused):
        desk.run("sales.credit_limit.set", {"customer_id": lin, "limit_minor": 1})


def test_what_another_system_sends_twice_is_one_order(desk: Desk) -> None:
    """The same order under the same id is the one that is there; another one under that id is kept back."""
    values = {"source": "shop", "external_id": "A-1"}
    first = desk.order(desk.line("oolong"), **values)
    again = desk.order(desk.line("oolong"), **values)
    assert (again.id, len(desk.all(Order))) == (first.id, 1)
    other = desk.order(desk.line("oolong", 2), **values)
    assert (other.state, desk.exceptions(other)) == ("draft", ["external_id"])
    with pytest.raises(InvalidInput, match="together"):
        desk.order(desk.line("oolong"), external_id="A-2")


def test_cancelling_takes_the_purchase_back(desk: Desk) -> None:
    """The purchase is reversed; what is delivered, or of which something came back, is not cancelled."""
    order = desk.order(desk.line("oolong"))
    cancelled = desk.run("sales.order.cancel", {"reason": "Changed their mind"}, target=order.id)
    assert (cancelled.state, desk.stream()) == ("cancelled", [("purchase", 9_900), ("purchase", -9_900)])
    with pytest.raises(OrderState, match="cancelled"):
        desk.run("sales.order.mark", {"mark": "paid"}, target=order.id)
    other = desk.order(desk.line("oolong", 2))
    desk.run(
        "sales.order.return_goods", {"lines": [{"line_no": 1, "quantity": 1}], "reason": "Broken"}, target=other.id
    )
    with pytest.raises(OrderState, match="came back"):
        desk.run("sales.order.cancel", {"reason": "All of it"}, target=other.id)


def test_never_more_comes_back_than_was_bought(desk: Desk) -> None:
    """Also in several returns, and in two lines of one; the refund is about the purchase."""
    order = desk.order(desk.line("oolong", 3))
    back = {"lines": [{"line_no": 1, "quantity": 1}, {"line_no": 1, "quantity": 1}], "reason": "Broken"}
    returned = desk.run("sales.order.return_goods", back, target=order.id)
    assert (returned.amount_minor, desk.stream()) == (19_800, [("purchase", 29_700), ("refund", 19_800)])
    (refund,) = [each for each in desk.all(Interaction) if each.kind == "refund"]
    assert (refund.about_id, refund.id) == (order.purchase_id, returned.refund_id)
    for lines, error in (
        ([{"line_no": 1, "quantity": "1.5"}], ReturnTooLarge),
        ([{"line_no": 2, "quantity": 1}], InvalidInput),
        ([{"line_no": 1, "quantity": 0}], InvalidInput),
        ([], InvalidInput),
    ):
        with pytest.raises(error):
            desk.run("sales.order.return_goods", {"lines": lines, "reason": "Broken"}, target=order.id)
    assert desk.read(Order, order.id).refunded_minor == 19_800


def test_an_admins_rule_leads_on(lite: Desk) -> None:
    """Small orders of whoever has bought before need not be paid to begin; a condition that is none is refused."""
    values = {"name": "trust", "title": "Trust", "from_state": "confirmed", "to_state": "in_fulfilment"}
    lite.run(
        "sales.order_rule.create",
        {**values, "condition": "total < 100.00", "among": "purchase.count >= 2"},
        by="mia",
    )
    assert [lite.order(lite.line("oolong")).state for _number in range(2)] == ["confirmed", "in_fulfilment"]
    assert lite.order(lite.line("pot")).state == "confirmed"
    for wrong, field in (
        ({"condition": "tota < 1"}, None),
        ({"to_state": "draft"}, "to_state"),
        ({"checks": ["moon"]}, "checks"),
    ):
        with pytest.raises(Exception, match=r"CK|SAL") as caught:
            lite.run("sales.order_rule.create", {**values, "name": "wrong", **wrong}, by="mia")
        if field is not None:
            assert [each.field for each in caught.value.problems] == [field]  # type: ignore[attr-defined]


def test_lines_of_a_draft_alone_are_changed(lite: Desk) -> None:
    """What was confirmed was bought; bad lines are named with their place."""
    order = lite.order(lite.line("oolong"), submit=False)
    changed = lite.run("sales.order.set_lines", {"lines": [lite.line("pot"), lite.line("oolong")]}, target=order.id)
    assert ([each.line_no for each in changed.lines], changed.total_minor) == ([1, 2], 29_900)
    with pytest.raises(InvalidInput) as caught:
        lite.run("sales.order.set_lines", {"lines": [{"quantity": 0}]}, target=order.id)
    assert [each.field for each in caught.value.problems] == ["lines.0.description", "lines.0.quantity"]
    lite.run("sales.order.submit", target=order.id)
    with pytest.raises(OrderState):
        lite.run("sales.order.set_lines", {"lines": []}, target=order.id)
