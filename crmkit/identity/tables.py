"""The tables of merging: each merge, and the journal of what it did to which row, by which it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.model import Access, Entry, Record, field, kernel_key
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class Merge(Record):
    """A merge of two customers. ``customer_id`` is who has their records now and follows further merges; it is null
    once that person was erased. ``survivor_id`` and ``absorbed_id`` never change.

    ``fields`` names the fields for which somebody chose; ``rows`` counts those of the journal, so that one that was cut
    off is noticed.
    """

    __tablename__ = "crm_merge"
    __access__ = Access.via("customer_id", resource="customer")
    __history__ = False

    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    survivor_id: Mapped[UUID] = field(title=_("Survivor"), classified="internal", index=True, editable=False)
    absorbed_id: Mapped[UUID] = field(title=_("Absorbed"), classified="internal", index=True, editable=False)
    absorbed_name: Mapped[str | None] = field(
        String(300), title=_("Absorbed customer"), classified="personal", editable=False
    )
    actor_id: Mapped[str] = field(String(80), title=_("By"), classified="internal", editable=False)
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="internal", editable=False)
    fields: Mapped[list[str]] = field(json_type(), classified="internal", default=list, editable=False)
    rows: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    undone_at: Mapped[datetime | None] = field(title=_("Undone at"), classified="internal", editable=False)
    undone_by: Mapped[str | None] = field(String(80), title=_("Undone by"), classified="internal", editable=False)
    undone_reason: Mapped[str | None] = field(
        String(500), title=_("Reason of the undoing"), classified="internal", editable=False
    )


class MergedRow(Entry):
    """What a merge did to one row of one table.

    ``action`` is moved (it went over to the survivor), removed (left out as the survivor has its like, or for good),
    changed, created, or pointed (one column alone was made to name the survivor). ``content`` has the row's key and,
    where there is more than the key to tell, how it stood before and after, as the database has it.
    """

    __tablename__ = "crm_merge_row"
    __access__ = Access.system()

    merge_id: Mapped[UUID] = field(ForeignKey("crm_merge.id", ondelete="CASCADE"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    position: Mapped[int] = field(Integer, classified="internal")
    table_name: Mapped[str] = field(String(63), classified="internal")
    action: Mapped[str] = field(String(8), classified="internal")
    column_name: Mapped[str | None] = field(String(63), classified="internal")
    content: Mapped[dict[str, Any]] = field(json_type(), classified="sensitive")

    __table_args__ = (Index("ix_crm_merge_row_merge", "merge_id", "position"),)
