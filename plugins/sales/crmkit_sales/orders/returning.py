"""Goods that come back: never more than was bought, and paid back to the minor unit."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Annotated

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_sales.orders.errors import OrderState, ReturnTooLarge
from crmkit_sales.orders.events import GoodsReturned
from crmkit_sales.orders.inputs import ReturnedLine
from crmkit_sales.orders.models import Order, OrderLine, OrderReturn, ReturnLine
from crmkit_sales.orders.purchasing import record_refund
from crmkit_sales.orders.words import STATES
from crmkit_sales.pipelines.numbers import next_number
from crmkit_sales.prices.money import portion

_ = texts("crmkit_sales")

COUNTER = "return"


@operation("sales.order.return_goods", title=_("Take goods back"), permission="sales.order.refund", effect="update")
def return_goods(
    session: CrmSession,
    order: Order,
    *,
    lines: tuple[ReturnedLine, ...],
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")],
) -> OrderReturn:
    """Take back so many of some lines of a confirmed order, and record the refund.

    What is given back of a line follows from how many of it came back so far, so several returns of a line come to what
    the line came to. Raises ReturnTooLarge for more than was bought and has not come back yet, OrderState for an order
    without a purchase, InvalidInput for a line that there is not.
    """
    if order.purchase_id is None or order.state == "cancelled":
        raise OrderState(
            _("Nothing was bought by order {number}: {state}."), number=order.number, state=STATES[order.state]
        )
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="reason")])
    wanted = _wanted(order, lines)
    back = OrderReturn(
        number=next_number(session, COUNTER),
        order_id=order.id,
        customer_id=order.customer_id,
        returned_at=session.gate.clock.business_now(),
        reason=reason.strip(),
        currency=order.currency,
        amount_minor=0,
    )
    parts: list[tuple[OrderLine, Decimal, int]] = []
    for line, quantity in wanted:
        before = portion(line.total_minor, line.returned, line.quantity)
        line.returned += quantity
        parts.append((line, quantity, portion(line.total_minor, line.returned, line.quantity) - before))
    back.amount_minor = sum(amount for _line, _quantity, amount in parts)
    back.lines = [
        ReturnLine(
            return_id=back.id,
            customer_id=order.customer_id,
            order_line_id=line.id,
            quantity=quantity,
            amount_minor=amount,
        )
        for line, quantity, amount in parts
    ]
    back.refund_id = record_refund(session, order, back, parts)
    order.refunded_minor += back.amount_minor
    session.add(back)
    session.emit(
        GoodsReturned(
            order_id=order.id,
            return_id=back.id,
            customer_id=order.customer_id,
            amount_minor=back.amount_minor,
            currency=back.currency,
        )
    )
    return back


def _wanted(order: Order, lines: tuple[ReturnedLine, ...]) -> list[tuple[OrderLine, Decimal]]:
    known = {each.line_no: each for each in order.lines}
    problems: list[Problem] = []
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for place, each in enumerate(lines):
        if each.line_no not in known:
            problems.append(
                Problem(InvalidInput.code, _("The order has no such line."), field=f"lines.{place}.line_no")
            )
        elif each.quantity <= 0:
            problems.append(
                Problem(InvalidInput.code, _("This has to be more than 0."), field=f"lines.{place}.quantity")
            )
        sums[each.line_no] += each.quantity
    if not lines:
        problems.append(Problem(InvalidInput.code, _("Say what comes back."), field="lines"))
    if problems:
        raise InvalidInput(problems)
    for number, quantity in sums.items():
        left = known[number].quantity - known[number].returned
        if quantity > left:
            raise ReturnTooLarge(
                _('Of line {number}, "{description}", at most {left} can come back.'),
                number=number,
                description=known[number].description,
                left=f"{left.normalize():f}",
            )
    return [(known[number], quantity) for number, quantity in sums.items()]


OPERATIONS = [return_goods]
