"""What orders add where other things are shown: customers, timelines, the first page, boards and calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from crmkit import (
    Board,
    BoardColumn,
    Calendar,
    CardLine,
    CrmSession,
    DashboardCard,
    Panel,
    TimelineEntry,
    texts,
)
from crmkit.i18n import translate
from crmkit_sales.orders.checks import words_of
from crmkit_sales.orders.models import Order, OrderReturn
from crmkit_sales.orders.reading import open_exceptions
from crmkit_sales.orders.words import OPEN, ORDER, STATES

_ = texts("crmkit_sales")

QUEUE = "/modules/sales/exceptions"
MOST = 6


def path_of(order: Order) -> str:
    """Return the page of an order."""
    return f"/modules/sales/order?id={order.id}"


def waiting(session: CrmSession) -> int:
    """Return how many orders of those that are seen something keeps back."""
    return session.scalar(select(func.count(Order.id)).where(Order.exceptions > 0, Order.state.in_(OPEN))) or 0


def held_orders(session: CrmSession) -> Sequence[CardLine]:
    """Return the orders that something keeps back, those that wait longest first."""
    return [
        CardLine(
            title=words_of(found.kind),
            values=dict(found.details),
            facts=[(_("Order"), str(order.number)), (_("Customer"), name)],
            figure=order.total,
            at=found.raised_at,
            path=path_of(order),
            icon="alert-triangle",
            tone="warn",
        )
        for found, order, name in open_exceptions(session, MOST)
    ]


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open orders of each customer that has one, the latest first."""
    language = session.actor.language or session.business().language
    query = select(Order).where(Order.customer_id.in_(customer_ids), Order.state.in_(OPEN))
    found: dict[UUID, list[Order]] = defaultdict(list)
    for order in session.scalars(query.order_by(Order.number.desc())):
        found[order.customer_id].append(order)
    return [
        Panel(
            customer_id=customer_id,
            title=_("Open orders"),
            rows=[
                (f"#{each.number}", f"{each.total} · {translate(STATES[each.state], language)}") for each in orders[:5]
            ],
            path=f"/records/sales.order?customer_id={customer_id}",
            link=_("All orders"),
        )
        for customer_id, orders in found.items()
    ]


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when orders were confirmed and cancelled, and when goods came back, within the half-open span."""
    language = session.actor.language or session.business().language
    entries: list[TimelineEntry] = []

    def add(at: datetime | None, customer_id: UUID, kind: str, text: str, number: int, summary: str, ref: str) -> None:
        if at is not None and (since is None or at >= since) and (until is None or at < until):
            entries.append(
                TimelineEntry(
                    customer_id=customer_id,
                    occurred_at=at,
                    kind=kind,
                    title=translate(text, language, number=number),
                    summary=summary,
                    ref=ref,
                )
            )

    for order in session.scalars(select(Order).where(Order.customer_id.in_(customer_ids))):
        told = (order.number, str(order.total), f"sales.order:{order.id}")
        add(order.confirmed_at, order.customer_id, "sales.order.confirmed", _("Order {number} confirmed"), *told)
        if order.state == "cancelled":
            add(order.closed_at, order.customer_id, "sales.order.cancelled", _("Order {number} cancelled"), *told)
    for back in session.scalars(select(OrderReturn).where(OrderReturn.customer_id.in_(customer_ids))):
        told = (back.number, str(back.amount), f"sales.order:{back.order_id}")
        add(back.returned_at, back.customer_id, "sales.order.returned", _("Return {number}"), *told)
    return entries


CARDS = [
    DashboardCard(
        name="sales.held_orders",
        title=_("Orders that something keeps back"),
        rows=held_orders,
        permission="sales.order.update",
        path=QUEUE,
        icon="alert-triangle",
        order=30,
    )
]
BOARDS = [
    Board(
        name="sales.orders",
        title=_("Orders by state"),
        resource="sales.order",
        field="state",
        columns=[
            *(BoardColumn(value=each, title=STATES[each]) for each in ORDER[:-1]),
            BoardColumn(value="completed", title=STATES["completed"], tone="good"),
            BoardColumn(
                value="cancelled", title=STATES["cancelled"], operation="sales.order.cancel", ask=True, tone="bad"
            ),
        ],
        move="sales.order.move",
        card=["number", "customer_id", "total_minor", "wanted_on", "exceptions"],
        amount="total_minor",
        sort="state_since",
    )
]
CALENDARS = [
    Calendar(
        name="sales.deliveries",
        title=_("Orders by the day they are wanted"),
        resource="sales.order",
        start="wanted_on",
        label=["number", "customer_id", "total_minor"],
        state="state",
        states={"delivered": "good", "completed": "good", "cancelled": "bad", "in_fulfilment": "info"},
    )
]
