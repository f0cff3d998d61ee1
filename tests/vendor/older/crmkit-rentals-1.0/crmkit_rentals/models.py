"""The plugin's tables. Foreign keys to the kernel name the column and say what becomes of the row."""

from __future__ import annotations

from datetime import date, datetime

from crmkit import CustomerRecord, field, texts
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

_ = texts("crmkit_rentals")


class Item(CustomerRecord):
    """Something to be done for a customer: open until it is finished."""

    __tablename__ = "rentals_item"

    title: Mapped[str] = field(String(200), title=_("Title"), classified="personal", searchable=True)
    due_on: Mapped[date | None] = field(title=_("Due on"), classified="internal")
    note: Mapped[str | None] = field(String(2000), title=_("Note"), classified="sensitive")
    finished_at: Mapped[datetime | None] = field(title=_("Finished at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_rentals_item_due", "due_on", "id"),)
