"""The tables of the business's own settings: one row of settings, dated currency rates, option lists, custom fields and
required fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit.core.store.model import Access, Record, field
from crmkit.core.store.types import ScaledDecimal, json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class Business(Record):
    """The settings of the business. There is one row; the kernel's first migration does not make it, `configure`
    does."""

    __tablename__ = "crm_business"
    __access__ = Access.open(resource="business")

    singleton: Mapped[int] = field(Integer, classified="internal", unique=True, default=1, editable=False)
    name: Mapped[str] = field(String(200), title=_("Name"), classified="public")
    base_currency: Mapped[str] = field(String(3), title=_("Base currency"), classified="public")
    zone: Mapped[str] = field(String(60), title=_("Time zone"), classified="public")
    country: Mapped[str | None] = field(String(2), title=_("Country"), classified="public")
    province: Mapped[str | None] = field(String(120), title=_("Province"), classified="public")
    city: Mapped[str | None] = field(String(120), title=_("City"), classified="public")
    fiscal_year_start: Mapped[int] = field(
        Integer, title=_("First month of the fiscal year"), classified="public", default=1
    )
    language: Mapped[str] = field(String(10), title=_("Language"), classified="public", default="en")
    accent: Mapped[str | None] = field(String(7), title=_("Accent colour"), classified="public")
    """Colour of public pages, as ``#rrggbb``."""
    logo: Mapped[str | None] = field(Text(), title=_("Logo"), classified="public")
    """A picture of at most 12 kB as a ``data:`` address, shown on public pages."""


class CurrencyRate(Record):
    """What one unit of a currency was worth in another from a day on."""

    __tablename__ = "crm_currency_rate"
    __access__ = Access.open(resource="business")

    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="public")
    base: Mapped[str] = field(String(3), title=_("In the currency"), classified="public")
    valid_from: Mapped[date] = field(title=_("From"), classified="public")
    rate: Mapped[Decimal] = field(ScaledDecimal(10), title=_("Rate"), classified="public")

    __table_args__ = (UniqueConstraint("currency", "base", "valid_from"),)


class Option(Record):
    """One value of an option list that an admin edits: sources, industries, occupations, kinds of relationships …"""

    __tablename__ = "crm_option"
    __access__ = Access.open(resource="business")

    list_name: Mapped[str] = field(String(60), title=_("List"), classified="public")
    value: Mapped[str] = field(String(120), title=_("Value"), classified="public")
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)

    __table_args__ = (UniqueConstraint("list_name", "value"),)


class CustomField(Record):
    """A field that an admin added to a resource at run time. Its values live in the records' ``custom`` column."""

    __tablename__ = "crm_custom_field"
    __access__ = Access.open(resource="business")

    resource: Mapped[str] = field(String(60), title=_("Resource"), classified="public")
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public")
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    type: Mapped[str] = field(String(12), title=_("Type"), classified="public")
    options: Mapped[list[str]] = field(json_type(), title=_("Options"), classified="public", default=list)
    field_class: Mapped[str] = field(String(10), title=_("Field class"), classified="public", default="sensitive")
    required: Mapped[bool] = field(title=_("Required"), classified="public", default=False)
    position: Mapped[int] = field(Integer, title=_("Position"), classified="public", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)

    __table_args__ = (UniqueConstraint("resource", "name"),)


class RequiredField(Record):
    """A built-in field that an admin made required, or whose option list an admin enforces."""

    __tablename__ = "crm_required_field"
    __access__ = Access.open(resource="business")

    resource: Mapped[str] = field(String(60), title=_("Resource"), classified="public")
    name: Mapped[str] = field(String(60), title=_("Field"), classified="public")

    __table_args__ = (Index("uq_crm_required_field_resource_name", "resource", "name", unique=True),)
