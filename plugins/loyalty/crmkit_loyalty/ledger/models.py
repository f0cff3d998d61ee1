"""The tables of the ledger: balances, lots, transactions with their postings, and reservations.

A transaction is written once and never changed; its postings sum to nought for each kind of points. A lot is what was
earned at once: how much of it is left follows from the postings that name it, as a balance follows from those of its
account; both are kept beside them, changed by conditional statements only, and `crmkit loyalty verify` compares them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, CustomerRecord, Entry, Model, ScaledDecimal, field, kernel_key, texts
from crmkit_loyalty.ledger.words import HOLD_STATES, KINDS, SIDES, SOURCES
from crmkit_loyalty.programs.models import Account, PointType, Program

_ = texts("crmkit_loyalty")


class Balance(Model):
    """How many points of a kind an account has: those that wait, that can be spent and that are reserved.

    ``available`` may be below nought where points were taken back that had been spent. ``active_at`` is when points
    were earned or spent last.
    """

    __tablename__ = "loyalty_balance"
    __access__ = Access.via("account_id", resource="loyalty.account")

    account_id: Mapped[UUID] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal", primary_key=True
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal", primary_key=True
    )
    pending: Mapped[int] = field(title=_("Waiting"), classified="internal", default=0)
    available: Mapped[int] = field(title=_("Available"), classified="internal", default=0)
    held: Mapped[int] = field(title=_("Reserved"), classified="internal", default=0)
    active_at: Mapped[datetime | None] = field(title=_("Last activity"), classified="internal")


class Transaction(Entry):
    """Something that happened to points, written once. ``key`` makes it happen once; ``at`` is of the business's clock.

    ``interaction_id`` is the purchase or refund that it comes from, ``about_id`` the transaction that it undoes or goes
    on with, ``ref`` the record that it is for, as ``<resource>:<id>``.
    """

    __tablename__ = "loyalty_transaction"
    __access__ = Access.via("customer_id")

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="RESTRICT"), title=_("Programme"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    account_id: Mapped[UUID] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal"
    )
    key: Mapped[str] = field(String(200), classified="internal", unique=True)
    kind: Mapped[str] = field(String(10), title=_("What"), classified="internal", choices=KINDS)
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    source: Mapped[str | None] = field(String(10), title=_("Source"), classified="internal", choices=SOURCES)
    rule: Mapped[str | None] = field(String(80), title=_("Rule"), classified="internal")
    reason: Mapped[str | None] = field(String(500), title=_("Reason"), classified="internal")
    interaction_id: Mapped[UUID | None] = field(title=_("Interaction"), classified="internal", index=True)
    about_id: Mapped[UUID | None] = field(title=_("About"), classified="internal", index=True)
    ref: Mapped[str | None] = field(String(160), title=_("For"), classified="internal", index=True)
    actor_id: Mapped[str] = field(String(80), classified="internal")

    __table_args__ = (
        Index("ix_loyalty_transaction_account", "account_id", "at", "id"),
        Index("ix_loyalty_transaction_customer", "customer_id", "at"),
    )


class Lot(Model):
    """Points that were earned at once and expire at once. ``left`` is how many of ``points`` are neither spent,
    reserved, expired nor taken back; a lot that waits has ``released_at`` None.

    ``expires_at`` is the first instant at which it is gone. ``line_no`` is the line of the purchase that it comes from,
    0 for the whole.
    """

    __tablename__ = "loyalty_lot"
    __access__ = Access.via("account_id", resource="loyalty.account")

    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    account_id: Mapped[UUID] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal"
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", index=True
    )
    interaction_id: Mapped[UUID | None] = field(title=_("Interaction"), classified="internal", index=True)
    line_no: Mapped[int] = field(Integer, classified="internal", default=0)
    source: Mapped[str] = field(String(10), title=_("Source"), classified="internal", choices=SOURCES)
    points: Mapped[int] = field(title=_("Earned"), classified="internal")
    left: Mapped[int] = field(title=_("Left"), classified="internal")
    earned_at: Mapped[datetime] = field(title=_("Earned at"), classified="internal")
    available_at: Mapped[datetime] = field(title=_("Available from"), classified="internal")
    released_at: Mapped[datetime | None] = field(classified="internal")
    expires_at: Mapped[datetime | None] = field(title=_("Expires at"), classified="internal")
    unit_cost: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Cost of a point"), classified="internal")

    __table_args__ = (
        Index("ix_loyalty_lot_account", "account_id", "type_id", "left"),
        Index("ix_loyalty_lot_expiry", "expires_at"),
        Index("ix_loyalty_lot_waiting", "released_at", "available_at"),
    )


_GOOD = Lot.left > 0
Index("ix_loyalty_lot_good", Lot.account_id, Lot.type_id, Lot.expires_at, sqlite_where=_GOOD, postgresql_where=_GOOD)


class Posting(Model):
    """One line of a transaction: points of a kind added to one side, or taken from it. ``account_id`` is None for the
    programme's sides; ``lot_id`` the lot concerned."""

    __tablename__ = "loyalty_posting"
    __access__ = Access.via("transaction_id", resource="loyalty.transaction")
    __append_only__ = True

    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    line_no: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    account_id: Mapped[UUID | None] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal", index=True
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    side: Mapped[str] = field(String(11), title=_("Side"), classified="internal", choices=SIDES)
    lot_id: Mapped[UUID | None] = field(ForeignKey(Lot.id, ondelete="CASCADE"), classified="internal", index=True)
    points: Mapped[int] = field(title=_("Points"), classified="internal")


class Hold(CustomerRecord):
    """Points that are reserved until they are spent, given up or ``expires_at``. ``transaction_id`` is the transaction
    that reserved them and names their lots."""

    __tablename__ = "loyalty_hold"

    account_id: Mapped[UUID] = field(
        ForeignKey(Account.id, ondelete="CASCADE"), title=_("Account"), classified="internal", index=True
    )
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    transaction_id: Mapped[UUID] = field(classified="internal", editable=False)
    points: Mapped[int] = field(title=_("Points"), classified="internal", editable=False)
    captured: Mapped[int] = field(title=_("Spent"), classified="internal", default=0, editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=HOLD_STATES, default="held", editable=False
    )
    ref: Mapped[str | None] = field(String(160), title=_("For"), classified="internal", editable=False)
    expires_at: Mapped[datetime] = field(title=_("Until"), classified="internal", editable=False)

    __table_args__ = (Index("ix_loyalty_hold_state", "state", "expires_at"),)


MODELS: list[type[Any]] = [Balance, Transaction, Lot, Posting, Hold]
