"""What customers can leave by a link, and have left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, field, kernel_key, texts

_ = texts("crmkit_messaging")

WAYS = {
    "one_click": _("One click in the mail program"),
    "page": _("On the page"),
    "mail": _("By a mail"),
}
"""How somebody left."""


class Leave(Record):
    """That a customer was told how to leave: what is sent for a purpose by a channel; and when and why it did.

    The links in messages are about one of these. ``reason`` was given freely.
    """

    __tablename__ = "messaging_leave"
    __access__ = Access.via("customer_id", resource="customer")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal", editable=False)
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal", editable=False)
    left_at: Mapped[datetime | None] = field(title=_("Left at"), classified="internal", editable=False)
    way: Mapped[str | None] = field(
        String(10), title=_("How"), classified="internal", choices=WAYS, editable=False
    )  # fmt: skip
    reason: Mapped[str | None] = field(String(1000), title=_("Why"), classified="sensitive", editable=False)

    __table_args__ = (Index("ix_messaging_leave_customer", "customer_id", "purpose", "channel"),)
