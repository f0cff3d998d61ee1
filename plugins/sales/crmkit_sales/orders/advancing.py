"""How orders go on: by the rules, as far as they lead; what is not met becomes an exception in the queue.

What entering a state brings with it happens here, in the same transaction: who confirms an order records the purchase.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession
from crmkit_sales.orders.checks import Unmet, unmet_of
from crmkit_sales.orders.events import OrderConfirmed, OrderKeptBack, OrderMoved
from crmkit_sales.orders.models import Order, OrderException
from crmkit_sales.orders.purchasing import record_purchase
from crmkit_sales.orders.rules import fits, rules_from
from crmkit_sales.orders.words import BROKEN, HOLD, ORDER


def advance(session: CrmSession, order: Order) -> bool:
    """Let an order go on as far as the rules lead, and say whether it moved. What keeps it back is an exception
    afterwards; one whose condition is met by now is mended."""
    moved = False
    while order.is_open:
        unmet: list[Unmet] = []
        rule = None
        for each in rules_from(session, order.state):
            try:
                if fits(session, each, order):
                    rule = each
                    break
            except CrmkitError as error:
                unmet.append(Unmet(kind=BROKEN, details={"rule": each.title, "problem": error.render()}))
        if rule is not None:
            unmet = unmet_of(session, order, rule.checks)
        open_ones = settle(session, order, unmet)
        if rule is None or open_ones or not _is_ahead(order.state, rule.to_state):
            break
        enter(session, order, rule.to_state)
        moved = True
    return moved


def enter(session: CrmSession, order: Order, state: str) -> None:
    """Put an order into a later state, with what this brings with it."""
    before, order.state = order.state, state
    now = session.gate.clock.business_now()
    order.state_since = now
    if before == "draft" and state != "cancelled":
        order.submitted_at = order.submitted_at or now
        order.confirmed_at = now
        purchase_id = record_purchase(session, order)
        order.purchase_id = purchase_id
        session.emit(
            OrderConfirmed(
                order_id=order.id,
                customer_id=order.customer_id,
                purchase_id=purchase_id,
                total_minor=order.total_minor,
                currency=order.currency,
            )
        )
    if state in ("completed", "cancelled"):
        order.closed_at = now
        session.flush()
        for each in _open(session, order):
            _close(session, each, "void")
        order.exceptions = 0
    session.emit(
        OrderMoved(order_id=order.id, customer_id=order.customer_id, from_state=before, to_state=state),
    )


def settle(session: CrmSession, order: Order, unmet: Sequence[Unmet]) -> int:
    """Bring the exceptions of an order into step with what is not met, and return how many are open, holds included.

    What somebody has accepted stays accepted while it is the same: one order once accepted over its limit is not
    asked about again.
    """
    session.flush()
    known = session.scalars(
        select(OrderException).where(
            OrderException.order_id == order.id, OrderException.state.in_(("open", "accepted"))
        )
    ).all()
    present = {each.kind: each for each in unmet}
    for each in known:
        if each.state == "open" and each.kind != HOLD and each.kind not in present:
            _close(session, each, "mended")
    seen = {each.kind: each for each in known}
    for each in unmet:
        before = seen.get(each.kind)
        if before is None:
            raise_exception(session, order, each)
        elif before.state == "open":
            before.details = dict(each.details)
    session.flush()
    query = select(func.count(OrderException.id))
    order.exceptions = (
        session.scalar(query.where(OrderException.order_id == order.id, OrderException.state == "open")) or 0
    )
    return order.exceptions


def raise_exception(session: CrmSession, order: Order, unmet: Unmet) -> OrderException:
    """Put an order into the queue of exceptions, with the reason."""
    found = OrderException(
        order_id=order.id,
        customer_id=order.customer_id,
        kind=unmet.kind,
        details=dict(unmet.details),
        raised_at=session.gate.clock.business_now(),
    )
    session.add(found)
    session.emit(OrderKeptBack(order_id=order.id, customer_id=order.customer_id, kind=unmet.kind))
    return found


def accepted_kinds(session: CrmSession, order: Order) -> set[str]:
    """Return the conditions that somebody has accepted as they are."""
    query = select(OrderException.kind).where(OrderException.order_id == order.id, OrderException.state == "accepted")
    return set(session.scalars(query))


def checks_between(session: CrmSession, order: Order, state: str) -> list[str]:
    """Return the checks of all rules on the way from an order's state to a later one."""
    first, last = ORDER.index(order.state), ORDER.index(state)
    found: list[str] = []
    for each in ORDER[first:last]:
        for rule in rules_from(session, each):
            if ORDER.index(rule.to_state) <= last:
                found += rule.checks
    return list(dict.fromkeys(found))


def close_exception(session: CrmSession, found: OrderException, state: str, note: str | None) -> None:
    """Settle an exception by a person: it was mended, or is accepted as it is."""
    _close(session, found, state)
    found.settled_by_id = session.actor.user_id
    found.note = note


def _open(session: CrmSession, order: Order) -> Sequence[OrderException]:
    query = select(OrderException).where(OrderException.order_id == order.id, OrderException.state == "open")
    return session.scalars(query).all()


def _close(session: CrmSession, found: OrderException, state: str) -> None:
    found.state = state
    found.settled_at = session.gate.clock.business_now()


def _is_ahead(before: str, after: str) -> bool:
    return after in ORDER and ORDER.index(after) > ORDER.index(before)
