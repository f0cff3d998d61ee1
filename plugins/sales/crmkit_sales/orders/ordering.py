"""Making orders and changing what they say: by hand, or as another system sends them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, InvalidInput, NotFound, Problem, given, operation, texts
from crmkit_sales.orders.advancing import advance
from crmkit_sales.orders.errors import OrderState
from crmkit_sales.orders.events import OrderCreated
from crmkit_sales.orders.inputs import NewOrder, NewOrderLine, OrderUpdate
from crmkit_sales.orders.models import Order
from crmkit_sales.orders.pricing import recount, set_lines
from crmkit_sales.orders.words import DELIVERIES, STATES
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.numbers import next_number

_ = texts("crmkit_sales")

COUNTER = "order"


@operation("sales.order.create", title=_("Add an order"), effect="create")
def create_order(session: CrmSession, new: NewOrder) -> Order:
    """Add an order of a customer, as a draft; its owner is the customer's unless said otherwise.

    What another system sends twice under one id is added once. Raises NotFound for an unknown customer, InvalidInput
    for everything else that is not right.
    """
    customer = _customer(session, new.customer_id)
    if (new.source is None) != (new.external_id is None):
        raise _problem("external_id", _("Source and external id are given together or not at all."))
    _check_delivery(new.delivery)
    _check_opportunity(session, new.opportunity_id)
    order = _begin(session, customer, new)
    with session.no_autoflush:
        set_lines(session, order, new.lines)
    before = _same(session, order)
    if before is not None:
        return before
    order.number = next_number(session, COUNTER)
    session.add(order)
    session.flush()
    session.emit(OrderCreated(order_id=order.id, customer_id=order.customer_id))
    if new.submit:
        order.submitted_at = session.gate.clock.business_now()
        advance(session, order)
    return order


@operation("sales.order.set_lines", title=_("Change the lines"), permission="sales.order.update", effect="update")
def set_order_lines(session: CrmSession, order: Order, *, lines: tuple[NewOrderLine, ...]) -> Order:
    """Give a draft other lines in place of those that it has. Raises OrderState for what is confirmed, InvalidInput for
    a line that is not right."""
    require_draft(order)
    set_lines(session, order, lines)
    return _on(session, order)


@operation("sales.order.update", title=_("Change the order"), effect="update")
def update_order(session: CrmSession, order: Order, changes: OrderUpdate) -> Order:
    """Change what an order says. Raises OrderState for a closed one, and for the discount of a confirmed one."""
    if not order.is_open:
        raise OrderState(_("Order {number} is closed: {state}."), number=order.number, state=STATES[order.state])
    values = given(changes)
    if values.keys() & {"discount", "discount_minor"}:
        require_draft(order)
    _check_delivery(values.get("delivery", order.delivery))
    _check_opportunity(session, values.get("opportunity_id"))
    for name, value in values.items():
        setattr(order, name, value)
    if values.keys() & {"discount", "discount_minor"}:
        recount(order)
    return _on(session, order)


def require_draft(order: Order) -> None:
    """Raise OrderState for an order that is no draft any more."""
    if order.state != "draft":
        raise OrderState(
            _("Order {number} is confirmed; what was bought does not change any more."),
            fix=_("Take goods back, or cancel it and order anew."),
            number=order.number,
        )


def _on(session: CrmSession, order: Order) -> Order:
    if order.submitted_at is not None:
        advance(session, order)
    return order


def _begin(session: CrmSession, customer: Customer, new: NewOrder) -> Order:
    currency = (new.currency or "").strip().upper() or session.crm.config.get(session).base_currency
    if currency is None:
        raise _problem("currency", _("Name a currency, as the business has no base currency yet."))
    return Order(
        customer_id=customer.id,
        owner_id=new.owner_id or customer.owner_id,
        team_id=customer.team_id,
        state="draft",
        state_since=session.gate.clock.business_now(),
        exceptions=0,
        refunded_minor=0,
        currency=currency,
        tax_included=new.tax_included,
        discount=new.discount,
        discount_minor=new.discount_minor,
        ordered_on=new.ordered_on or session.today(),
        wanted_on=new.wanted_on,
        valid_until=new.valid_until,
        delivery=new.delivery,
        ship_to=new.ship_to or None,
        opportunity_id=new.opportunity_id,
        source=new.source,
        external_id=new.external_id,
    )


def _same(session: CrmSession, order: Order) -> Order | None:
    """Return the order that came before under the same id of the same source, if it says the same."""
    if order.external_id is None:
        return None
    query = select(Order).where(Order.external_id == order.external_id, Order.source == order.source)
    for known in session.scalars(query.order_by(Order.number)):
        if (known.customer_id, known.currency) == (order.customer_id, order.currency) and _lines(known) == _lines(
            order
        ):
            return known
    return None


def _lines(order: Order) -> list[tuple[UUID | None, str, Decimal, int]]:
    return [(each.product_id, each.description, each.quantity, each.total_minor) for each in order.lines]


def _customer(session: CrmSession, customer_id: UUID) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def _check_opportunity(session: CrmSession, opportunity_id: UUID | None) -> None:
    if opportunity_id is not None and session.get(Opportunity, opportunity_id) is None:
        raise _problem("opportunity_id", _("There is no such opportunity."))


def _check_delivery(delivery: str) -> None:
    if delivery not in DELIVERIES:
        raise _problem("delivery", _("There is no such choice."))


def _problem(name: str, text: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, text, field=name)])


OPERATIONS = [create_order, set_order_lines, update_order]
