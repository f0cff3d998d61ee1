"""The tables of approvals: who has to agree to what, what is to be agreed to, and what each decided.

A request is seen by who made it, by who has to agree, and by who looks after approvals; what it would do may concern
records that the others do not see. It is therefore read by `crmkit_work.approvals.reading` alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, User, field, json_type, kernel_key, texts
from crmkit_work.approvals.words import ACTIONS, STATES

_ = texts("crmkit_work")


class ApprovalChain(Record):
    """Who has to agree before an operation is run, one step after the other.

    ``condition`` is an expression over the values of a request: where it does not hold, nobody has to agree. ``steps``
    are kept as `crmkit_work.approvals.steps` reads them. ``expires_minutes`` is working time by the usual calendar.
    """

    __tablename__ = "work_approval_chain"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    operation: Mapped[str] = field(String(120), title=_("Operation"), classified="internal")
    condition: Mapped[str] = field(String(2000), title=_("Only where"), classified="internal", default="")
    steps: Mapped[list[Any]] = field(json_type(), title=_("Steps"), classified="internal", default=list)
    expires_minutes: Mapped[int] = field(
        Integer, title=_("To be decided within (minutes)"), classified="internal", default=3 * 8 * 60
    )
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Approval(Record):
    """A request to run an operation, which others have to agree to.

    ``values`` are what the operation would be run with, sealed; ``fingerprint`` is a keyed hash of operation, target
    and values, so that nothing else is run in the end. ``progress`` are the steps with who may decide and who has, by
    ids. ``due_at`` and the others are UTC.
    """

    __tablename__ = "work_approval"
    __access__ = Access.system()
    __history__ = False

    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal", editable=False)
    chain_id: Mapped[UUID | None] = field(
        ForeignKey("work_approval_chain.id", ondelete="SET NULL"), title=_("Chain"), classified="internal", index=True
    )
    operation: Mapped[str] = field(String(120), title=_("Operation"), classified="internal", editable=False)
    target_id: Mapped[UUID | None] = field(title=_("Record"), classified="internal", editable=False)
    values: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Values"), classified="sensitive", default=dict, editable=False
    )
    fingerprint: Mapped[str] = field(String(200), classified="internal", editable=False)
    requester_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Asked by"),
        classified="internal",
        index=True,
        editable=False,
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="open", editable=False
    )
    step: Mapped[int] = field(Integer, title=_("Step"), classified="internal", default=0, editable=False)
    progress: Mapped[list[Any]] = field(
        json_type(), title=_("Steps"), classified="internal", default=list, editable=False
    )
    due_at: Mapped[datetime] = field(title=_("To be decided until"), classified="internal", editable=False)
    decided_at: Mapped[datetime | None] = field(title=_("Decided at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    result: Mapped[str | None] = field(String(300), title=_("What came of it"), classified="internal", editable=False)
    problem: Mapped[str | None] = field(String(1000), title=_("Problem"), classified="sensitive", editable=False)

    __table_args__ = (Index("ix_work_approval_state", "state", "due_at"),)


class ApprovalEntry(Record):
    """The log of a request: who did what, for whom, and why."""

    __tablename__ = "work_approval_entry"
    __access__ = Access.system()
    __history__ = False

    approval_id: Mapped[UUID] = field(
        ForeignKey(Approval.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    action: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=ACTIONS, editable=False)
    step: Mapped[int] = field(Integer, title=_("Step"), classified="internal", default=0, editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", editable=False
    )
    for_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("In place of"), classified="internal", editable=False
    )
    reason: Mapped[str | None] = field(String, title=_("Why"), classified="text", editable=False)
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)


MODELS = [ApprovalChain, Approval, ApprovalEntry]
