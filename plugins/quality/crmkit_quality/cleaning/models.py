"""The tables of cleaning: each run, and what it changed of whom, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Record, Team, User, field, json_type, kernel_key, texts

_ = texts("crmkit_quality")

STATES = {"running": _("Running"), "done": _("Done"), "undone": _("Taken back")}
"""What a cleaning can be, with titles."""


class Cleaning(Record):
    """One cleaning: by whom, with which cleaners, of which customers, and how much was changed."""

    __tablename__ = "quality_cleaning"
    __access__ = Access.owned()

    cleaners: Mapped[list[str]] = field(
        json_type(), title=_("Cleaners"), classified="internal", default=list, editable=False
    )
    where: Mapped[str] = field(
        String(4000), title=_("Customers for whom"), classified="internal", default="", editable=False
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="running", editable=False
    )
    looked_at: Mapped[int] = field(
        Integer, title=_("Customers looked at"), classified="internal", default=0, editable=False
    )
    changed: Mapped[int] = field(
        Integer, title=_("Customers changed"), classified="internal", default=0, editable=False
    )
    refused: Mapped[int] = field(
        Integer, title=_("Customers that could not be changed"), classified="internal", default=0, editable=False
    )
    counts: Mapped[dict[str, Any]] = field(
        json_type(), title=_("By cleaner"), classified="internal", default=dict, editable=False
    )
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    kept: Mapped[int] = field(
        Integer, title=_("Values kept when it was taken back"), classified="internal", default=0, editable=False
    )


class CleaningChange(Record):
    """What a cleaning changed of one field of a customer: the value before and after. It is as guarded as the field
    itself: those of contact points are sealed under the customer's key, in columns of their own."""

    __tablename__ = "quality_cleaning_change"
    __access__ = Access.via("customer_id")
    __history__ = False

    cleaning_id: Mapped[UUID] = field(
        ForeignKey("quality_cleaning.id", ondelete="CASCADE"), title=_("Cleaning"), classified="internal"
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    about: Mapped[str] = field(String(120), title=_("Field"), classified="internal", editable=False)
    contact_point_id: Mapped[UUID | None] = field(Id, classified="internal", editable=False)
    before: Mapped[str | None] = field(String(1000), title=_("Before"), classified="personal", editable=False)
    after: Mapped[str | None] = field(String(1000), title=_("After"), classified="personal", editable=False)
    point_before: Mapped[str | None] = field(
        String(1000), title=_("Contact point before"), classified="sensitive", editable=False
    )
    point_after: Mapped[str | None] = field(
        String(1000), title=_("Contact point after"), classified="sensitive", editable=False
    )
    undone: Mapped[bool] = field(title=_("Taken back"), classified="internal", default=False, editable=False)

    __table_args__ = (Index("ix_quality_cleaning_change_of", "cleaning_id", "customer_id"),)
