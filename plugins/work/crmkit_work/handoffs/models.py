"""The tables of hand-offs: what one department asks of another, and everything that happened to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, Team, User, field, kernel_key, texts
from crmkit_work.handoffs.words import ACTIONS, HANDED, STATES

_ = texts("crmkit_work")


class Handoff(Record):
    """A piece of work that one side hands to another: a person, a team or a queue.

    ``owner_id`` and ``team_id`` are the receiving side: who is asked, later who has accepted. ``ref`` is what is handed
    over, ``<resource>:<id>``. ``due_at`` is until when it has to be accepted (UTC), ``accept_seconds`` that time in
    working time of the receiving side, and ``waited_seconds`` how much of it went by until it was answered.

    The receiving side sees a hand-off without seeing the customer, whose name it then is not shown.
    """

    __tablename__ = "work_handoff"
    __access__ = Access.owned()

    title: Mapped[str] = field(String(300), title=_("Title"), classified="internal", editable=False)
    request: Mapped[str | None] = field(String, title=_("What is asked"), classified="text", editable=False)
    ref: Mapped[str | None] = field(String(160), title=_("About"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    from_user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("From"), classified="internal", index=True, editable=False
    )
    from_team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"),
        title=_("From the team"),
        classified="internal",
        index=True,
        editable=False,
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("To"), classified="internal", index=True, editable=False
    )
    deputy_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Deputy"), classified="internal", index=True, editable=False
    )
    """Who stood in for the person when it was offered, as the person was absent."""
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("To the team"), classified="internal", index=True
    )
    queue_id: Mapped[UUID | None] = field(
        ForeignKey("work_queue.id", ondelete="SET NULL"), title=_("To the queue"), classified="internal", index=True
    )
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="offered", editable=False
    )
    handed: Mapped[str] = field(
        String(10), title=_("Goes over"), classified="internal", choices=HANDED, default="nothing", editable=False
    )
    accept_seconds: Mapped[int] = field(
        Integer, title=_("Working time to accept it"), classified="internal", editable=False
    )
    due_at: Mapped[datetime] = field(title=_("To be accepted until"), classified="internal", editable=False)
    offered_at: Mapped[datetime] = field(title=_("Offered at"), classified="internal", editable=False)
    accepted_at: Mapped[datetime | None] = field(title=_("Accepted at"), classified="internal", editable=False)
    expired_at: Mapped[datetime | None] = field(title=_("Overdue since"), classified="internal", editable=False)
    waited_seconds: Mapped[int | None] = field(
        Integer, title=_("Working time until the answer"), classified="internal", editable=False
    )
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_work_handoff_to", "state", "team_id", "due_at"),
        Index("ix_work_handoff_ref", "ref"),
    )


class HandoffStep(Record):
    """Something that happened to a hand-off: who did what, and why."""

    __tablename__ = "work_handoff_step"
    __access__ = Access.via("handoff_id", resource="work.handoff")
    __history__ = False

    handoff_id: Mapped[UUID] = field(
        ForeignKey(Handoff.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    action: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=ACTIONS, editable=False)
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", editable=False
    )
    reason: Mapped[str | None] = field(String, title=_("Why"), classified="text", editable=False)
    at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)


MODELS = [Handoff, HandoffStep]
