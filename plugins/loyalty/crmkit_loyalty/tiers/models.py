"""The tables of tiers: what is counted, which tiers there are, who has which, and how that changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Entry, Record, User, field, json_type, kernel_key, texts
from crmkit_loyalty.programs.models import Member, PointType, Program
from crmkit_loyalty.tiers.words import DOWNGRADES, LANDINGS, REASONS, SOURCES, WINDOWS

_ = texts("crmkit_loyalty")


class TierPolicy(Record):
    """How tiers of a programme are won and lost: the ``window`` in which is counted (``months`` where it rolls), what
    happens when their time is over, after a grace, and where one lands."""

    __tablename__ = "loyalty_tier_policy"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"),
        title=_("Programme"),
        classified="internal",
        unique=True,
        editable=False,
    )
    window: Mapped[str] = field(
        String(13), title=_("Counted in"), classified="internal", choices=WINDOWS, default="calendar_year"
    )
    months: Mapped[int] = field(Integer, title=_("Months of that"), classified="internal", default=12)
    downgrade: Mapped[str] = field(
        String(10), title=_("Lost"), classified="internal", choices=DOWNGRADES, default="period_end"
    )
    grace_days: Mapped[int] = field(Integer, title=_("Grace (days)"), classified="internal", default=0)
    landing: Mapped[str] = field(
        String(9), title=_("Then"), classified="internal", choices=LANDINGS, default="recompute"
    )


class TierMetric(Record):
    """Something that is counted for tiers: points of a kind, money spent, or how often something happened."""

    __tablename__ = "loyalty_tier_metric"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    source: Mapped[str] = field(String(6), title=_("Counts"), classified="internal", choices=SOURCES)
    type_id: Mapped[UUID | None] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    event: Mapped[str | None] = field(String(60), title=_("What happened"), classified="internal")

    __table_args__ = (Index("uq_loyalty_tier_metric_name", "program_id", "name", unique=True),)


class Tier(Record):
    """A tier; the one of level 0 takes nothing. ``reach`` and ``keep`` are numbers by the name of a metric, written as
    decimals."""

    __tablename__ = "loyalty_tier"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    level: Mapped[int] = field(Integer, title=_("Level"), classified="public", editable=False)
    reach: Mapped[dict[str, Any]] = field(json_type(), title=_("To reach it"), classified="internal", default=dict)
    keep: Mapped[dict[str, Any]] = field(json_type(), title=_("To keep it"), classified="internal", default=dict)
    benefits: Mapped[str | None] = field(String(2000), title=_("What it brings"), classified="public")

    __table_args__ = (
        Index("uq_loyalty_tier_name", "program_id", "name", unique=True),
        Index("uq_loyalty_tier_level", "program_id", "level", unique=True),
    )


class MemberTier(CustomerRecord):
    """The tier that a member has, since which day and through which; ``pinned_until`` where somebody gave it by hand:
    through that day nothing takes it away."""

    __tablename__ = "loyalty_member_tier"

    member_id: Mapped[UUID] = field(
        ForeignKey(Member.id, ondelete="CASCADE"), title=_("Member"), classified="internal", unique=True, editable=False
    )
    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    tier_id: Mapped[UUID] = field(ForeignKey(Tier.id, ondelete="RESTRICT"), title=_("Tier"), classified="internal")
    since: Mapped[date] = field(title=_("Since"), classified="internal", editable=False)
    until: Mapped[date | None] = field(title=_("Through"), classified="internal", editable=False)
    pinned_until: Mapped[date | None] = field(title=_("Given through"), classified="internal", editable=False)
    looked_on: Mapped[date] = field(classified="internal", editable=False)

    __table_args__ = (Index("ix_loyalty_member_tier_looked", "looked_on"),)


class TierChange(Entry):
    """That a member got a tier, or another one, or kept it; ``on_day`` is in the company's zone."""

    __tablename__ = "loyalty_tier_change"
    __access__ = Access.via("customer_id")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    member_id: Mapped[UUID] = field(ForeignKey(Member.id, ondelete="CASCADE"), classified="internal", index=True)
    program_id: Mapped[UUID] = field(ForeignKey(Program.id, ondelete="CASCADE"), classified="internal")
    before: Mapped[str | None] = field(String(60), title=_("Before"), classified="internal")
    after: Mapped[str] = field(String(60), title=_("After"), classified="internal")
    level_before: Mapped[int | None] = field(Integer, classified="internal")
    level_after: Mapped[int] = field(Integer, classified="internal")
    reason: Mapped[str] = field(String(9), title=_("Why"), classified="internal", choices=REASONS)
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    on_day: Mapped[date] = field(title=_("Day"), classified="internal")
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="internal")
    user_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Who"), classified="internal", index=True
    )

    __table_args__ = (Index("ix_loyalty_tier_change_customer", "customer_id", "at"),)


MODELS: list[type[Any]] = [TierPolicy, TierMetric, Tier, MemberTier, TierChange]
