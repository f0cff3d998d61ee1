"""The tables of promotions: what they say, version by version, codes of their own, and what they were used for.

A promotion that was published is never changed: a new version of the same name takes its place. How often one was used
counts over all versions of its name.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Record, ScaledDecimal, field, json_type, texts
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.promotions.words import KINDS, STATES

_ = texts("crmkit_loyalty")


class Promotion(Record):
    """A version of a promotion. Amounts are in minor units of the base currency; ``minimum_minor`` is before tax.

    ``number`` is the code that is given for it, None for one that needs none; ``own_codes`` says that it has codes of
    its own instead, each of which is used once. ``used`` counts orders; ``most`` and ``most_each`` are how many there
    may be, and of one customer.
    """

    __tablename__ = "loyalty_promotion"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", editable=False)
    version_no: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="draft", editable=False
    )
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    kind: Mapped[str] = field(String(7), title=_("Kind"), classified="internal", choices=KINDS)
    percent: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Percent off"), classified="internal", default=Decimal(0)
    )
    amount_minor: Mapped[int] = field(title=_("Amount off"), classified="internal", default=0)
    buy: Mapped[int] = field(Integer, title=_("So many bought"), classified="internal", default=0)
    get: Mapped[int] = field(Integer, title=_("So many free"), classified="internal", default=0)
    gift: Mapped[str | None] = field(String(120), title=_("SKU of the free item"), classified="internal")
    added: Mapped[bool] = field(title=_("Free items come on top"), classified="internal", default=True)
    skus: Mapped[list[str]] = field(json_type(), title=_("SKUs"), classified="internal", default=list)
    categories: Mapped[list[str]] = field(json_type(), title=_("Categories"), classified="internal", default=list)
    minimum_minor: Mapped[int] = field(title=_("From an order of, before tax"), classified="internal", default=0)
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    number: Mapped[str | None] = field(String(60), title=_("Code"), classified="internal")
    own_codes: Mapped[bool] = field(title=_("Codes of its own, each used once"), classified="internal", default=False)
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal", default=100)
    stack: Mapped[str | None] = field(String(60), title=_("Only the best of"), classified="internal")
    last: Mapped[bool] = field(title=_("No promotion after it"), classified="internal", default=False)
    since: Mapped[date | None] = field(title=_("From"), classified="internal")
    until: Mapped[date | None] = field(title=_("Until"), classified="internal")
    most: Mapped[int | None] = field(Integer, title=_("At most for so many orders"), classified="internal")
    most_each: Mapped[int | None] = field(Integer, title=_("At most for each customer"), classified="internal")
    used: Mapped[int] = field(Integer, title=_("Used"), classified="internal", default=0, editable=False)
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="internal", editable=False)
    retired_at: Mapped[datetime | None] = field(title=_("Retired at"), classified="internal", editable=False)

    __table_args__ = (
        Index("uq_loyalty_promotion_version", "program_id", "name", "version_no", unique=True),
        Index("ix_loyalty_promotion_state", "program_id", "state"),
    )


class PromotionCode(Record):
    """A code of a promotion's own, used once; ``use_id`` is what for."""

    __tablename__ = "loyalty_promotion_code"
    __access__ = Access.open(resource="loyalty.promotion")
    __history__ = False

    program_id: Mapped[UUID] = field(ForeignKey(Program.id, ondelete="CASCADE"), classified="internal", editable=False)
    promotion: Mapped[str] = field(String(60), title=_("Promotion"), classified="internal", editable=False)
    number: Mapped[str] = field(String(20), title=_("Code"), classified="internal", unique=True, editable=False)
    used_ref: Mapped[str | None] = field(String(160), title=_("Used for"), classified="internal", editable=False)


class PromotionUse(CustomerRecord):
    """That an order of a customer used a promotion; ``returned_at`` where the order was cancelled or brought back.
    ``ref`` is the order; ``interaction_id`` its purchase, where that is known."""

    __tablename__ = "loyalty_promotion_use"

    program_id: Mapped[UUID] = field(ForeignKey(Program.id, ondelete="RESTRICT"), classified="internal", editable=False)
    promotion_id: Mapped[UUID] = field(
        ForeignKey(Promotion.id, ondelete="RESTRICT"),
        title=_("Promotion"),
        classified="internal",
        index=True,
        editable=False,
    )
    promotion: Mapped[str] = field(String(60), title=_("Promotion"), classified="internal", editable=False)
    ref: Mapped[str] = field(String(160), title=_("Order"), classified="internal", editable=False)
    interaction_id: Mapped[UUID | None] = field(title=_("Interaction"), classified="internal", index=True)
    number: Mapped[str | None] = field(String(60), title=_("Code"), classified="internal", editable=False)
    discount_minor: Mapped[int] = field(title=_("Discount"), classified="internal", default=0, editable=False)
    free: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Free items"), classified="internal", default=Decimal(0), editable=False
    )
    used_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    returned_at: Mapped[datetime | None] = field(title=_("Given back at"), classified="internal", editable=False)

    __table_args__ = (
        Index("uq_loyalty_promotion_use_ref", "program_id", "ref", "promotion", unique=True),
        Index("ix_loyalty_promotion_use_customer", "customer_id", "promotion"),
    )


MODELS: list[type[Any]] = [Promotion, PromotionCode, PromotionUse]
