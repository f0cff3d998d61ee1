"""What an order is in the stream: one purchase with its lines, a refund for what comes back, a reversal when it is
cancelled. To the minor unit. Must not decide when.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmkit import CrmSession, Money
from crmkit_sales.orders.models import Order, OrderReturn

SOURCE = "sales"
"""Under this source the stream knows what orders have recorded, by the order's or the return's id."""


def record_purchase(session: CrmSession, order: Order) -> UUID:
    """Record the purchase of an order, and return its id; a second time nothing new is recorded."""
    lines = [
        {
            "product_id": each.product_id,
            "description": each.description,
            "quantity": each.quantity,
            "unit_price": _major(each.unit_price_minor or 0, order.currency),
            "amount": _major(each.total_minor, order.currency),
        }
        for each in order.lines
    ]
    found = session.run(
        "interaction.record",
        {
            "kind": "purchase",
            "channel": "other",
            "customer_id": order.customer_id,
            "occurred_at": order.confirmed_at,
            "currency": order.currency,
            "amount": _major(order.total_minor, order.currency),
            "payload": {"order": str(order.number), "tax": str(_major(order.tax_minor, order.currency))},
            "source": SOURCE,
            "external_id": str(order.id),
            "lines": lines,
        },
    )
    identity: UUID = found.id
    return identity


def record_refund(
    session: CrmSession, order: Order, back: OrderReturn, lines: Sequence[tuple[Any, Decimal, int]]
) -> UUID:
    """Record the refund for a return, about the purchase of its order, and return its id. ``lines`` are the lines of
    the order with what came back of each and what that comes to."""
    found = session.run(
        "interaction.record",
        {
            "kind": "refund",
            "channel": "other",
            "customer_id": order.customer_id,
            "occurred_at": back.returned_at,
            "currency": back.currency,
            "amount": _major(back.amount_minor, back.currency),
            "payload": {"order": str(order.number), "reason": back.reason},
            "about_id": order.purchase_id,
            "source": SOURCE,
            "external_id": str(back.id),
            "lines": [
                {
                    "product_id": line.product_id,
                    "description": line.description,
                    "quantity": quantity,
                    "amount": _major(amount, back.currency),
                }
                for line, quantity, amount in lines
            ],
        },
    )
    identity: UUID = found.id
    return identity


def reverse_purchase(session: CrmSession, order: Order, reason: str) -> None:
    """Let the purchase of an order not count any more."""
    if order.purchase_id is not None:
        session.run("interaction.reverse", {"reason": reason}, target=order.purchase_id)


def _major(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).value
