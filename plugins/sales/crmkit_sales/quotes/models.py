"""The tables of quotes: the versions of a quote, their lines, and what has to be approved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Id, Money, Product, Record, ScaledDecimal, field, kernel_key, texts
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.prices.models import QUANTITY, RATE
from crmkit_sales.quotes.words import DRAFT, LANGUAGES, STATES, WAYS

_ = texts("crmkit_sales")


class Quote(CustomerRecord):
    """One version of a quote: what a customer is offered, until ``valid_until``, that day included.

    Versions of a quote share its ``number``. Only a draft is ever changed: what was sent stays as it was, and the next
    version replaces it. Amounts are in minor units of ``currency``, and as `crmkit_sales.prices.money` finds them;
    ``discount`` (percent) or ``discount_minor`` is that of the whole. Instants are of the business's clock.

    ``primary`` says that its net amount becomes the opportunity's once it is accepted. ``document_id`` is the PDF among
    the customer's files.
    """

    __tablename__ = "sales_quote"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", editable=False)
    revision: Mapped[int] = field(Integer, title=_("Version"), classified="internal", default=1, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    opportunity_id: Mapped[UUID | None] = field(
        ForeignKey(Opportunity.id, ondelete="SET NULL"),
        title=_("Opportunity"),
        classified="internal",
        index=True,
        editable=False,
    )
    primary: Mapped[bool] = field(title=_("The opportunity's quote"), classified="internal", default=False)
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default=DRAFT, editable=False
    )
    language: Mapped[str] = field(
        String(10), title=_("Language"), classified="internal", choices=LANGUAGES, default="en"
    )
    priced_on: Mapped[date] = field(title=_("Prices of"), classified="internal", editable=False)
    valid_until: Mapped[date] = field(title=_("Valid until"), classified="internal")
    tax_included: Mapped[bool] = field(title=_("Prices include tax"), classified="internal", default=False)
    discount: Mapped[Decimal | None] = field(RATE, title=_("Discount (percent)"), classified="internal")
    discount_minor: Mapped[int | None] = field(title=_("Discount"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    gross_minor: Mapped[int] = field(title=_("Sum before discounts"), classified="internal", default=0, editable=False)
    line_discounts_minor: Mapped[int] = field(
        title=_("Discounts of lines"), classified="internal", default=0, editable=False
    )
    discount_total_minor: Mapped[int] = field(
        title=_("Discount of the whole"), classified="internal", default=0, editable=False
    )
    net_minor: Mapped[int] = field(title=_("Net"), classified="internal", default=0, editable=False)
    tax_minor: Mapped[int] = field(title=_("Tax"), classified="internal", default=0, editable=False)
    total_minor: Mapped[int] = field(title=_("Total"), classified="internal", default=0, editable=False)
    terms: Mapped[str] = field(String(5000), title=_("Terms"), classified="internal", default="")
    policy_id: Mapped[UUID | None] = field(
        ForeignKey("sales_quote_policy.id", ondelete="SET NULL"),
        title=_("Has to be approved because"),
        classified="internal",
        editable=False,
    )
    approval_id: Mapped[UUID | None] = field(Id, title=_("Request for approval"), classified="internal", editable=False)
    sent_at: Mapped[datetime | None] = field(title=_("Sent at"), classified="internal", editable=False)
    answered_at: Mapped[datetime | None] = field(title=_("Answered at"), classified="internal", editable=False)
    answered_by: Mapped[str | None] = field(String(200), title=_("Answered by"), classified="sensitive", editable=False)
    answered_way: Mapped[str | None] = field(
        String(5), title=_("How it was answered"), classified="internal", choices=WAYS, editable=False
    )
    declined_reason: Mapped[str | None] = field(
        String(1000), title=_("Why it was declined"), classified="sensitive", editable=False
    )
    document_id: Mapped[UUID | None] = field(Id, title=_("Document"), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("number", "revision"),
        Index("ix_sales_quote_state", "state", "valid_until"),
    )

    @property
    def name(self) -> str:
        """Return what people call this version, such as Q-1042/2."""
        return f"Q-{self.number}/{self.revision}"

    @property
    def is_draft(self) -> bool:
        """Say whether it can still be changed."""
        return self.state == DRAFT

    @property
    def total(self) -> Money:
        """Return the total with tax."""
        return Money(self.total_minor, self.currency)

    @property
    def net(self) -> Money:
        """Return the total without tax."""
        return Money(self.net_minor, self.currency)


class QuoteLine(Record):
    """One line of a version of a quote: a product or a text, how many for how much.

    Amounts are in minor units of the quote's currency: ``list_price_minor`` is what the price list said, and None where
    none did; ``share_minor`` the line's share of the discount of the whole. ``discount`` and ``tax_rate`` are percent.
    """

    __tablename__ = "sales_quote_line"
    __access__ = Access.via("quote_id", resource="sales.quote")

    quote_id: Mapped[UUID] = field(
        ForeignKey(Quote.id, ondelete="CASCADE"), title=_("Quote"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal", default=0)
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    text: Mapped[str] = field(String(500), title=_("Text"), classified="internal", default="")
    unit: Mapped[str] = field(String(20), title=_("Unit"), classified="internal", default="")
    quantity: Mapped[Decimal] = field(QUANTITY, title=_("Quantity"), classified="internal")
    list_price_minor: Mapped[int | None] = field(title=_("List price"), classified="internal")
    list_name: Mapped[str | None] = field(String(60), title=_("Price list"), classified="internal")
    unit_price_minor: Mapped[int] = field(title=_("Unit price"), classified="internal")
    discount: Mapped[Decimal] = field(RATE, title=_("Discount (percent)"), classified="internal", default=Decimal(0))
    tax_rate: Mapped[Decimal] = field(RATE, title=_("Tax (percent)"), classified="internal", default=Decimal(0))
    gross_minor: Mapped[int] = field(title=_("Sum before discounts"), classified="internal", default=0)
    discount_minor: Mapped[int] = field(title=_("Discount"), classified="internal", default=0)
    share_minor: Mapped[int] = field(title=_("Share of the whole discount"), classified="internal", default=0)
    net_minor: Mapped[int] = field(title=_("Net"), classified="internal", default=0)
    tax_minor: Mapped[int] = field(title=_("Tax"), classified="internal", default=0)
    total_minor: Mapped[int] = field(title=_("Total"), classified="internal", default=0)

    __table_args__ = (Index("ix_sales_quote_line_of", "quote_id", "position"),)


class QuotePolicy(Record):
    """What has to be approved before it is sent: quotes with less margin than ``least_margin``, or with more discount
    than ``most_discount`` (both percent), by the chain of approval of that name.

    Of several policies that a quote falls under, the one of the lowest ``position`` decides. With ``unknown_costs`` a
    quote with a line whose cost nobody knows falls under the limit of the margin, too.
    """

    __tablename__ = "sales_quote_policy"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal", default=0)
    least_margin: Mapped[Decimal | None] = field(
        ScaledDecimal(4), title=_("Margin below (percent)"), classified="internal"
    )
    most_discount: Mapped[Decimal | None] = field(
        ScaledDecimal(4), title=_("Discount above (percent)"), classified="internal"
    )
    unknown_costs: Mapped[bool] = field(title=_("Also where a cost is unknown"), classified="internal", default=True)
    chain: Mapped[str] = field(String(60), title=_("Chain of approval"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


MODELS: list[type[Any]] = [QuotePolicy, Quote, QuoteLine]
