"""The pages of orders: one order with everything about it, and the queue of what keeps orders back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Money, NotFound, Page, User, texts
from crmkit_sales.orders.checks import TITLES, words_of
from crmkit_sales.orders.display import QUEUE, waiting
from crmkit_sales.orders.models import Order, OrderException, OrderReturn
from crmkit_sales.orders.moving import ACCEPTABLE
from crmkit_sales.orders.reading import open_exceptions, order_numbered
from crmkit_sales.orders.rules import rules_from
from crmkit_sales.orders.words import (
    DELIVERIES,
    EXCEPTION_STATES,
    EXCEPTION_TONES,
    HOLD,
    MARKS,
    STATES,
    TONES,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.quotes.models import Quote

_ = texts("crmkit_sales")

SHOWN = 200


def order_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return an order by its id or its number. Raises NotFound for one that is not seen."""
    order = _order(session, query)
    exceptions = session.scalars(
        select(OrderException)
        .where(OrderException.order_id == order.id)
        .order_by(OrderException.settled_at.is_not(None), OrderException.raised_at.desc(), OrderException.id)
        .limit(SHOWN)
    ).all()
    returns = session.scalars(
        select(OrderReturn).where(OrderReturn.order_id == order.id).order_by(OrderReturn.number)
    ).all()
    may = rights_of(session)
    return {
        "order": order,
        "customer": session.get(Customer, order.customer_id),
        "quote": session.get(Quote, order.quote_id) if order.quote_id is not None else None,
        "opportunity": session.get(Opportunity, order.opportunity_id) if order.opportunity_id is not None else None,
        "exceptions": [each for each in exceptions if each.state == "open"],
        "settled": [each for each in exceptions if each.state != "open"],
        "returns": returns,
        "next_rules": rules_from(session, order.state) if order.is_open else (),
        "names": names_of(session, {order.owner_id, *(each.settled_by_id for each in exceptions)}),
        "kept": Money(order.total_minor - order.refunded_minor, order.currency),
        "marks": [(name, title, getattr(order, f"{name}_at")) for name, title in MARKS.items()],
        "left": {each.id: each.quantity - each.returned for each in order.lines},
        "may_cancel": may["cancel"] and order.state in ("draft", "confirmed", "in_fulfilment") and not returns,
        "may_return": may["refund"] and order.purchase_id is not None and order.state != "cancelled",
        **_shared(),
        "may": may,
        "money": lambda minor: Money(minor, order.currency),
        "plain": plain,
        "here": f"/modules/sales/order?id={order.id}",
    }


def exceptions_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what keeps orders back, what waits longest first; with ``kind`` of one condition alone."""
    kind = query.get("kind", "") if query.get("kind", "") in TITLES else ""
    rows = open_exceptions(session, SHOWN, kind)
    return {
        "rows": rows,
        "kind": kind,
        "owners": names_of(session, {order.owner_id for _found, order, _name in rows}),
        **_shared(),
        "may": rights_of(session),
        "here": QUEUE,
    }


def names_of(session: CrmSession, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of some users by their ids."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(wanted)))}


def rights_of(session: CrmSession) -> dict[str, bool]:
    """Return what whoever reads may do with orders."""
    rights = session.guarding.rights
    return {
        action: rights.scope("sales.order", action) != "none"
        for action in ("create", "update", "cancel", "refund", "override")
    }


def plain(value: Decimal) -> str:
    """Return a number without the zeros that its column adds."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shared() -> Mapping[str, Any]:
    return {
        "states": STATES,
        "tones": TONES,
        "deliveries": DELIVERIES,
        "titles": TITLES,
        "words": words_of,
        "acceptable": ACCEPTABLE,
        "hold": HOLD,
        "exception_states": EXCEPTION_STATES,
        "exception_tones": EXCEPTION_TONES,
        "queue": QUEUE,
    }


def _order(session: CrmSession, query: Mapping[str, str]) -> Order:
    number = query.get("number", "").lstrip("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return order_numbered(session, int(number))
    try:
        found = session.get(Order, UUID(query.get("id", "")))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such order."))
    return found


PAGES = [
    Page(
        name="sales.exceptions",
        title=_("Orders kept back"),
        path="/exceptions",
        template="sales/orders/exceptions.html",
        context=exceptions_page,
        permission="sales.order.update",
        icon="alert-triangle",
        badge=waiting,
        order=45,
    ),
    Page(
        name="sales.order",
        title=_("Order"),
        path="/order",
        template="sales/orders/order.html",
        context=order_page,
        permission="sales.order.read",
        icon="package",
        menu=False,
    ),
]
