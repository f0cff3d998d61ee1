"""The lines of an order: their prices, their taxes, and what all of them come to, by the arithmetic of prices.

Must not know states.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, InvalidInput, Problem, Product, texts
from crmkit_sales.orders.inputs import NewOrderLine
from crmkit_sales.orders.models import Order, OrderLine
from crmkit_sales.prices.finding import Wanted, prices_for
from crmkit_sales.prices.money import Conditions, Position, totals
from crmkit_sales.prices.operations import minor_of
from crmkit_sales.prices.taxes import tax_rates

_ = texts("crmkit_sales")


def set_lines(session: CrmSession, order: Order, given: Sequence[NewOrderLine]) -> None:
    """Give an order these lines in place of those that it has, and count it anew.

    Raises InvalidInput, naming the line, for a product that there is not and a line that says nothing.
    """
    products = _products(session, given)
    open_ones = [each for each in given if each.unit_price is None and each.product_id is not None]
    wanted = [Wanted(product_id=each.product_id, quantity=each.quantity) for each in open_ones if each.product_id]
    found = prices_for(
        session, order.customer_id, wanted, order.currency, order.ordered_on, tax_included=order.tax_included
    )
    prices = {id(each): one.unit_price for each, one in zip(open_ones, found, strict=True)}
    own = [
        None if each.unit_price is None else minor_of(each.unit_price, order.currency, f"lines.{place}.unit_price")
        for place, each in enumerate(given)
    ]
    rates = tax_rates(session, order.customer_id, [each.product_id for each in given])
    if order.lines:
        order.lines.clear()
        # The numbers of the lines are unique: the old ones go first.
        session.flush()
    for number, each in enumerate(given, 1):
        product = products.get(each.product_id) if each.product_id is not None else None
        order.lines.append(
            OrderLine(
                order_id=order.id,
                customer_id=order.customer_id,
                line_no=number,
                product_id=each.product_id,
                description=each.description.strip() or (product.title if product is not None else ""),
                quantity=each.quantity,
                unit_price_minor=prices.get(id(each)) if own[number - 1] is None else own[number - 1],
                discount=each.discount,
                tax_rate=each.tax_rate if each.tax_rate is not None else rates[each.product_id],
            )
        )
    recount(order)


def find_prices(session: CrmSession, order: Order) -> None:
    """Look for the prices of lines that have none, and count the order anew where there are some by now."""
    missing = [each for each in order.lines if each.unit_price_minor is None and each.product_id is not None]
    wanted = [Wanted(product_id=each.product_id, quantity=each.quantity) for each in missing if each.product_id]
    if not wanted:
        return
    found = prices_for(
        session, order.customer_id, wanted, order.currency, order.ordered_on, tax_included=order.tax_included
    )
    for line, price in zip(missing, found, strict=True):
        line.unit_price_minor = price.unit_price
    recount(order)


def recount(order: Order) -> None:
    """Compute what an order and each of its lines come to; a line without a price comes to nothing.

    Raises InvalidInput for what cannot be computed, such as a discount above the sum.
    """
    lines = sorted(order.lines, key=lambda each: each.line_no)
    positions = [
        Position(
            quantity=each.quantity,
            unit_price=each.unit_price_minor or 0,
            discount=each.discount,
            tax_rate=each.tax_rate,
        )
        for each in lines
    ]
    conditions = Conditions(
        currency=order.currency,
        tax_included=order.tax_included,
        discount=order.discount,
        discount_minor=order.discount_minor,
    )
    found = totals(positions, conditions)
    for line, amounts in zip(lines, found.lines, strict=True):
        line.net_minor, line.tax_minor, line.total_minor = amounts.net, amounts.tax, amounts.total
    order.net_minor, order.tax_minor, order.total_minor = found.net, found.tax, found.total


def _products(session: CrmSession, given: Sequence[NewOrderLine]) -> dict[UUID, Product]:
    ids = {each.product_id for each in given if each.product_id is not None}
    found = {each.id: each for each in session.scalars(select(Product).where(Product.id.in_(ids)))} if ids else {}
    problems: list[Problem] = []
    for place, each in enumerate(given):
        if each.product_id is not None and each.product_id not in found:
            problems.append(_problem(f"lines.{place}.product_id", _("There is no such product.")))
        if each.product_id is None and not each.description.strip():
            problems.append(_problem(f"lines.{place}.description", _("Name a product, or say what it is.")))
        if each.quantity <= Decimal(0):
            problems.append(_problem(f"lines.{place}.quantity", _("This has to be more than 0.")))
    if problems:
        raise InvalidInput(problems)
    return found


def _problem(name: str, text: str) -> Problem:
    return Problem(InvalidInput.code, text, field=name)
