"""The tables of offers: what leads to what, what a product brings, what is not offered, and what to offer whom."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Product, Record, ScaledDecimal, field, kernel_key, texts

_ = texts("crmkit_value")

SHARE = ScaledDecimal(6)
"""How shares and lifts are kept: to six places."""
WHY = {"usual": _("What the customer buys again and again"), "pair": _("What goes with a purchase")}
"""Why a product is expected next, with titles."""


class NotOffered(Record):
    """A product that is not to be offered to anybody, and why."""

    __tablename__ = "value_not_offered"
    __access__ = Access.open(resource="value.not_offered")

    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Product"), classified="internal", unique=True
    )
    reason: Mapped[str | None] = field(String(300), title=_("Reason"), classified="internal")


class OfferedProduct(Model):
    """What was found of a product: what a purchase of it brings, and how long customers wait until they buy it again.

    ``margin_minor`` is what stays of a line on average, in minor units of the base currency. ``gap_days`` is the median
    of ``repeats`` times between two purchases by one customer, else that of the policy; who has bought it since
    ``since_at`` (UTC) is not offered it.
    """

    __tablename__ = "value_offered_product"
    __access__ = Access.open(resource="value.score")

    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Product"), classified="internal", primary_key=True
    )
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal")
    margin_minor: Mapped[int] = field(title=_("Margin"), classified="internal")
    gap_days: Mapped[int] = field(Integer, title=_("Usual gap (days)"), classified="internal")
    repeats: Mapped[int] = field(Integer, title=_("Repeats"), classified="internal")
    since_at: Mapped[datetime] = field(title=_("Not who bought since"), classified="internal")


class Pair(Model):
    """That who buys one product buys another: of ``base`` customers who bought the first, ``together`` bought both."""

    __tablename__ = "value_pair"
    __access__ = Access.open(resource="value.score")

    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Who bought"), classified="internal", primary_key=True
    )
    other_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"),
        title=_("Buys as well"),
        classified="internal",
        primary_key=True,
        index=True,
    )
    together: Mapped[int] = field(Integer, title=_("Both"), classified="internal")
    base: Mapped[int] = field(Integer, title=_("The first"), classified="internal")
    confidence: Mapped[Decimal] = field(SHARE, title=_("Confidence"), classified="internal")
    lift: Mapped[Decimal] = field(SHARE, title=_("Lift"), classified="internal")


class NextOffer(Model):
    """What to offer a customer, the best first by ``position``, because of which product that they bought.

    ``score`` is lift times margin, in minor units of the base currency; customers who do not allow it have none.
    """

    __tablename__ = "value_next_offer"
    __access__ = Access.via("customer_id", resource="value.score")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", primary_key=True
    )
    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"),
        title=_("Product"),
        classified="internal",
        primary_key=True,
        index=True,
    )
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal")
    because_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Because of"), classified="internal", index=True
    )
    together: Mapped[int] = field(Integer, title=_("Both"), classified="internal")
    base: Mapped[int] = field(Integer, title=_("The first"), classified="internal")
    lift: Mapped[Decimal] = field(SHARE, title=_("Lift"), classified="internal")
    margin_minor: Mapped[int] = field(title=_("Margin"), classified="internal")
    score: Mapped[int] = field(title=_("Lift times margin"), classified="internal")


class NextProduct(Model):
    """Which product a customer is expected to buy next: the one bought on most days (``days``, two at least), else the
    best offer."""

    __tablename__ = "value_next_product"
    __access__ = Access.via("customer_id", resource="value.score")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", primary_key=True
    )
    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"), title=_("Product"), classified="internal", index=True
    )
    why: Mapped[str] = field(String(6), title=_("Why"), classified="internal", choices=WHY)
    days: Mapped[int] = field(Integer, title=_("Days of buying it"), classified="internal")


MODELS: list[type[Any]] = [NotOffered, OfferedProduct, Pair, NextOffer, NextProduct]
