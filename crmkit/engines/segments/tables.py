"""The tables of segments: who belonged to one and when, which are frozen, and what each run found.

Rows about customers are read through `crmkit.engines.segments.membership` alone: which segments a customer is in may
tell what is masked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.model import Access, Entry, Model, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class SegmentMember(Model):
    """An interval in which a customer belonged to a segment: from ``since`` until before ``until``, with what made it
    begin and end. Both are times of the business; ``recorded_at`` and ``closed_at`` say when crmkit wrote them."""

    __tablename__ = "crm_segment_member"
    __access__ = Access.system()

    segment: Mapped[str] = field(String(120), title=_("Segment"), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", primary_key=True)
    until: Mapped[datetime | None] = field(title=_("Until"), classified="internal")
    cause: Mapped[str] = field(String(12), title=_("Cause"), classified="internal")
    """customer (something about the customer changed) or definition (the segment did)."""
    until_cause: Mapped[str | None] = field(String(12), title=_("Cause of the end"), classified="internal")
    recorded_at: Mapped[datetime] = field(classified="internal")
    closed_at: Mapped[datetime | None] = field(classified="internal")

    __table_args__ = (
        Index("ix_crm_segment_member_open", "segment", "until", "customer_id"),
        Index("ix_crm_segment_member_customer", "customer_id"),
    )


class SegmentFreeze(Model):
    """A segment whose members stay as they are until it is thawed."""

    __tablename__ = "crm_segment_freeze"
    __access__ = Access.open(resource="definition")

    segment: Mapped[str] = field(String(120), title=_("Segment"), classified="internal", primary_key=True)
    frozen_at: Mapped[datetime] = field(title=_("Frozen at"), classified="internal")
    frozen_by: Mapped[str] = field(String(80), title=_("Frozen by"), classified="internal")
    classified: Mapped[str] = field(String(10), classified="internal")
    """The field class of what decided over the members when they were frozen."""


class SegmentRun(Entry):
    """One run that found out who belongs to a segment: how many members there are now, how many entered and
    how many are gone. ``definition`` is a hash of what decided."""

    __tablename__ = "crm_segment_run"
    __access__ = Access.system()

    segment: Mapped[str] = field(String(120), classified="internal")
    as_of: Mapped[datetime] = field(classified="internal")
    definition: Mapped[str] = field(String(64), classified="internal")
    classified: Mapped[str] = field(String(10), classified="internal")
    """The field class of what decided."""
    members: Mapped[int] = field(Integer, classified="internal")
    entered: Mapped[int] = field(Integer, classified="internal")
    gone: Mapped[int] = field(Integer, classified="internal")

    __table_args__ = (Index("ix_crm_segment_run_latest", "segment", "as_of"),)
