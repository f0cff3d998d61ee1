"""The tables of programmes: programmes, the kinds of points that they have, accounts, and who takes part with which."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Entry, Record, ScaledDecimal, field, kernel_key, texts
from crmkit_loyalty.programs.words import (
    ACCOUNT_KINDS,
    ACCOUNT_STATES,
    CLAWBACKS,
    ENROLMENTS,
    EXPIRIES,
    ROLES,
    ROUNDINGS,
)

_ = texts("crmkit_loyalty")


class Program(Record):
    """A loyalty programme. Its days are those of the company's time zone.

    ``clawback`` says what happens where points of a purchase that is refunded were spent; points that a cancelled
    redemption gives back are good for ``grace_days`` at least, even where their own expiry has passed. Of those who
    could join, ``holdout`` percent are kept out by chance, so that the programme's effect can be told from what would
    have happened anyway.
    """

    __tablename__ = "loyalty_program"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    enrolment: Mapped[str] = field(
        String(10), title=_("Takes part"), classified="internal", choices=ENROLMENTS, default="by_hand"
    )
    clawback: Mapped[str] = field(
        String(10), title=_("Spent points of a refund"), classified="internal", choices=CLAWBACKS, default="negative"
    )
    grace_days: Mapped[int] = field(Integer, title=_("Days for points given back"), classified="internal", default=30)
    hold_minutes: Mapped[int] = field(
        Integer, title=_("Minutes for which points are reserved"), classified="internal", default=30
    )
    holdout: Mapped[int] = field(Integer, title=_("Held out (%)"), classified="internal", default=0)
    started_at: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class PointType(Record):
    """A kind of points of a programme: those that are spent, or those that only count for tiers.

    ``unit_cost`` is what a point costs the company when it is spent, in major units of the base currency;
    ``pending_days`` how long earned points wait before they can be spent.
    """

    __tablename__ = "loyalty_point_type"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"),
        title=_("Programme"),
        classified="internal",
        index=True,
        editable=False,
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    spendable: Mapped[bool] = field(title=_("Can be spent"), classified="internal", default=True)
    transferable: Mapped[bool] = field(title=_("Can be given to others"), classified="internal", default=False)
    pending_days: Mapped[int] = field(Integer, title=_("Waiting time (days)"), classified="internal", default=0)
    expiry: Mapped[str] = field(String(8), title=_("Expire"), classified="internal", choices=EXPIRIES, default="never")
    expiry_months: Mapped[int] = field(Integer, title=_("Months until then"), classified="internal", default=24)
    expiry_rounding: Mapped[str] = field(
        String(7), title=_("Good until"), classified="internal", choices=ROUNDINGS, default="none"
    )
    expiry_month: Mapped[int] = field(Integer, title=_("Month of the day"), classified="internal", default=12)
    expiry_day: Mapped[int] = field(Integer, title=_("Day of the month"), classified="internal", default=31)
    unit_cost: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Cost of a point"), classified="internal", default=Decimal("0.01")
    )
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)

    __table_args__ = (Index("uq_loyalty_point_type_name", "program_id", "name", unique=True),)


class Account(CustomerRecord):
    """What points stand on: of one customer, or shared by several; ``customer_id`` is whose it is in the end.

    ``number`` is what stands on a card. A customer who came out of a merge may have several: each keeps its points, and
    spending takes from all of them.
    """

    __tablename__ = "loyalty_account"

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"),
        title=_("Programme"),
        classified="internal",
        index=True,
        editable=False,
    )
    number: Mapped[str] = field(String(20), title=_("Number"), classified="internal", unique=True, editable=False)
    kind: Mapped[str] = field(
        String(8), title=_("Kind"), classified="internal", choices=ACCOUNT_KINDS, default="personal", editable=False
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=ACCOUNT_STATES, default="open", editable=False
    )


class Member(CustomerRecord):
    """That a customer takes part in a programme, and with which account. ``referral`` is the code by which they invite
    others."""

    __tablename__ = "loyalty_member"

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"),
        title=_("Programme"),
        classified="internal",
        index=True,
        editable=False,
    )
    account_id: Mapped[UUID] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal", index=True
    )
    role: Mapped[str] = field(String(8), title=_("Role"), classified="internal", choices=ROLES, default="owner")
    referral: Mapped[str] = field(
        String(20), title=_("Code to invite by"), classified="internal", unique=True, editable=False
    )
    joined_at: Mapped[datetime] = field(title=_("Member since"), classified="internal", editable=False)
    left_at: Mapped[datetime | None] = field(title=_("Left at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_loyalty_member_customer", "customer_id", "program_id"),)


class Draw(Entry):
    """Which lot a customer drew when they would have joined a programme of which some are held out by chance, and what
    share was held out then. It is drawn once; of a customer who came out of a merge the first one counts."""

    __tablename__ = "loyalty_draw"
    __access__ = Access.via("customer_id")

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal"
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    held_out: Mapped[bool] = field(title=_("Held out"), classified="internal")
    percent: Mapped[int] = field(Integer, title=_("Held out (%)"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("ix_loyalty_draw_program", "program_id", "customer_id"),)


MODELS: list[type[Any]] = [Program, PointType, Account, Member, Draw]
