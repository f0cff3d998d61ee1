"""The tables of orders: the order with its lines, what keeps it back, what came back, the rules, and credit limits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Id,
    Money,
    Product,
    Record,
    ScaledDecimal,
    User,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_sales.orders.words import DELIVERIES, EXCEPTION_STATES, OPEN, STATES
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.quotes.models import Quote

_ = texts("crmkit_sales")

NOTHING = Decimal(0)


class Order(CustomerRecord):
    """What a customer has ordered. Amounts are in minor units of ``currency``; ``total_minor`` includes tax.

    ``paid_at``, ``shipped_at`` and ``received_at`` are marks that rules go by. ``exceptions`` counts what keeps it
    back. Once it is confirmed ``purchase_id`` names the purchase in the stream, whose amount is the total; what came
    back is in ``refunded_minor``. An order of a quote is the only one of it.
    """

    __tablename__ = "sales_order"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    state: Mapped[str] = field(
        String(14), title=_("State"), classified="internal", choices=STATES, default="draft", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    exceptions: Mapped[int] = field(Integer, title=_("Exceptions"), classified="internal", default=0, editable=False)
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    total_minor: Mapped[int] = field(title=_("Total"), classified="internal", default=0, editable=False)
    net_minor: Mapped[int] = field(title=_("Without tax"), classified="internal", default=0, editable=False)
    tax_minor: Mapped[int] = field(title=_("Tax"), classified="internal", default=0, editable=False)
    refunded_minor: Mapped[int] = field(title=_("Refunded"), classified="internal", default=0, editable=False)
    tax_included: Mapped[bool] = field(title=_("Prices include tax"), classified="internal", default=False)
    discount: Mapped[Decimal | None] = field(
        ScaledDecimal(4), title=_("Discount of the whole, percent"), classified="internal"
    )
    discount_minor: Mapped[int | None] = field(title=_("Discount of the whole"), classified="internal")
    ordered_on: Mapped[date] = field(title=_("Ordered on"), classified="internal")
    wanted_on: Mapped[date | None] = field(title=_("Wanted on"), classified="internal")
    valid_until: Mapped[date | None] = field(title=_("Prices hold until"), classified="internal")
    delivery: Mapped[str] = field(
        String(8), title=_("Delivery"), classified="internal", choices=DELIVERIES, default="ship"
    )
    ship_to: Mapped[str | None] = field(String(500), title=_("Ship to"), classified="sensitive")
    quote_id: Mapped[UUID | None] = field(
        ForeignKey(Quote.id, ondelete="SET NULL"), title=_("Quote"), classified="internal", unique=True, editable=False
    )
    opportunity_id: Mapped[UUID | None] = field(
        ForeignKey(Opportunity.id, ondelete="SET NULL"), title=_("Opportunity"), classified="internal", index=True
    )
    source: Mapped[str | None] = field(String(60), title=_("Source"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(120), title=_("External id"), classified="internal", editable=False)

    submitted_at: Mapped[datetime | None] = field(title=_("Submitted at"), classified="internal", editable=False)
    confirmed_at: Mapped[datetime | None] = field(title=_("Confirmed at"), classified="internal", editable=False)
    paid_at: Mapped[datetime | None] = field(title=_("Paid at"), classified="internal", editable=False)
    shipped_at: Mapped[datetime | None] = field(title=_("Shipped at"), classified="internal", editable=False)
    received_at: Mapped[datetime | None] = field(title=_("Received at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(
        title=_("Completed or cancelled at"), classified="internal", editable=False
    )
    cancel_reason: Mapped[str | None] = field(
        String(500), title=_("Why it was cancelled"), classified="sensitive", editable=False
    )
    purchase_id: Mapped[UUID | None] = field(Id, title=_("Purchase"), classified="internal", editable=False)

    lines: Mapped[list[OrderLine]] = relationship(
        order_by="OrderLine.line_no", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        Index("ix_sales_order_state", "state", "exceptions"),
        Index("ix_sales_order_external", "external_id", "source"),
    )

    @property
    def is_open(self) -> bool:
        """Say whether something is still to come of it."""
        return self.state in OPEN

    @property
    def total(self) -> Money:
        """Return what it comes to, with tax."""
        return Money(self.total_minor, self.currency)

    @property
    def refunded(self) -> Money:
        """Return what was given back for returns."""
        return Money(self.refunded_minor, self.currency)


class OrderLine(Record):
    """One line of an order. ``unit_price_minor`` is None where nobody knows the price yet; ``total_minor`` includes tax
    and the line's share of the discount of the whole."""

    __tablename__ = "sales_order_line"
    __access__ = Access.via("order_id", resource="sales.order")

    order_id: Mapped[UUID] = field(
        ForeignKey(Order.id, ondelete="CASCADE"), title=_("Order"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    line_no: Mapped[int] = field(Integer, title=_("Line"), classified="internal")
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    description: Mapped[str] = field(String(500), title=_("Description"), classified="internal")
    quantity: Mapped[Decimal] = field(ScaledDecimal(4), title=_("Quantity"), classified="internal")
    unit_price_minor: Mapped[int | None] = field(title=_("Unit price"), classified="internal")
    discount: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Discount (percent)"), classified="internal", default=NOTHING
    )
    tax_rate: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Tax rate (percent)"), classified="internal", default=NOTHING
    )
    net_minor: Mapped[int] = field(title=_("Without tax"), classified="internal", default=0)
    tax_minor: Mapped[int] = field(title=_("Tax"), classified="internal", default=0)
    total_minor: Mapped[int] = field(title=_("Total"), classified="internal", default=0)
    returned: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Returned"), classified="internal", default=NOTHING, editable=False
    )
    """How many of the quantity came back."""

    __table_args__ = (UniqueConstraint("order_id", "line_no"),)


class OrderException(Record):
    """What keeps an order back: a condition that is not met, or a hold. A person mends it or accepts it."""

    __tablename__ = "sales_order_exception"
    __access__ = Access.via("order_id", resource="sales.order")

    order_id: Mapped[UUID] = field(
        ForeignKey(Order.id, ondelete="CASCADE"), title=_("Order"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    kind: Mapped[str] = field(String(20), title=_("Condition"), classified="internal", editable=False)
    details: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    """What fills in the words of the condition."""
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=EXCEPTION_STATES, default="open", editable=False
    )
    raised_at: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)
    settled_at: Mapped[datetime | None] = field(title=_("Settled at"), classified="internal", editable=False)
    settled_by_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Settled by"), classified="internal", editable=False
    )
    note: Mapped[str | None] = field(String(1000), title=_("Note"), classified="text", editable=False)

    __table_args__ = (
        Index("ix_sales_order_exception_order", "order_id", "state"),
        Index("ix_sales_order_exception_state", "state", "raised_at"),
    )


class OrderReturn(Record):
    """Goods of one order that came back at a time, for which ``amount_minor`` was given back."""

    __tablename__ = "sales_return"
    __access__ = Access.via("order_id", resource="sales.order")

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    order_id: Mapped[UUID] = field(
        ForeignKey(Order.id, ondelete="CASCADE"), title=_("Order"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    returned_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    reason: Mapped[str] = field(String(500), title=_("Reason"), classified="internal", editable=False)
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal", editable=False)
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    refund_id: Mapped[UUID | None] = field(Id, title=_("Refund"), classified="internal", editable=False)

    lines: Mapped[list[ReturnLine]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def amount(self) -> Money:
        """Return what was given back."""
        return Money(self.amount_minor, self.currency)


class ReturnLine(Record):
    """How many of a line of an order came back, and what was given back for them."""

    __tablename__ = "sales_return_line"
    __access__ = Access.via("return_id", resource="sales.order")

    return_id: Mapped[UUID] = field(
        ForeignKey(OrderReturn.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    order_line_id: Mapped[UUID] = field(
        ForeignKey(OrderLine.id, ondelete="CASCADE"), title=_("Line"), classified="internal", index=True
    )
    quantity: Mapped[Decimal] = field(ScaledDecimal(4), title=_("Quantity"), classified="internal")
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal")

    line: Mapped[OrderLine] = relationship(OrderLine)


class OrderRule(Record):
    """When an order goes on by itself: from a state to a later one, if a condition over the order holds, and one over
    facts about its customer. What ``checks`` names has to be met then; what is not becomes an exception."""

    __tablename__ = "sales_order_rule"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    from_state: Mapped[str] = field(String(14), title=_("From"), classified="public", choices=STATES)
    to_state: Mapped[str] = field(String(14), title=_("To"), classified="public", choices=STATES)
    condition: Mapped[str] = field(String(1000), title=_("If the order"), classified="internal", default="true")
    among: Mapped[str] = field(String(1000), title=_("If the customer"), classified="internal", default="true")
    checks: Mapped[list[str]] = field(json_type(), title=_("Checks"), classified="internal", default=list)
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=100)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class CreditLimit(Record):
    """How much a customer may owe, in minor units of the base currency of when it was set."""

    __tablename__ = "sales_credit_limit"
    __access__ = Access.via("customer_id")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        unique=True,
        editable=False,
    )
    limit_minor: Mapped[int] = field(title=_("Credit limit"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal", editable=False)

    @property
    def limit(self) -> Money:
        """Return the limit with its currency."""
        return Money(self.limit_minor, self.currency)


MODELS: list[type[Any]] = [Order, OrderLine, OrderException, OrderReturn, ReturnLine, OrderRule, CreditLimit]
