"""The tables of this room: pairs, searches, what searches have learnt, and the index that is looked into at entry.

A pair may stand in either order once a merge has moved it to the surviving customer, and beside another of the same
two; whoever reads pairs takes them so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, relationship

from crmkit import Access, Customer, Model, Record, field, json_type, kernel_key, texts

_ = texts("crmkit_quality")

OPEN, DEFERRED, DISTINCT, MERGED = "open", "deferred", "distinct", "merged"
STATES = {OPEN: _("Open"), DEFERRED: _("Later"), DISTINCT: _("Not duplicates"), MERGED: _("Merged")}
BANDS = {"automatic": _("Clear"), "review": _("To be looked at")}
RUNS = {
    "waiting": _("Waiting"),
    "running": _("Running"),
    "stopping": _("Being stopped"),
    "done": _("Done"),
    "stopped": _("Stopped"),
    "failed": _("Failed"),
}
KINDS = {"full": _("All customers"), "changed": _("Changed customers")}
UNDER_WAY = ("waiting", "running", "stopping")


class Pair(Record):
    """Two customers that are probably one, and what was decided about them.

    ``weight`` is in bits, ``probability`` from 0 to 1; ``evidence`` has an entry for each comparison with its level and
    its weight. Who may see both customers may see it.
    """

    __tablename__ = "quality_pair"
    __access__ = Access.via("first_id").and_via("second_id")
    __history__ = False

    first_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("First"), classified="internal", index=True, editable=False
    )
    second_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Second"),
        classified="internal",
        index=True,
        editable=False,
    )
    probability: Mapped[float] = field(Float, title=_("Probability"), classified="internal", editable=False)
    weight: Mapped[float] = field(Float, title=_("Weight"), classified="internal", editable=False)
    band: Mapped[str] = field(String(12), title=_("Band"), classified="internal", choices=BANDS, editable=False)
    conflict: Mapped[bool] = field(title=_("Contradiction"), classified="internal", default=False, editable=False)
    gain: Mapped[float] = field(Float, title=_("Worth a look"), classified="internal", default=0.0, editable=False)
    """How much is learnt by looking: the uncertainty in bits, times how much the two have brought."""
    evidence: Mapped[list[Any]] = field(
        json_type(), title=_("Evidence"), classified="internal", default=list, editable=False
    )
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default=OPEN, editable=False
    )
    decided_by: Mapped[str | None] = field(String(80), title=_("Decided by"), classified="internal", editable=False)
    decided_at: Mapped[datetime | None] = field(title=_("Decided at"), classified="internal", editable=False)
    reason: Mapped[str | None] = field(String(500), title=_("Why"), classified="sensitive", editable=False)

    __table_args__ = (Index("ix_quality_pair_queue", "state", "gain", "id"),)


class MergeNote(Record):
    """A merge that was decided here, so that it can be listed and undone: which one it is in the kernel's journal."""

    __tablename__ = "quality_merge"
    __access__ = Access.via("customer_id", resource="quality.pair")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    merge_id: Mapped[UUID] = field(title=_("Merge"), classified="internal", unique=True)
    pair_id: Mapped[UUID | None] = field(title=_("Pair"), classified="internal", index=True)
    automatic: Mapped[bool] = field(title=_("Automatic"), classified="internal", default=False)

    customer: Mapped[Customer] = relationship(Customer, foreign_keys=[customer_id])


class Search(Record):
    """A search for duplicates over all customers, or over those that have changed since the last one.

    Its figures count pairs that a reader may not see: they are shown to who sees all customers alone.
    """

    __tablename__ = "quality_search"
    __access__ = Access.system()
    __history__ = False

    kind: Mapped[str] = field(String(8), title=_("Which customers"), classified="internal", choices=KINDS)
    state: Mapped[str] = field(String(10), title=_("State"), classified="internal", choices=RUNS, default="waiting")
    done: Mapped[int] = field(Integer, title=_("Done, in per cent"), classified="internal", default=0)
    seen_at: Mapped[datetime] = field(title=_("Last sign of life"), classified="internal")
    finished_at: Mapped[datetime | None] = field(title=_("Finished at"), classified="internal")
    data_at: Mapped[datetime | None] = field(classified="internal")
    """When the newest of the customers that were compared was changed last."""
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal", default=0)
    compared: Mapped[int] = field(BigInteger, title=_("Comparisons"), classified="internal", default=0)
    found: Mapped[int] = field(Integer, title=_("Pairs"), classified="internal", default=0)
    fresh: Mapped[int] = field(Integer, title=_("New pairs"), classified="internal", default=0)
    seconds: Mapped[float] = field(Float, title=_("Seconds"), classified="internal", default=0.0)
    error: Mapped[str | None] = field(String(500), title=_("Error"), classified="internal")


class Learnt(Record):
    """What a search over all customers has learnt: how often fields agree in pairs that are one, and in others.

    Sealed, as how often a rare name comes tells of who bears it.
    """

    __tablename__ = "quality_model"
    __access__ = Access.system()
    __history__ = False

    search_id: Mapped[UUID | None] = field(
        ForeignKey("quality_search.id", ondelete="SET NULL"), classified="internal", index=True
    )
    document: Mapped[str | None] = field(String(), classified="sensitive", editable=False)


class Key(Model):
    """A blocking key of a customer, as a keyed digest: what candidates are looked up by at entry."""

    __tablename__ = "quality_key"
    __access__ = Access.via("customer_id", resource="quality.pair")

    digest: Mapped[int] = field(BigInteger, classified="internal", primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )

    __table_args__ = ({"sqlite_with_rowid": False},)


MODELS = [Pair, MergeNote, Search, Learnt, Key]
