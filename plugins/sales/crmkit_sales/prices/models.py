"""The tables of prices: lists with what they are for, prices by quantity and day, and what products cost.

What a product costs is a table of its own, as a right of its own shows it: who sells need not know it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Product, Record, ScaledDecimal, field, kernel_key, texts

_ = texts("crmkit_sales")

QUANTITY = ScaledDecimal(4)
"""How quantities are kept: to four places, as the lines of purchases are."""
RATE = ScaledDecimal(4)
"""How percentages are kept."""


class PriceList(Record):
    """Prices in one currency, for the customers for whom ``condition`` holds, an expression over facts; empty: for all.

    It holds from ``valid_from`` to ``valid_to``, both days included, as far as they are given. Of several lists the one
    of the highest ``priority`` that has a price for a product counts, of equal ones the first by name.
    """

    __tablename__ = "sales_price_list"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="public", editable=False)
    tax_included: Mapped[bool] = field(title=_("Prices include tax"), classified="public", default=False)
    valid_from: Mapped[date | None] = field(title=_("Valid from"), classified="public")
    valid_to: Mapped[date | None] = field(title=_("Valid to"), classified="public")
    condition: Mapped[str] = field(String(2000), title=_("For customers where"), classified="internal", default="")
    priority: Mapped[int] = field(Integer, title=_("Priority"), classified="internal", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)


class Price(Record):
    """What one unit of a product costs in a list, in minor units of its currency, from a quantity on.

    Of several prices the one of the largest ``from_quantity`` that is reached counts; of equal ones the one that is
    valid since the latest day.
    """

    __tablename__ = "sales_price"
    __access__ = Access.open(resource="sales.price_list")

    list_id: Mapped[UUID] = field(
        ForeignKey(PriceList.id, ondelete="CASCADE"), title=_("Price list"), classified="public", editable=False
    )
    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"),
        title=_("Product"),
        classified="public",
        index=True,
        editable=False,
    )
    unit: Mapped[str] = field(String(20), title=_("Unit"), classified="public", default="")
    from_quantity: Mapped[Decimal] = field(
        QUANTITY, title=_("From a quantity of"), classified="public", default=Decimal(0)
    )
    unit_price_minor: Mapped[int] = field(title=_("Unit price"), classified="public")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="public", editable=False)
    """The list's, beside the amount."""
    valid_from: Mapped[date | None] = field(title=_("Valid from"), classified="public")
    valid_to: Mapped[date | None] = field(title=_("Valid to"), classified="public")

    __table_args__ = (Index("ix_sales_price_list_product", "list_id", "product_id"),)


class ProductCost(Record):
    """What one unit of a product costs the company from a day on, in minor units."""

    __tablename__ = "sales_cost"
    __access__ = Access.via("product_id", resource="sales.cost")

    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Product"), classified="internal", editable=False
    )
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    valid_from: Mapped[date] = field(title=_("Valid from"), classified="internal", editable=False)
    cost_minor: Mapped[int] = field(title=_("Cost of one"), classified="internal")

    __table_args__ = (UniqueConstraint("product_id", "currency", "valid_from"),)


MODELS: list[type[Any]] = [PriceList, Price, ProductCost]
