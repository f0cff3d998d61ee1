"""What happens to orders."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Word = Annotated[str, Input(classified="internal")]
Minor = Annotated[int, Input(classified="internal")]
Currency = Annotated[str, Input(classified="public")]


@event("sales.order.created")
class OrderCreated:
    """An order is there, as a draft."""

    order_id: UUID
    customer_id: UUID


@event("sales.order.moved")
class OrderMoved:
    """An order went to another state."""

    order_id: UUID
    customer_id: UUID
    from_state: Word
    to_state: Word


@event("sales.order.confirmed")
class OrderConfirmed:
    """An order holds; the purchase is in the stream."""

    order_id: UUID
    customer_id: UUID
    purchase_id: UUID
    total_minor: Minor
    currency: Currency


@event("sales.order.held")
class OrderKeptBack:
    """Something keeps an order back until somebody sees to it."""

    order_id: UUID
    customer_id: UUID
    kind: Word


@event("sales.order.cancelled")
class OrderCancelled:
    """An order was cancelled; its purchase, if any, does not count any more."""

    order_id: UUID
    customer_id: UUID


@event("sales.order.returned")
class GoodsReturned:
    """Goods came back and were paid back."""

    order_id: UUID
    return_id: UUID
    customer_id: UUID
    amount_minor: Minor
    currency: Currency


EVENTS = [OrderCreated, OrderMoved, OrderConfirmed, OrderKeptBack, OrderCancelled, GoodsReturned]
