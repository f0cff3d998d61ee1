"""The table of closings: what the points of a programme were taken to cost at the end of a day, as it was booked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Entry, ScaledDecimal, field, texts
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")


class LiabilityClosing(Entry):
    """Points of a kind at the end of a day, and what they were taken to cost: written once, and never again.

    Costs are in minor units of the base currency. ``share`` of the points is taken to be redeemed in the end, 1 where
    too little was known for an estimate.
    """

    __tablename__ = "loyalty_liability_closing"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"), title=_("Programme"), classified="internal", index=True
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    day: Mapped[date] = field(title=_("Day"), classified="internal")
    points: Mapped[int] = field(title=_("Points on accounts"), classified="internal")
    share: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Share redeemed in the end"), classified="internal")
    cost_minor: Mapped[int] = field(title=_("If all were redeemed"), classified="internal")
    expected_minor: Mapped[int] = field(title=_("Expected cost"), classified="internal")
    low_minor: Mapped[int] = field(title=_("At least"), classified="internal")
    high_minor: Mapped[int] = field(title=_("At most"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal")
    actor_id: Mapped[str] = field(String(80), classified="internal")

    __table_args__ = (Index("uq_loyalty_liability_closing_day", "type_id", "day", unique=True),)


MODELS: list[type[Any]] = [LiabilityClosing]
