"""Letting orders go on: submitting, marks, moves by hand, holds, and seeing to what keeps them back; cancelling."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.errors import Conflict
from crmkit_sales.orders.advancing import (
    accepted_kinds,
    advance,
    checks_between,
    close_exception,
    enter,
    raise_exception,
    settle,
)
from crmkit_sales.orders.checks import Unmet, unmet_of
from crmkit_sales.orders.errors import OrderHeld, OrderState
from crmkit_sales.orders.events import OrderCancelled
from crmkit_sales.orders.inputs import Note
from crmkit_sales.orders.models import Order, OrderException
from crmkit_sales.orders.pricing import find_prices
from crmkit_sales.orders.purchasing import reverse_purchase
from crmkit_sales.orders.words import HOLD, MARKS, ORDER, STATES

_ = texts("crmkit_sales")

ACCEPTABLE = ("product", "date", "address", "external_id", "credit", "credit_rate")
"""What can be accepted as it is; everything else has to be mended."""

Reason = Annotated[str, Input(title=_("Reason"), max_length=500, multiline=True)]
State = Annotated[str, Input(title=_("State"), choices={each: STATES[each] for each in ORDER}, classified="internal")]


@operation("sales.order.submit", title=_("Submit"), permission="sales.order.update", effect="update")
def submit_order(session: CrmSession, order: Order) -> Order:
    """Let a draft go on by the rules: it is confirmed, or it is in the queue of exceptions afterwards.

    Raises OrderState for what is no draft.
    """
    if order.state != "draft":
        raise OrderState(_("Order {number} was submitted before."), number=order.number)
    order.submitted_at = order.submitted_at or session.gate.clock.business_now()
    advance(session, order)
    return order


@operation("sales.order.advance", title=_("Look again"), permission="sales.order.update", effect="update")
def advance_order(session: CrmSession, order: Order) -> Order:
    """Look for prices that were missing, judge the rules anew, and let the order go on as far as they lead."""
    if order.state == "draft":
        find_prices(session, order)
    advance(session, order)
    return order


@operation("sales.order.mark", title=_("Note what happened"), permission="sales.order.update", effect="update")
def mark_order(
    session: CrmSession,
    order: Order,
    *,
    mark: Annotated[
        Literal["paid", "shipped", "received"], Input(title=_("What"), choices=MARKS, classified="internal")
    ],
    at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None,
) -> Order:
    """Note that an order was paid, shipped or received, by default now, and let it go on. What was noted before stays.

    Raises OrderState for one that was cancelled.
    """
    if order.state == "cancelled":
        raise OrderState(_("Order {number} was cancelled."), number=order.number)
    name = f"{mark}_at"
    if getattr(order, name) is None:
        setattr(order, name, at or session.gate.clock.business_now())
        advance(session, order)
    return order


@operation("sales.order.move", title=_("Put into another state"), permission="sales.order.update", effect="update")
def move_order(session: CrmSession, order: Order, *, state: State) -> Order:
    """Put an order into a later state by hand; into the one that it has, nothing happens.

    Raises OrderState for an earlier state and a closed order, OrderHeld, which names each condition of the rules on the
    way that is not met.
    """
    if state not in ORDER:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such choice."), field="state")])
    if state == order.state:
        return order
    if not order.is_open or ORDER.index(state) < ORDER.index(order.state):
        raise OrderState(
            _("Order {number} does not go back: {state}."),
            fix=_("Take goods back, or cancel it."),
            number=order.number,
            state=STATES[order.state],
        )
    if order.state == "draft":
        find_prices(session, order)
    accepted = accepted_kinds(session, order)
    unmet = [
        each for each in unmet_of(session, order, checks_between(session, order, state)) if each.kind not in accepted
    ]
    if unmet:
        raise OrderHeld(each.problem for each in unmet)
    if settle(session, order, ()):
        raise OrderHeld([Problem(OrderHeld.code, _("Order {number} is held."), number=order.number)])
    enter(session, order, state)
    advance(session, order)
    return order


@operation("sales.order.hold", title=_("Hold"), permission="sales.order.update", effect="update")
def hold_order(
    session: CrmSession,
    order: Order,
    *,
    reason: Annotated[str, Input(title=_("Reason"), max_length=300, classified="internal")],
) -> Order:
    """Keep an order back until somebody lets it go on. Raises OrderState for a closed one."""
    if not order.is_open:
        raise OrderState(_("Order {number} is closed: {state}."), number=order.number, state=STATES[order.state])
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="reason")])
    raise_exception(session, order, Unmet(kind=HOLD, details={"reason": reason.strip()}))
    session.flush()
    order.exceptions += 1
    return order


@operation("sales.order_exception.mend", title=_("It is mended"), permission="sales.order.update", effect="update")
def mend_exception(session: CrmSession, exception: OrderException, *, note: Note | None = None) -> Order:
    """Say that what kept an order back was seen to, and judge it anew: what still is not met is in the queue again.

    Raises Conflict for what is settled already.
    """
    return _settle(session, exception, "mended", note)


@operation("sales.order_exception.accept", title=_("Accept it as it is"), permission="sales.order.override")
def accept_exception(
    session: CrmSession,
    exception: OrderException,
    *,
    note: Annotated[str, Input(title=_("Why"), max_length=1000, multiline=True, classified="text")],
) -> Order:
    """Let an order go on although a condition is not met, such as one above the credit limit, and say why.

    Raises Conflict for what is settled already, and for what has to be mended, such as a missing price.
    """
    if exception.kind not in ACCEPTABLE:
        raise Conflict(_("This has to be mended."), fix=_("Give what is missing, and look again."))
    if not note.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="note")])
    return _settle(session, exception, "accepted", note)


@operation("sales.order.cancel", title=_("Cancel"), permission="sales.order.cancel", effect="update")
def cancel_order(session: CrmSession, order: Order, *, reason: Reason) -> Order:
    """Cancel an order that is not delivered; its purchase is reversed.

    Raises OrderState for one that is delivered or of which something came back.
    """
    if order.state not in ("draft", "confirmed", "in_fulfilment"):
        raise OrderState(
            _("Order {number} cannot be cancelled any more: {state}."),
            fix=_("Take the goods back."),
            number=order.number,
            state=STATES[order.state],
        )
    if order.refunded_minor or any(each.returned for each in order.lines):
        raise OrderState(
            _("Something of order {number} came back already."), fix=_("Take the rest back."), number=order.number
        )
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="reason")])
    reverse_purchase(session, order, reason)
    order.cancel_reason = reason
    enter(session, order, "cancelled")
    session.emit(OrderCancelled(order_id=order.id, customer_id=order.customer_id))
    return order


def _settle(session: CrmSession, exception: OrderException, state: str, note: str | None) -> Order:
    if exception.state != "open":
        raise Conflict(_("This was settled before."))
    order = session.get_one(Order, exception.order_id)
    close_exception(session, exception, state, note)
    if order.state == "draft":
        find_prices(session, order)
    advance(session, order)
    return order


OPERATIONS = [
    submit_order,
    advance_order,
    mark_order,
    move_order,
    hold_order,
    mend_exception,
    accept_exception,
    cancel_order,
]
