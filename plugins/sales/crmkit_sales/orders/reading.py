"""Reading orders: by their number, and what keeps them back. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, texts
from crmkit_sales.orders.models import Order, OrderException

_ = texts("crmkit_sales")


def order_numbered(session: CrmSession, number: int) -> Order:
    """Return the order of a number. Raises NotFound for one that is not seen."""
    found = session.scalar(select(Order).where(Order.number == number))
    if found is None:
        raise NotFound(_("There is no such order."))
    return found


def open_exceptions(session: CrmSession, limit: int, kind: str = "") -> Sequence[tuple[OrderException, Order, str]]:
    """Return what keeps orders back with the order and the customer's name, what waits longest first; of one kind, or
    of all."""
    query = (
        select(OrderException, Order, Customer.name)
        .join(Order, Order.id == OrderException.order_id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(OrderException.state == "open")
    )
    if kind:
        query = query.where(OrderException.kind == kind)
    found = session.execute(query.order_by(OrderException.raised_at, OrderException.id).limit(limit))
    return [(row[0], row[1], str(row[2])) for row in found]
