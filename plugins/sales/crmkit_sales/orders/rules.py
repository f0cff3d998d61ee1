"""The rules by which orders go on: those that are shipped, and what the condition of one may read.

An admin changes them as records. Must not move orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Do, Rule, customers_where, row_condition, texts
from crmkit_sales.orders.checks import CHECKS
from crmkit_sales.orders.models import Order, OrderRule

_ = texts("crmkit_sales")

FIELDS: Mapping[str, Any] = {
    "submitted": bool,
    "paid": bool,
    "shipped": bool,
    "received": bool,
    "total": Decimal,
    "currency": str,
    "lines": int,
    "delivery": str,
    "source": str | None,
    "ordered_on": date,
    "wanted_on": date | None,
}
"""What the condition of a rule may read of an order; the total is in major units of its currency, with tax."""
SHIPPED: Sequence[Mapping[str, Any]] = (
    {
        "name": "confirm",
        "title": _("Confirm what was submitted"),
        "from_state": "draft",
        "to_state": "confirmed",
        "condition": "submitted",
        "checks": list(CHECKS),
        "position": 10,
    },
    {
        "name": "begin",
        "title": _("Begin when it is paid or shipped"),
        "from_state": "confirmed",
        "to_state": "in_fulfilment",
        "condition": "paid or shipped",
        "checks": ["address"],
        "position": 20,
    },
    {
        "name": "deliver",
        "title": _("Delivered when it is received"),
        "from_state": "in_fulfilment",
        "to_state": "delivered",
        "condition": 'received or (shipped and delivery == "none")',
        "checks": [],
        "position": 30,
    },
    {
        "name": "complete",
        "title": _("Completed when it is paid"),
        "from_state": "delivered",
        "to_state": "completed",
        "condition": "paid",
        "checks": [],
        "position": 40,
    },
)
"""The rules that are there when the plugin is enabled for the first time."""

RULES = [
    Rule(
        name="sales.order_of_quote",
        title=_("Order what was accepted"),
        doc=_("A quote that the customer has accepted becomes an order, once."),
        on="sales.quote.accepted",
        then=[Do(operation="sales.order.from_quote", arguments={"quote_id": "event.quote_id"})],
    )
]
"""Rules of the kernel's engine that make orders."""


def rules_from(session: CrmSession, state: str) -> Sequence[OrderRule]:
    """Return the active rules that lead on from a state, in their order."""
    query = select(OrderRule).where(OrderRule.from_state == state, OrderRule.active)
    return session.scalars(query.order_by(OrderRule.position, OrderRule.name)).all()


def fits(session: CrmSession, rule: OrderRule, order: Order) -> bool:
    """Say whether a rule is for an order as it is now. Raises ExpressionError for a condition that cannot be used any
    more, such as one over a fact whose plugin is gone."""
    if not row_condition(session, rule.condition, FIELDS)(values_of(order)):
        return False
    if rule.among.strip() in ("", "true"):
        return True
    return session.scalar(customers_where(session, rule.among, among=[order.customer_id])) is not None


def values_of(order: Order) -> Mapping[str, Any]:
    """Return what a condition may read of an order."""
    return {
        "submitted": order.submitted_at is not None,
        "paid": order.paid_at is not None,
        "shipped": order.shipped_at is not None,
        "received": order.received_at is not None,
        "total": order.total.value,
        "currency": order.currency,
        "lines": len(order.lines),
        "delivery": order.delivery,
        "source": order.source,
        "ordered_on": order.ordered_on,
        "wanted_on": order.wanted_on,
    }
