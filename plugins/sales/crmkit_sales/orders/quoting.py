"""Orders of accepted quotes: one of each, with the amounts of the quote as they are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, NotFound, operation, texts
from crmkit_sales.orders.advancing import advance
from crmkit_sales.orders.events import OrderCreated
from crmkit_sales.orders.models import Order, OrderLine
from crmkit_sales.orders.ordering import COUNTER
from crmkit_sales.pipelines.numbers import next_number
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.words import ACCEPTED

_ = texts("crmkit_sales")


@operation("sales.order.from_quote", title=_("Order what was accepted"), permission="sales.order.create")
def order_quote(
    session: CrmSession,
    *,
    quote_id: Annotated[UUID, Input(title=_("Quote"), resource="sales.quote", classified="internal")],
    submit: Annotated[bool, Input(title=_("Submit it at once"), classified="internal")] = True,
) -> Order:
    """Make the order of an accepted quote, line by line to the cent, and let it go on by the rules; where there is one
    already, that is the answer.

    Raises NotFound for an unknown quote, Conflict for one that is not accepted.
    """
    quote = session.get(Quote, quote_id)
    if quote is None:
        raise NotFound(_("There is no such quote."))
    known = session.scalar(select(Order).where(Order.quote_id == quote.id))
    if known is not None:
        return known
    if quote.state != ACCEPTED:
        raise Conflict(_("{quote} is not accepted."), fix=_("Have the customer accept it first."), quote=quote.name)
    order = Order(
        number=next_number(session, COUNTER),
        customer_id=quote.customer_id,
        owner_id=quote.owner_id,
        team_id=quote.team_id,
        state="draft",
        state_since=session.gate.clock.business_now(),
        exceptions=0,
        refunded_minor=0,
        quote_id=quote.id,
        opportunity_id=quote.opportunity_id,
        currency=quote.currency,
        tax_included=quote.tax_included,
        discount=quote.discount,
        discount_minor=quote.discount_minor,
        net_minor=quote.net_minor,
        tax_minor=quote.tax_minor,
        total_minor=quote.total_minor,
        ordered_on=session.today(),
        delivery="ship",
    )
    order.lines = [
        OrderLine(
            order_id=order.id,
            customer_id=order.customer_id,
            line_no=number,
            product_id=each.product_id,
            description=each.text,
            quantity=each.quantity,
            unit_price_minor=each.unit_price_minor,
            discount=each.discount,
            tax_rate=each.tax_rate,
            net_minor=each.net_minor,
            tax_minor=each.tax_minor,
            total_minor=each.total_minor,
        )
        for number, each in enumerate((line for line in lines_of(session, quote) if line.quantity > 0), 1)
    ]
    session.add(order)
    session.flush()
    session.emit(OrderCreated(order_id=order.id, customer_id=order.customer_id))
    if submit:
        order.submitted_at = session.gate.clock.business_now()
        advance(session, order)
    return order


OPERATIONS = [order_quote]
