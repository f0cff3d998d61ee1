"""The tables of rewards: the catalogue, what was redeemed, and vouchers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, CustomerRecord, Model, Record, field, texts
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.programs.models import PointType, Program
from crmkit_loyalty.rewards.words import KINDS, STATES, VOUCHERS

_ = texts("crmkit_loyalty")


class Reward(Record):
    """Something that points buy. ``stock`` None is without end; ``most`` is how many a member gets within ``most_days``
    days; ``level`` the lowest tier for which it is; ``condition`` an expression over facts. ``cost`` is what one costs
    the company, in minor units of the base currency."""

    __tablename__ = "loyalty_reward"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"),
        title=_("Programme"),
        classified="internal",
        index=True,
        editable=False,
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    description: Mapped[str | None] = field(String(2000), title=_("Description"), classified="public")
    kind: Mapped[str] = field(String(7), title=_("Kind"), classified="public", choices=KINDS, default="voucher")
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    points: Mapped[int] = field(title=_("Price in points"), classified="public")
    stock: Mapped[int | None] = field(title=_("In stock"), classified="internal", editable=False)
    most: Mapped[int | None] = field(Integer, title=_("At most for each member"), classified="internal")
    most_days: Mapped[int] = field(Integer, title=_("Within days"), classified="internal", default=365)
    level: Mapped[int] = field(Integer, title=_("From tier level"), classified="internal", default=0)
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    since: Mapped[date | None] = field(title=_("From"), classified="internal")
    until: Mapped[date | None] = field(title=_("Until"), classified="internal")
    voucher_days: Mapped[int] = field(Integer, title=_("Voucher good for days"), classified="internal", default=365)
    cost_minor: Mapped[int] = field(title=_("Costs us"), classified="internal", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Redemption(CustomerRecord):
    """That a customer got a reward for points; ``number`` is what people call it by."""

    __tablename__ = "loyalty_redemption"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    reward_id: Mapped[UUID] = field(
        ForeignKey(Reward.id, ondelete="RESTRICT"),
        title=_("Reward"),
        classified="internal",
        index=True,
        editable=False,
    )
    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", unique=True, editable=False
    )
    quantity: Mapped[int] = field(Integer, title=_("Quantity"), classified="internal", editable=False)
    points: Mapped[int] = field(title=_("Points"), classified="internal", editable=False)
    cost_minor: Mapped[int] = field(title=_("Costs us"), classified="internal", default=0, editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=STATES, default="ordered", editable=False
    )
    state_since: Mapped[datetime] = field(title=_("In this state since"), classified="internal", editable=False)
    redeemed_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    tracking: Mapped[str | None] = field(String(200), title=_("Tracking number"), classified="internal")

    __table_args__ = (Index("ix_loyalty_redemption_state", "state", "redeemed_at"),)


class Voucher(CustomerRecord):
    """A code that a redemption brought; used once. ``used_ref`` is what it was used for, such as a shop's order."""

    __tablename__ = "loyalty_voucher"

    redemption_id: Mapped[UUID] = field(
        ForeignKey(Redemption.id, ondelete="CASCADE"), title=_("Redemption"), classified="internal", index=True
    )
    number: Mapped[str] = field(String(20), title=_("Code"), classified="internal", unique=True, editable=False)
    state: Mapped[str] = field(
        String(6), title=_("State"), classified="internal", choices=VOUCHERS, default="issued", editable=False
    )
    good_through: Mapped[date] = field(title=_("Good through"), classified="internal", editable=False)
    used_at: Mapped[datetime | None] = field(title=_("Used at"), classified="internal", editable=False)
    used_ref: Mapped[str | None] = field(String(160), title=_("Used for"), classified="internal", editable=False)


class RedemptionCounter(Model):
    """The last number that was given to a redemption: one row, held while one is added."""

    __tablename__ = "loyalty_redemption_counter"
    __access__ = Access.open(resource="loyalty.reward")

    name: Mapped[str] = field(String(20), classified="internal", primary_key=True)
    last: Mapped[int] = field(Integer, classified="internal", default=0)


MODELS: list[type[Any]] = [Reward, Redemption, Voucher, RedemptionCounter]
