"""The tables of offers: how they are found, what is bought together, what to offer whom, and what was answered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Product, Record, ScaledDecimal, field, kernel_key, texts

_ = texts("crmkit_sales")

TOGETHER = {"customer": _("By the same customer"), "basket": _("In the same purchase")}
"""What counts as bought together, with titles."""
ANSWERS = {"taken": _("Taken"), "declined": _("Declined")}
"""What customers answer to an offer, with titles."""
SHARE = ScaledDecimal(6)
"""How shares are kept: 0 to 1, to six places."""


class OfferPolicy(Record):
    """How offers are found; there is one row at most.

    Purchases of the last ``history_days`` count. A pair counts from ``least_together`` on, if at least
    ``least_confidence`` (percent) of those who bought the one bought the other, and ``least_lift`` times as many as of
    all. What a customer has bought within ``repeat_days`` is not offered, nor what was answered within ``pause_days``.
    """

    __tablename__ = "sales_offer_policy"
    __access__ = Access.open(resource="sales.offer")

    together: Mapped[str] = field(
        String(8), title=_("Bought together"), classified="internal", choices=TOGETHER, default="customer"
    )
    history_days: Mapped[int] = field(Integer, title=_("Days that are looked at"), classified="internal", default=730)
    least_together: Mapped[int] = field(Integer, title=_("Least number together"), classified="internal", default=5)
    least_confidence: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Least confidence (percent)"), classified="internal", default=Decimal(10)
    )
    least_lift: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Least lift"), classified="internal", default=Decimal("1.2")
    )
    repeat_days: Mapped[int] = field(
        Integer, title=_("Days until it is offered again after a purchase"), classified="internal", default=180
    )
    pause_days: Mapped[int] = field(
        Integer, title=_("Days until it is offered again after an answer"), classified="internal", default=90
    )
    per_customer: Mapped[int] = field(Integer, title=_("Offers for each customer"), classified="internal", default=3)
    built_at: Mapped[datetime | None] = field(title=_("Found at"), classified="internal", editable=False)


class Affinity(Model):
    """That who buys one product buys another: of ``base`` who bought ``product_id``, ``together`` bought ``other_id``
    too. ``confidence`` is that share, ``lift`` how many times it is the share among all."""

    __tablename__ = "sales_affinity"
    __access__ = Access.open(resource="sales.offer")

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
    other_base: Mapped[int] = field(Integer, title=_("The second"), classified="internal")
    confidence: Mapped[Decimal] = field(SHARE, title=_("Confidence"), classified="internal")
    lift: Mapped[Decimal] = field(SHARE, title=_("Lift"), classified="internal")


class NextOffer(Model):
    """What to offer a customer, the best first by ``position``, and because of which product that was bought."""

    __tablename__ = "sales_next_offer"
    __access__ = Access.via("customer_id", resource="sales.offer")

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
    confidence: Mapped[Decimal] = field(SHARE, title=_("Confidence"), classified="internal")
    lift: Mapped[Decimal] = field(SHARE, title=_("Lift"), classified="internal")


class OfferAnswer(Record):
    """What a customer answered to an offer; until ``until`` it is not made again."""

    __tablename__ = "sales_offer_answer"
    __access__ = Access.via("customer_id", resource="sales.offer")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    product_id: Mapped[UUID] = field(
        kernel_key(Product.id, ondelete="CASCADE"),
        title=_("Product"),
        classified="internal",
        index=True,
        editable=False,
    )
    because_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Because of"), classified="internal", editable=False
    )
    answer: Mapped[str] = field(String(8), title=_("Answer"), classified="internal", choices=ANSWERS, editable=False)
    note: Mapped[str | None] = field(String(1000), title=_("Note"), classified="text", editable=False)
    answered_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    until: Mapped[date] = field(title=_("Not again until"), classified="internal", editable=False)

    __table_args__ = (Index("ix_sales_offer_answer_until", "customer_id", "product_id", "until"),)


MODELS: list[type[Any]] = [OfferPolicy, Affinity, NextOffer, OfferAnswer]
