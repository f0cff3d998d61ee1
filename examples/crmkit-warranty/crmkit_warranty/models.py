"""The plugin's tables. Foreign keys to the kernel name the column and say what becomes of the row."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from crmkit import Access, Customer, CustomerRecord, Product, Record, field, kernel_key, texts
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

_ = texts("crmkit_warranty")

STATES = {"active": _("Active"), "claimed": _("Claimed"), "closed": _("Closed")}
"""What a warranty may be, with titles."""


class Terms(Record):
    """Terms of warranty that a warranty can be registered under."""

    __tablename__ = "warranty_terms"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True)
    months: Mapped[int] = field(Integer, title=_("Months"), classified="public")


class Warranty(CustomerRecord):
    """A warranty on one thing that a customer bought."""

    __tablename__ = "warranty_warranty"

    serial: Mapped[str] = field(
        String(60), title=_("Serial number"), classified="internal", searchable=True, unique=True
    )
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    starts_on: Mapped[date] = field(title=_("Starts on"), classified="internal")
    expires_on: Mapped[date] = field(title=_("Expires on"), classified="internal")
    status: Mapped[str] = field(String(8), title=_("Status"), classified="internal", choices=STATES, default="active")
    """active, claimed while a claim is open, or closed."""
    defect: Mapped[str | None] = field(String(1000), title=_("Defect"), classified="sensitive")
    """What the open claim is about, in the customer's words."""
    receipt: Mapped[str | None] = field(
        String(60), title=_("Receipt number"), classified="sensitive", matchable=True, editable=False
    )
    """Of the purchase. It is sealed, and found by its whole number alone."""
    claims: Mapped[int] = field(Integer, title=_("Claims"), classified="internal", default=0)
    reminded_on: Mapped[date | None] = field(title=_("Reminded on"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_warranty_warranty_expires", "expires_on", "id"),
        Index("ix_warranty_warranty_receipt", "receipt_token"),
    )


class Claim(Record):
    """A claim on a warranty: opened once, settled once."""

    __tablename__ = "warranty_claim"
    __access__ = Access.via("warranty_id")

    warranty_id: Mapped[UUID] = field(
        ForeignKey("warranty_warranty.id", ondelete="CASCADE"), title=_("Warranty"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    opened_on: Mapped[date] = field(title=_("Opened on"), classified="internal")
    defect: Mapped[str] = field(String(1000), title=_("Defect"), classified="sensitive")
    settled_on: Mapped[date | None] = field(title=_("Settled on"), classified="internal")
