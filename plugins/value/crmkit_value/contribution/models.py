"""The tables of contribution: margins of product categories, what contacts cost, and what winning customers cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, field, texts

_ = texts("crmkit_value")


class CategoryMargin(Record):
    """What stays of the amount of the products of a category, in percent; below nought where they are sold at a loss.

    Categories without a line, and purchases without products, go by the policy's margin.
    """

    __tablename__ = "value_category_margin"
    __access__ = Access.open(resource="value.margin")

    category: Mapped[str] = field(String(120), title=_("Category"), classified="internal", unique=True)
    percent: Mapped[Decimal] = field(ScaledDecimal(4), title=_("Margin (percent)"), classified="internal")


class ServiceCost(Record):
    """What an interaction of a kind costs: each, and for each hour that it takes, in minor units of the base
    currency."""

    __tablename__ = "value_service_cost"
    __access__ = Access.open(resource="value.service_cost")

    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", unique=True)
    contact_minor: Mapped[int] = field(title=_("Each"), classified="internal", default=0)
    hour_minor: Mapped[int] = field(title=_("An hour"), classified="internal", default=0)


class AcquisitionCost(Record):
    """What was spent from one day to another to win customers of a source, in minor units of ``currency``."""

    __tablename__ = "value_acquisition_cost"
    __access__ = Access.open(resource="value.acquisition_cost")

    source: Mapped[str] = field(String(60), title=_("Source"), classified="internal")
    first: Mapped[date] = field(title=_("From"), classified="internal")
    last: Mapped[date] = field(title=_("Until"), classified="internal")
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal")
    note: Mapped[str | None] = field(String(300), title=_("Note"), classified="internal")

    __table_args__ = (Index("ix_value_acquisition_cost_source", "source", "first"),)


MODELS: list[type[Any]] = [CategoryMargin, ServiceCost, AcquisitionCost]
