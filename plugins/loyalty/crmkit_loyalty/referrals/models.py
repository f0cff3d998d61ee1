"""The tables of referrals: how a programme has members invite others, who invited whom, and how that went."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Entry, Record, field, kernel_key, texts
from crmkit_loyalty.programs.models import Member, PointType, Program
from crmkit_loyalty.referrals.words import REASONS, STATES

_ = texts("crmkit_loyalty")


class ReferralPolicy(Record):
    """How members of a programme invite others.

    A referral qualifies by the first ``event``, a kind of interactions or "joined", that meets ``condition`` within
    ``qualify_days``. The points of both wait for ``hold_days``. With ``new_only`` nobody is referred of whom such an
    event was known before. At most ``cap`` referrals of a member qualify within ``cap_days``; 0 is no limit. In
    ``join_url`` {code} is the place of the member's code.
    """

    __tablename__ = "loyalty_referral_policy"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"),
        title=_("Programme"),
        classified="internal",
        unique=True,
        editable=False,
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal", editable=False
    )
    event: Mapped[str] = field(String(60), title=_("Qualifies by"), classified="internal", default="purchase")
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    referrer_points: Mapped[int] = field(title=_("Points for who invited"), classified="internal", default=0)
    referred_points: Mapped[int] = field(title=_("Points for who was invited"), classified="internal", default=0)
    hold_days: Mapped[int] = field(Integer, title=_("Waiting time (days)"), classified="internal", default=14)
    qualify_days: Mapped[int] = field(Integer, title=_("Days to qualify"), classified="internal", default=90)
    new_only: Mapped[bool] = field(title=_("New customers alone"), classified="internal", default=True)
    cap: Mapped[int] = field(Integer, title=_("At most"), classified="internal", default=0)
    cap_days: Mapped[int] = field(Integer, title=_("Days of that"), classified="internal", default=365)
    join_url: Mapped[str | None] = field(String(500), title=_("Address to join at"), classified="public")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Referral(CustomerRecord):
    """That a customer was invited by a member: ``customer_id`` and ``member_id`` are who was invited, ``referrer_id``
    is the member who invited, once the code was checked. ``interaction_id`` is what qualified; ``turn`` goes up where
    that was refunded and the refund reversed. ``event`` and ``condition`` are the terms by which it qualified: what is
    said later does not change that. The points can be had from ``release_at`` on."""

    __tablename__ = "loyalty_referral"

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    member_id: Mapped[UUID] = field(
        ForeignKey(Member.id, ondelete="CASCADE"), title=_("Invited"), classified="internal", index=True, editable=False
    )
    referrer_id: Mapped[UUID | None] = field(
        ForeignKey(Member.id, ondelete="SET NULL"),
        title=_("Invited by"),
        classified="internal",
        index=True,
        editable=False,
    )
    invitation: Mapped[str] = field(String(20), title=_("Code"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="entered", editable=False
    )
    reason: Mapped[str | None] = field(
        String(12), title=_("Why"), classified="internal", choices=REASONS, editable=False
    )
    entered_at: Mapped[datetime] = field(title=_("Entered at"), classified="internal", editable=False)
    interaction_id: Mapped[UUID | None] = field(
        title=_("What qualified"), classified="internal", index=True, editable=False
    )
    event: Mapped[str | None] = field(String(60), title=_("Qualifies by"), classified="internal", editable=False)
    condition: Mapped[str | None] = field(String(2000), title=_("Condition"), classified="internal", editable=False)
    turn: Mapped[int] = field(Integer, classified="internal", default=1, editable=False)
    qualified_at: Mapped[datetime | None] = field(title=_("Qualified at"), classified="internal", editable=False)
    release_at: Mapped[datetime | None] = field(title=_("Points from"), classified="internal", editable=False)
    rewarded_at: Mapped[datetime | None] = field(title=_("Rewarded at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Ended at"), classified="internal", editable=False)
    referrer_points: Mapped[int] = field(
        title=_("Points for who invited"), classified="internal", default=0, editable=False
    )
    referred_points: Mapped[int] = field(
        title=_("Points for who was invited"), classified="internal", default=0, editable=False
    )

    __table_args__ = (
        Index("ix_loyalty_referral_customer", "customer_id", "state"),
        Index("ix_loyalty_referral_state", "state", "release_at"),
    )


class ReferralChange(Entry):
    """That a referral went from one state to another, and why; ``note`` is what somebody said."""

    __tablename__ = "loyalty_referral_change"
    __access__ = Access.via("referral_id", Referral, resource="loyalty.referral")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    referral_id: Mapped[UUID] = field(ForeignKey(Referral.id, ondelete="CASCADE"), classified="internal", index=True)
    before: Mapped[str | None] = field(String(9), title=_("Before"), classified="internal", choices=STATES)
    after: Mapped[str] = field(String(9), title=_("After"), classified="internal", choices=STATES)
    reason: Mapped[str | None] = field(String(12), title=_("Why"), classified="internal", choices=REASONS)
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")


MODELS: list[type[Any]] = [ReferralPolicy, Referral, ReferralChange]
