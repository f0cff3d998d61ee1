"""The tables of contracts: what is agreed with a source, and when it was broken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, Team, User, field, json_type, kernel_key, texts

_ = texts("crmkit_quality")

STATES = {"active": _("Taken in"), "stopped": _("Stopped")}
"""What the feed of a source can be, with titles."""
RESOURCES = {
    "customers": _("Customers"),
    "interactions": _("Interactions"),
    "purchases": _("Purchases"),
    "products": _("Products"),
}
"""What a source can send, with titles."""
KINDS = {
    "schema": _("Headings are missing"),
    "rows": _("Too few rows"),
    "invalid": _("Too many invalid rows"),
    "duplicates": _("Too many duplicates"),
    "late": _("The feed is late"),
    "manual": _("Stopped by hand"),
}
"""How a contract can be broken, with titles."""
BREACH_STATES = {"open": _("Open"), "done": _("Done")}
"""What the work on a breach can be, with titles."""


def _names(title: str) -> Any:
    return field(json_type(), title=title, classified="internal", default=list)


class SourceContract(Record):
    """What is agreed with a source, and whether it is taken in.

    ``required`` are fields that every row has, ``headings`` those that the file has; ``types`` says of fields what they
    hold (``field: type``); ``conditions`` are expressions over the fields of a row. Shares are from 0 to 1. ``fed_at``
    is when something was taken in last (UTC), ``fed_rows`` how much it was.
    """

    __tablename__ = "quality_contract"
    __access__ = Access.owned()

    source: Mapped[str] = field(String(120), title=_("Source"), classified="internal", unique=True, editable=False)
    resource: Mapped[str] = field(
        String(20), title=_("What it sends"), classified="internal", choices=RESOURCES, default="customers"
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    required: Mapped[list[str]] = _names(_("Required fields"))
    headings: Mapped[list[str]] = _names(_("Headings that must be there"))
    types: Mapped[dict[str, Any]] = field(json_type(), title=_("Types"), classified="internal", default=dict)
    conditions: Mapped[list[str]] = _names(_("Conditions on each row"))
    max_invalid: Mapped[float] = field(
        Float, title=_("Largest share of invalid rows"), classified="internal", default=0.0
    )
    max_duplicates: Mapped[float] = field(
        Float, title=_("Largest share of duplicates"), classified="internal", default=1.0
    )
    min_rows: Mapped[int] = field(Integer, title=_("Fewest rows"), classified="internal", default=1)
    max_age_hours: Mapped[int | None] = field(Integer, title=_("Late after (hours)"), classified="internal")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="active", editable=False
    )
    stopped_at: Mapped[datetime | None] = field(title=_("Stopped at"), classified="internal", editable=False)
    fed_at: Mapped[datetime | None] = field(title=_("Last taken in"), classified="internal", editable=False)
    fed_rows: Mapped[int | None] = field(Integer, title=_("Rows taken in"), classified="internal", editable=False)


class ContractBreach(Record):
    """That a contract was broken: a piece of work for the contract's owner, who finds out why and releases the source.

    ``findings`` are texts with their values, none of which is personal: counts, shares, names of fields.
    """

    __tablename__ = "quality_breach"
    __access__ = Access.owned()

    contract_id: Mapped[UUID] = field(
        ForeignKey("quality_contract.id", ondelete="CASCADE"),
        title=_("Contract"),
        classified="internal",
        index=True,
        editable=False,
    )
    source: Mapped[str] = field(String(120), title=_("Source"), classified="internal", editable=False)
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    file_name: Mapped[str] = field(String(255), title=_("File"), classified="internal", default="", editable=False)
    findings: Mapped[list[Any]] = field(
        json_type(), title=_("What was found"), classified="internal", default=list, editable=False
    )
    happened_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    due_on: Mapped[date] = field(title=_("Due on"), classified="internal")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=BREACH_STATES, default="open", editable=False
    )
    done_at: Mapped[datetime | None] = field(title=_("Done at"), classified="internal", editable=False)
    resolution: Mapped[str | None] = field(
        String(500), title=_("What was done"), classified="sensitive", editable=False
    )

    __table_args__ = (Index("ix_quality_breach_open", "state", "due_on", "id"),)
