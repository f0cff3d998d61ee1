"""The tables of synchronisation: what is synchronised how, the pairs of records, conflicts, and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, Team, User, field, json_type, kernel_key, texts

_ = texts("crmkit_integration")

OWNERS = {"ours": _("Ours"), "theirs": _("Theirs"), "newest": _("Whoever changed it last")}
"""Who owns a field, with titles."""
POLICIES = {
    "newest": _("The newer record wins"),
    "ours": _("Ours wins"),
    "theirs": _("Theirs wins"),
    "ask": _("Somebody decides"),
}
"""Who wins where both sides changed a field that nobody owns, with titles."""
DIRECTIONS = {"both": _("Both ways"), "in": _("Only from there"), "out": _("Only to there")}
"""In which direction values go, with titles."""
PAIR_STATES = {
    "new": _("Being added there"),
    "paired": _("In step"),
    "gone_here": _("Gone here"),
    "gone_there": _("Gone there"),
    "failed": _("Refused"),
    "not_taken": _("Not taken here"),
}
"""What became of a pair, with titles."""
CONFLICT_STATES = {
    "open": _("Open"),
    "settled": _("Settled, not written yet"),
    "done": _("Settled"),
    "over": _("Over by itself"),
}
"""What became of a conflict, with titles."""
SIDES = {"ours": _("Ours"), "theirs": _("Theirs")}
"""Whose value holds, with titles."""
RUN_KINDS = {"sync": _("Synchronised"), "reconcile": _("Compared")}
"""What a run did, with titles."""
RUN_STATES = {"running": _("Running"), "done": _("Done"), "failed": _("Failed")}
"""What became of a run, with titles."""


class SyncPlan(Record):
    """How the customers here and in another system are kept in step.

    ``fields`` says of each field who owns it; ``names`` what it is called over there where that differs. The
    watermarks say up to where the changes of either side were taken in; without them everything is looked at.
    ``every`` is in minutes, 0 for never by itself.
    """

    __tablename__ = "integration_sync"
    __access__ = Access.owned()

    name: Mapped[str] = field(String(40), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", default="")
    connector: Mapped[str] = field(String(60), title=_("Other system"), classified="internal", editable=False)
    url: Mapped[str] = field(String(500), title=_("Address"), classified="internal")
    private: Mapped[bool] = field(title=_("In our own network"), classified="internal", default=False)
    secret: Mapped[str | None] = field(String(1000), title=_("Token"), classified="secret", editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)
    runs_as_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Acts as"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    direction: Mapped[str] = field(
        String(4), title=_("Direction"), classified="internal", choices=DIRECTIONS, default="both"
    )
    fields: Mapped[dict[str, Any]] = field(json_type(), title=_("Fields and who owns them"), classified="internal")
    names: Mapped[dict[str, Any]] = field(json_type(), title=_("Names over there"), classified="internal", default=dict)
    match_by: Mapped[str] = field(String(60), title=_("Same customer when equal"), classified="internal", default="")
    policy: Mapped[str] = field(
        String(8), title=_("When both changed it"), classified="internal", choices=POLICIES, default="newest"
    )
    every: Mapped[int] = field(Integer, title=_("Every (minutes)"), classified="internal", default=0)
    watermark_ours: Mapped[str | None] = field(String(60), classified="internal", editable=False)
    watermark_theirs: Mapped[str | None] = field(String(200), classified="internal", editable=False)
    held_until: Mapped[datetime | None] = field(classified="internal", editable=False)
    held_by: Mapped[UUID | None] = field(classified="internal", editable=False)
    run_at: Mapped[datetime | None] = field(title=_("Last run"), classified="internal", editable=False)


class SyncPair(Record):
    """A customer here and its record over there, with the marks of what they last agreed on.

    A row is never deleted: it is what keeps somebody who is gone on one side from coming back from the other.
    ``pending`` is what is being added over there, word for word, so that it can be sent again after a crash.
    """

    __tablename__ = "integration_sync_pair"
    __access__ = Access.via("sync_id", resource="integration.sync")
    __history__ = False

    sync_id: Mapped[UUID] = field(
        ForeignKey("integration_sync.id", ondelete="CASCADE"), classified="internal", editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="SET NULL"), title=_("Customer"), classified="internal", index=True
    )
    external_id: Mapped[str | None] = field(String(200), title=_("Id over there"), classified="internal")
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=PAIR_STATES, default="paired"
    )
    agreed: Mapped[dict[str, Any]] = field(json_type(), title=_("Agreed on"), classified="internal", default=dict)
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="sensitive")
    pending: Mapped[dict[str, Any] | None] = field(json_type(), title=_("Being sent"), classified="sensitive")
    synced_at: Mapped[datetime | None] = field(title=_("Last in step"), classified="internal")

    __table_args__ = (
        UniqueConstraint("sync_id", "external_id"),
        Index("ix_integration_sync_pair_customer", "sync_id", "customer_id"),
        Index("ix_integration_sync_pair_state", "sync_id", "state"),
    )


class SyncConflict(Record):
    """A field that was changed on both sides, for somebody to decide whose value holds."""

    __tablename__ = "integration_conflict"
    __access__ = Access.via("customer_id", resource="customer")
    __history__ = False

    sync_id: Mapped[UUID] = field(
        ForeignKey("integration_sync.id", ondelete="CASCADE"), classified="internal", editable=False
    )
    pair_id: Mapped[UUID] = field(
        ForeignKey("integration_sync_pair.id", ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    field_name: Mapped[str] = field(String(80), title=_("Field"), classified="internal", editable=False)
    ours: Mapped[str | None] = field(String(4000), title=_("Ours"), classified="sensitive", editable=False)
    theirs: Mapped[str | None] = field(String(4000), title=_("Theirs"), classified="sensitive", editable=False)
    found_at: Mapped[datetime] = field(title=_("Found"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=CONFLICT_STATES, default="open", editable=False
    )
    choice: Mapped[str | None] = field(
        String(8), title=_("Whose value holds"), classified="internal", choices=SIDES, editable=False
    )

    __table_args__ = (Index("ix_integration_conflict_open", "sync_id", "state"),)


class SyncRun(Record):
    """A run of a synchronisation, or a comparison: what it counted, and what differs.

    ``differences`` name a customer, a record and a field each, no values. ``checksums`` are made over all pairs, of
    either side.
    """

    __tablename__ = "integration_sync_run"
    __access__ = Access.via("sync_id", resource="integration.sync_run")
    __history__ = False

    sync_id: Mapped[UUID] = field(
        ForeignKey("integration_sync.id", ondelete="CASCADE"),
        title=_("Synchronisation"),
        classified="internal",
        index=True,
        editable=False,
    )
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=RUN_KINDS, editable=False)
    state: Mapped[str] = field(String(8), title=_("State"), classified="internal", choices=RUN_STATES, editable=False)
    began_at: Mapped[datetime] = field(title=_("Began"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended"), classified="internal", editable=False)
    counts: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Counted"), classified="internal", default=dict, editable=False
    )
    checksums: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Check sums"), classified="internal", default=dict, editable=False
    )
    differences: Mapped[list[Any]] = field(
        json_type(), title=_("Differences"), classified="internal", default=list, editable=False
    )
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="internal", editable=False)
