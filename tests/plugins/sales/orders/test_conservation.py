"""To the cent: what a quote comes to, its order comes to, and the purchase less the refunds is what remains."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from crmkit_sales.orders.models import Order
from crmkit_sales.quotes.models import Quote
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crmkit import Conflict, Interaction, Money, PurchaseLine
from tests.plugins.sales.orders.desk import SYSTEM, Desk

PERCENT = st.integers(0, 10_000).map(lambda each: Decimal(each) / 100)
QUANTITY = st.integers(1, 50_000).map(lambda each: Decimal(each) / 1000)
LINE = st.fixed_dictionaries(
    {"quantity": QUANTITY, "minor": st.integers(0, 99_999), "discount": PERCENT, "tax_rate": PERCENT}
)


def accepted(desk: Desk, lines: list[dict[str, Any]], **values: Any) -> Quote:
    """Make a quote, have it accepted, and return it."""
    made = desk.run("sales.quote.create", {"customer_id": desk.customers["lin"], "lines": lines, **values})
    if "discount" in values:
        desk.run("sales.quote.update", {"discount": values["discount"]}, target=made.id)
    desk.run("sales.quote.send", {"way": "hand"}, target=made.id)
    found: Quote = desk.run("sales.quote.accept", {"name": "Lin"}, target=made.id)
    return found


def test_an_accepted_quote_is_one_order(desk: Desk) -> None:
    """The rule that sales ships makes it, one time, however often it is asked for; by then it is bought."""
    quote = accepted(desk, [{**desk.line("oolong", 2)}, {**desk.line("pot"), "discount": "5"}])
    desk.work()
    (order,) = desk.all(Order)
    assert (order.quote_id, order.total_minor, order.state) == (quote.id, quote.total_minor, "draft")
    assert desk.exceptions(order) == ["address"]
    again = desk.run("sales.order.from_quote", {"quote_id": quote.id})
    assert (again.id, len(desk.all(Order))) == (order.id, 1)
    desk.run("sales.order.update", {"ship_to": "1 Tea Street"}, target=order.id)
    assert desk.stream() == [("purchase", quote.total_minor)]


def test_a_quote_that_is_not_accepted_is_no_order(lite: Desk) -> None:
    """A draft is the seller's alone."""
    made = lite.run("sales.quote.create", {"customer_id": lite.customers["lin"], "lines": [lite.line("oolong")]})
    with pytest.raises(Conflict, match="is not accepted"):
        lite.run("sales.order.from_quote", {"quote_id": made.id})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(LINE, min_size=1, max_size=4),
    currency=st.sampled_from(["CNY", "JPY", "BHD"]),
    included=st.booleans(),
    returns=st.lists(st.tuples(st.integers(0, 3), PERCENT), max_size=5),
)
def test_nothing_is_lost_between_quote_and_refund(
    lite: Desk, lines: list[dict[str, Any]], currency: str, included: bool, returns: list[tuple[int, Decimal]]
) -> None:
    """In currencies of two, no and three places: quote = order = purchase; purchase - refunds = what is kept, and once
    everything has come back that is nothing."""
    given_lines = [
        {
            "text": "Something",
            "quantity": str(each["quantity"]),
            "unit_price": str(Money(each["minor"], currency).value),
            "discount": str(each["discount"]),
            "tax_rate": str(each["tax_rate"]),
        }
        for each in lines
    ]
    quote = accepted(lite, given_lines, currency=currency, tax_included=included)
    order = lite.run("sales.order.from_quote", {"quote_id": quote.id})
    order = lite.run("sales.order.update", {"delivery": "collect"}, target=order.id)
    assert (order.state, order.total_minor) == ("confirmed", quote.total_minor)
    assert bought(lite, order) == (quote.total_minor, 0)
    left = {each.line_no: each.quantity for each in order.lines}
    for place, share in returns:
        number = place % len(lines) + 1
        back = (left[number] * share / 100).quantize(Decimal("0.001"))
        if back > 0:
            left[number] -= back
            _take_back(lite, order, {number: back})
    kept = lite.read(Order, order.id)
    purchase, refunds = bought(lite, order)
    assert (purchase, refunds) == (quote.total_minor, kept.refunded_minor)
    rest = {number: quantity for number, quantity in left.items() if quantity > 0}
    if rest:
        _take_back(lite, order, rest)
    assert bought(lite, order) == (quote.total_minor, quote.total_minor)


def _take_back(desk: Desk, order: Order, quantities: dict[int, Decimal]) -> None:
    lines = [{"line_no": number, "quantity": str(quantity)} for number, quantity in quantities.items()]
    desk.run("sales.order.return_goods", {"lines": lines, "reason": "Not wanted"}, target=order.id)


def bought(desk: Desk, order: Order) -> tuple[int, int]:
    """Return what the stream has of an order: the purchase, and its refunds; lines and amounts agree."""
    with desk.crm.session(SYSTEM) as session:
        purchase = session.get_one(Interaction, order.purchase_id)
        refunds = session.scalars(select(Interaction).where(Interaction.about_id == order.purchase_id)).all()
        for each in (purchase, *refunds):
            lines = select(func.sum(PurchaseLine.amount_minor)).where(PurchaseLine.interaction_id == each.id)
            assert (session.scalar(lines) or 0) == each.amount_minor
        return int(purchase.amount_minor or 0), sum(int(each.amount_minor or 0) for each in refunds)
