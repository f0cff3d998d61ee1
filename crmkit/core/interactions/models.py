"""The tables of the stream: interactions, their keys, purchase lines, participants, attachments, products."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, relationship

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Entry, Model, Record, field, kernel_key
from crmkit.core.store.types import ScaledDecimal, json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class ProductCategory(Record):
    """A category of products, in a tree."""

    __tablename__ = "crm_product_category"

    name: Mapped[str] = field(String(120), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("crm_product_category.id", ondelete="SET NULL"), title=_("Part of"), classified="public", index=True
    )


class Product(Record):
    """A product or service that can be bought. The catalogue is thin: prices and stock live elsewhere."""

    __tablename__ = "crm_product"

    sku: Mapped[str] = field(String(120), title=_("SKU"), classified="public", unique=True)
    title: Mapped[str] = field(String(300), title=_("Title"), classified="public", searchable=True)
    category_id: Mapped[UUID | None] = field(
        ForeignKey("crm_product_category.id", ondelete="SET NULL"), title=_("Category"), classified="public", index=True
    )
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="public", default="main")
    """main, addon or new."""
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)

    category: Mapped[ProductCategory | None] = relationship(ProductCategory)


class Interaction(Entry):
    """Something that happened between the business and a customer.

    ``occurred_at`` is when it happened, ``recorded_at`` when crmkit learnt of it. It may come before its customer is
    known. Nothing is edited: a correction is a reversal, whose ``reverses_id`` names what it reverses.
    """

    __tablename__ = "crm_interaction"

    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal")
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal")
    direction: Mapped[str] = field(String(8), title=_("Direction"), classified="internal")
    """in, out or internal."""
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    occurred_at: Mapped[datetime] = field(title=_("When"), classified="internal")
    actor_id: Mapped[str] = field(String(80), classified="internal")
    subject: Mapped[str | None] = field(String(500), title=_("Subject"), classified="text")
    body: Mapped[str | None] = field(String, title=_("Text"), classified="text")
    payload: Mapped[dict[str, Any]] = field(json_type(), title=_("Details"), classified="sensitive", default=dict)
    amount_minor: Mapped[int | None] = field(title=_("Amount"), classified="internal")
    """In minor units; a refund's amount is positive, a reversal's the negative of what it reverses."""
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    duration: Mapped[int | None] = field(Integer, title=_("Duration (seconds)"), classified="internal")
    outcome: Mapped[str | None] = field(String(60), title=_("Outcome"), classified="internal")
    thread: Mapped[str | None] = field(String(200), title=_("Thread"), classified="internal")
    visibility: Mapped[str] = field(String(12), title=_("Visibility"), classified="internal", default="all")
    """private, participants, team or all."""
    source: Mapped[str | None] = field(String(60), title=_("Source"), classified="internal")
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal")
    reverses_id: Mapped[UUID | None] = field(title=_("Reverses"), classified="internal", unique=True)
    about_id: Mapped[UUID | None] = field(title=_("About the interaction"), classified="internal")
    """The interaction that this one is about: a refund's purchase, a reply's mail."""

    customer: Mapped[Customer | None] = relationship(Customer)
    lines: Mapped[list[PurchaseLine]] = relationship(
        order_by="PurchaseLine.line_no", cascade="all", passive_deletes=True, back_populates="interaction"
    )
    participants: Mapped[list[Participant]] = relationship(cascade="all", passive_deletes=True)

    __table_args__ = (
        Index("ix_crm_interaction_customer", "customer_id", "occurred_at", "id"),
        Index("ix_crm_interaction_kind", "kind", "occurred_at"),
        Index("ix_crm_interaction_thread", "thread"),
        Index("ix_crm_interaction_about", "about_id"),
    )

    @property
    def amount(self) -> Money | None:
        """Return the amount as money, or None where there is none."""
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)


class InteractionKey(Model):
    """What makes recording idempotent: a source's own id for an interaction, unique in a table of its own so that the
    stream can be partitioned by customer."""

    __tablename__ = "crm_interaction_key"

    source: Mapped[str] = field(String(60), classified="internal", primary_key=True)
    external_id: Mapped[str] = field(String(200), classified="internal", primary_key=True)
    interaction_id: Mapped[UUID] = field(classified="internal", index=True)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )


class PurchaseLine(Model):
    """One line of a purchase or refund. ``amount_minor`` is what the line costs, in the interaction's currency."""

    __tablename__ = "crm_purchase_line"
    __append_only__ = True

    interaction_id: Mapped[UUID] = field(
        ForeignKey("crm_interaction.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    line_no: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )
    product_id: Mapped[UUID | None] = field(
        ForeignKey("crm_product.id", ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    description: Mapped[str | None] = field(String(500), title=_("Description"), classified="internal")
    quantity: Mapped[Decimal] = field(ScaledDecimal(4), title=_("Quantity"), classified="internal")
    unit_price: Mapped[Decimal | None] = field(ScaledDecimal(6), title=_("Unit price"), classified="internal")
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal")

    interaction: Mapped[Interaction] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship(Product)


class Participant(Entry):
    """Somebody who took part in an interaction: a customer, a user, or an address that nobody was found for yet."""

    __tablename__ = "crm_participant"
    __append_only__ = False

    interaction_id: Mapped[UUID] = field(
        ForeignKey("crm_interaction.id", ondelete="CASCADE"), classified="internal", index=True
    )
    role: Mapped[str] = field(String(20), title=_("Role"), classified="internal")
    """from, to, cc, caller, attendee …"""
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    user_id: Mapped[UUID | None] = field(title=_("User"), classified="internal")
    contact_kind: Mapped[str | None] = field(String(10), classified="internal")
    address: Mapped[str | None] = field(String(1000), title=_("Address"), classified="sensitive")
    match_key: Mapped[str | None] = field(String(1000), classified="sensitive", index=True)
    name: Mapped[str | None] = field(String(300), title=_("Name"), classified="personal")


class Attachment(Entry):
    """A file that belongs to an interaction or a customer. Its content is in the file store under ``storage_key``."""

    __tablename__ = "crm_attachment"

    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )
    interaction_id: Mapped[UUID | None] = field(
        ForeignKey("crm_interaction.id", ondelete="CASCADE"), classified="internal", index=True
    )
    filename: Mapped[str] = field(String(255), title=_("File name"), classified="personal")
    media_type: Mapped[str] = field(String(120), title=_("Type"), classified="internal")
    size: Mapped[int] = field(title=_("Size (bytes)"), classified="internal")
    sha256: Mapped[str] = field(String(64), classified="internal")
    storage_key: Mapped[str] = field(String(200), classified="internal", unique=True)
    actor_id: Mapped[str] = field(String(80), classified="internal")
    occurred_at: Mapped[datetime] = field(classified="internal", default=system_now)
