"""The tables of scores: of each customer as it was measured last, and of groups in the course of time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, ScaledDecimal, User, field, json_type, kernel_key, texts

_ = texts("crmkit_quality")


def _share(title: str) -> Any:
    return field(ScaledDecimal(6), title=title, classified="internal", editable=False)


class CustomerScore(Record):
    """The quality of one customer's data, as it was measured last; shares from 0 to 1. ``cells`` has by field and
    aspect what was measured. It is seen by whom the customer is."""

    __tablename__ = "quality_score"
    __access__ = Access.via("customer_id")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", unique=True
    )
    source: Mapped[str] = field(String(120), title=_("Source"), classified="internal", default="", editable=False)
    """How the customer came; where that is not said, the system that it was taken over from."""
    score: Mapped[Decimal | None] = _share(_("Score"))
    completeness: Mapped[Decimal | None] = _share(_("Completeness"))
    validity: Mapped[Decimal | None] = _share(_("Validity"))
    uniqueness: Mapped[Decimal | None] = _share(_("Uniqueness"))
    consistency: Mapped[Decimal | None] = _share(_("Consistency"))
    timeliness: Mapped[Decimal | None] = _share(_("Timeliness"))
    violations: Mapped[int] = field(Integer, title=_("Violations"), classified="internal", default=0, editable=False)
    errors: Mapped[int] = field(Integer, title=_("Errors"), classified="internal", default=0, editable=False)
    cells: Mapped[dict[str, Any]] = field(
        json_type(), title=_("By field"), classified="internal", default=dict, editable=False
    )
    checked_at: Mapped[datetime] = field(title=_("Checked at"), classified="internal", editable=False)


class QualityFigure(Record):
    """One line of the history of scores: of a group of customers (all, those of an owner, of a source), as a whole or
    in one field, as it was at an instant. Those of an owner are the owner's to see; the others are for whoever sees
    everything."""

    __tablename__ = "quality_figure"
    __access__ = Access.owned()
    __history__ = False

    measured_at: Mapped[datetime] = field(title=_("Measured at"), classified="internal", editable=False)
    grouping: Mapped[str] = field(String(8), title=_("Grouping"), classified="internal", editable=False)
    """all, owner or source."""
    key: Mapped[str] = field(String(120), title=_("Group"), classified="internal", default="", editable=False)
    """The source; empty for the other groupings, and for customers without one."""
    about: Mapped[str] = field(String(120), title=_("Field"), classified="internal", default="", editable=False)
    """The field; empty for the whole."""
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(title=_("Team"), classified="internal", editable=False)
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal", editable=False)
    violations: Mapped[int] = field(Integer, title=_("Violations"), classified="internal", default=0, editable=False)
    score: Mapped[Decimal | None] = _share(_("Score"))
    completeness: Mapped[Decimal | None] = _share(_("Completeness"))
    validity: Mapped[Decimal | None] = _share(_("Validity"))
    uniqueness: Mapped[Decimal | None] = _share(_("Uniqueness"))
    consistency: Mapped[Decimal | None] = _share(_("Consistency"))
    timeliness: Mapped[Decimal | None] = _share(_("Timeliness"))

    __table_args__ = (Index("ix_quality_figure_measured", "measured_at", "grouping", "about"),)
