"""The tables of the stream: interactions, their keys, purchase lines, participants, attachments, products."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, relationship

from crmkit.core.business.money import Money
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.openness import is_searchable, split_payload, without_rights
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Entry, Model, Record, field, kernel_key
from crmkit.core.store.opening import has_pending, plain
from crmkit.core.store.types import ScaledDecimal, json_type
from crmkit.i18n import texts

_ = texts("crmkit")

REGION = "_region"
"""Under this name a participant's row may say the country in which its telephone number was dialled."""


class ProductCategory(Record):
    """A category of products, in a tree."""

    __tablename__ = "crm_product_category"
    __access__ = Access.open()

    name: Mapped[str] = field(String(120), title=_("Name"), classified="public", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("crm_product_category.id", ondelete="SET NULL"), title=_("Part of"), classified="public", index=True
    )


class Product(Record):
    """A product or service that can be bought. The catalogue is thin: prices and stock live elsewhere."""

    __tablename__ = "crm_product"
    __access__ = Access.open()

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

    Subject and body are sealed unless the kind is declared searchable. Of the payload, what the kind declares as
    public, internal or personal is in ``payload_open``, and SQL can use it; everything else is in ``payload_sealed``.
    ``payload`` is both.
    """

    __tablename__ = "crm_interaction"
    __access__ = Access.via("customer_id", author="actor_id")

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
    payload_open: Mapped[dict[str, Any]] = field(
        "payload", json_type(), title=_("Details"), classified="internal", default=dict
    )
    payload_sealed: Mapped[dict[str, Any] | None] = field(json_type(), title=_("Details"), classified="sensitive")
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
    reverses_id: Mapped[UUID | None] = field(title=_("Reverses"), classified="internal")
    about_id: Mapped[UUID | None] = field(title=_("About the interaction"), classified="internal")
    """The interaction that this one is about: a refund's purchase, a reply's mail."""

    customer: Mapped[Customer | None] = relationship(Customer)
    lines: Mapped[list[PurchaseLine]] = relationship(
        order_by="PurchaseLine.line_no", cascade="all", passive_deletes=True, back_populates="interaction"
    )
    participants: Mapped[list[Participant]] = relationship(
        cascade="all", passive_deletes=True, back_populates="interaction"
    )

    __table_args__ = (
        Index("ix_crm_interaction_customer", "customer_id", "occurred_at", "id"),
        Index("ix_crm_interaction_kind", "kind", "occurred_at"),
        Index("ix_crm_interaction_thread", "thread"),
        Index("ix_crm_interaction_about", "about_id"),
    )

    @hybrid_property
    def payload(self) -> dict[str, Any]:
        """The details, as the reader may see them; in SQL those alone that are kept in plain."""
        return {**without_rights(self), **(self.payload_sealed or {})}

    @payload.inplace.setter
    def _set_payload(self, value: Mapping[str, Any]) -> None:
        # Which of them are kept in plain is known when the kind is: before the flush.
        self.payload_open = {}
        self.payload_sealed = dict(value) or None

    @payload.inplace.expression
    @classmethod
    def _payload_in_plain(cls) -> Any:
        return cls.payload_open

    def before_sealing(self, session: Any) -> None:
        """Keep in plain what the kind declares so, of a payload that was set."""
        if has_pending(self, "payload_sealed"):
            whole = {**(self.payload_open or {}), **plain(self, "payload_sealed")}
            self.payload_open, sealed = split_payload(session, self.kind, whole)
            if sealed != plain(self, "payload_sealed"):
                self.payload_sealed = sealed or None

    def text_is_open(self, session: Any) -> bool:
        """Say whether the kind is declared searchable."""
        return is_searchable(session, self.kind)

    @classmethod
    def text_row_is_open(cls, session: Any, row: Mapping[str, Any]) -> bool:
        """Say whether the kind is declared searchable."""
        return is_searchable(session, row["kind"])

    @property
    def amount(self) -> Money | None:
        """Return the amount as money, or None where there is none."""
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)


_REVERSAL = Interaction.reverses_id.is_not(None)
# Of reversals alone: SQLite would else find the interactions that are none by it, which are nearly all.
Index(
    "uq_crm_interaction_reverses_id",
    Interaction.reverses_id,
    unique=True,
    sqlite_where=_REVERSAL,
    postgresql_where=_REVERSAL,
)


class InteractionKey(Model):
    """What makes recording idempotent: a source's own id for an interaction, unique in a table of its own so that the
    stream can be partitioned by customer."""

    __tablename__ = "crm_interaction_key"
    __access__ = Access.via("interaction_id", Interaction, resource="interaction")

    source: Mapped[str] = field(String(60), classified="internal", primary_key=True)
    external_id: Mapped[str] = field(String(200), classified="internal", primary_key=True)
    interaction_id: Mapped[UUID] = field(classified="internal", index=True)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )


class PurchaseLine(Model):
    """One line of a purchase or refund. ``amount_minor`` is what the line costs, in the interaction's currency."""

    __tablename__ = "crm_purchase_line"
    __access__ = Access.via("interaction_id", resource="interaction")
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
    """Somebody who took part in an interaction: a customer, a user, or an address that nobody was found for yet.

    ``address`` is what it was written as; of ``contact_kind`` "id" it is what ``source`` calls the customer.
    """

    __tablename__ = "crm_participant"
    __access__ = Access.via("interaction_id", resource="interaction")
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
    source: Mapped[str | None] = field(String(60), title=_("Source"), classified="internal")
    address: Mapped[str | None] = field(String(1000), title=_("Address"), classified="sensitive", matchable=True)
    name: Mapped[str | None] = field(String(300), title=_("Name"), classified="personal")

    interaction: Mapped[Interaction] = relationship(back_populates="participants")

    __table_args__ = (Index("ix_crm_participant_address_token", "address_token"),)

    def sealed_for(self) -> UUID | None:
        """Return the participant's customer, or the interaction's: an address belongs to the conversation until it is
        known whose it is."""
        if self.customer_id is not None:
            return self.customer_id
        return self.interaction.customer_id or self.interaction.id

    @classmethod
    def match_form_of(cls, name: str, value: Any, row: Mapping[str, Any]) -> str | None:
        """Return the form of an address: its kind, and what equal ones have in common."""
        return address_form(row.get("contact_kind"), value, source=row.get("source"), region=row.get(REGION))


def address_form(
    contact_kind: str | None, value: str, *, source: str | None = None, region: str | None = None
) -> str | None:
    """Return the form under which equal addresses of participants are found, or None for what is no valid one."""
    if contact_kind == "id":
        return f"id\n{source}\n{value}"
    key = None if contact_kind is None else match_key(contact_kind, value, region=region)
    return None if key is None else f"{contact_kind}\n{key}"


class Attachment(Entry):
    """A file that belongs to an interaction or a customer. Its content is in the file store under ``storage_key``,
    sealed."""

    __tablename__ = "crm_attachment"
    __access__ = Access.via("customer_id", author="actor_id").and_via("interaction_id")

    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True
    )
    interaction_id: Mapped[UUID | None] = field(
        ForeignKey("crm_interaction.id", ondelete="CASCADE"), classified="internal", index=True
    )
    filename: Mapped[str] = field(String(255), title=_("File name"), classified="personal")
    media_type: Mapped[str] = field(String(120), title=_("Type"), classified="internal")
    size: Mapped[int] = field(title=_("Size (bytes)"), classified="internal")
    storage_key: Mapped[str] = field(String(200), classified="internal", unique=True)
    actor_id: Mapped[str] = field(String(80), classified="internal")
    occurred_at: Mapped[datetime] = field(classified="internal", default=system_now)
