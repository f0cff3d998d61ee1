"""What orders say of each customer, as facts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Select, and_, case, cast as sql_cast, func, not_, select

from crmkit import Fact, FactQuery, FactSet, Money, texts
from crmkit_sales.orders.models import Order, OrderException

_ = texts("crmkit_sales")

_ORDER = cast(Any, Order).__table__
_EXCEPTION = cast(Any, OrderException).__table__


def select_orders(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer that had an order by ``as_of``, as known at ``known_at``.

    What is unpaid counts from when an order was confirmed until it was paid or cancelled, at the rate of that day.
    """

    def by(column: Any) -> Any:
        return and_(column.is_not(None), column <= query.as_of, column <= query.known_at)

    table = _ORDER
    confirmed, closed = by(table.c.confirmed_at), by(table.c.closed_at)
    cancelled = and_(closed, table.c.state == "cancelled")
    unpaid = and_(confirmed, not_(by(table.c.paid_at)), not_(cancelled))
    owed = table.c.total_minor - table.c.refunded_minor
    in_base = query.in_base(owed, table.c.currency, table.c.confirmed_at)
    return (
        select(
            table.c.customer_id,
            func.count(case((and_(confirmed, not_(cancelled)), 1))).label("order_count"),
            func.count(case((not_(closed), 1))).label("open_orders"),
            func.max(case((and_(confirmed, not_(cancelled)), table.c.confirmed_at))).label("last_order_at"),
            sql_cast(func.coalesce(func.sum(case((unpaid, in_base))), 0), BigInteger).label("unpaid_amount"),
            func.count(case((and_(unpaid, in_base.is_(None)), 1))).label("unpaid_unconverted"),
        )
        .where(table.c.created_at <= query.known_at)
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


def select_exceptions(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer whose orders were kept back at ``as_of``."""
    table = _EXCEPTION
    settled = and_(
        table.c.settled_at.is_not(None), table.c.settled_at <= query.as_of, table.c.settled_at <= query.known_at
    )
    return (
        select(table.c.customer_id, func.count(table.c.order_id.distinct()).label("held_orders"))
        .where(table.c.raised_at <= query.as_of, table.c.created_at <= query.known_at, not_(settled))
        .where(query.within(table.c.customer_id))
        .group_by(table.c.customer_id)
    )


FACTS = [
    FactSet(
        name="sales",
        select=select_orders,
        doc=_("Orders of the customer"),
        columns=[
            Fact(name="order_count", type=int, default=0, title=_("Orders"), doc=_("Orders that were confirmed")),
            Fact(
                name="open_orders",
                type=int,
                default=0,
                title=_("Open orders"),
                doc=_("Orders of which something is still to come, drafts included"),
            ),
            Fact(name="last_order_at", type=datetime | None, doc=_("When an order was confirmed last")),
            Fact(
                name="unpaid_amount",
                type=Money,
                default=0,
                title=_("Unpaid"),
                doc=_("What confirmed orders come to that are not paid, less what came back"),
            ),
            Fact(
                name="unpaid_unconverted",
                type=int,
                default=0,
                doc=_("Unpaid orders that are missing in the amount: there is no rate for their currency and day"),
            ),
        ],
    ),
    FactSet(
        name="sales",
        select=select_exceptions,
        doc=_("Orders that are kept back"),
        columns=[
            Fact(
                name="held_orders",
                type=int,
                default=0,
                title=_("Orders kept back"),
                doc=_("Orders that something keeps back"),
            )
        ],
    ),
]
