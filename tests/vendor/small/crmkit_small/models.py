"""The plugin's tables."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Record, field, texts

_ = texts("crmkit_small")


class Item(CustomerRecord):
    """Something to be done for a customer."""

    __tablename__ = "small_item"
    __access__ = Access.owned(via="customer_id")

    title: Mapped[str] = field(String(200), title=_("Title"), classified="personal")
    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="sensitive")
    due_on: Mapped[date] = field(title=_("Due on"), classified="internal")


class Part(Record):
    """A part of an item."""

    __tablename__ = "small_part"
    __access__ = Access.via("item_id")

    item_id: Mapped[UUID] = field(
        ForeignKey("small_item.id", ondelete="CASCADE"), title=_("Item"), classified="internal"
    )
    name: Mapped[str] = field(String(200), title=_("Name"), classified="internal")
