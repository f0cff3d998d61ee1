"""The tables of earning: sets of rules with their versions, and what each rule gave.

A set that was published is never changed: what a rule says on the day on which it gave points can be read for ever.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Record, field, kernel_key, texts
from crmkit_loyalty.earning.words import MODES, ROUNDINGS, SCOPES, SET_STATES
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.programs.models import PointType, Program

_ = texts("crmkit_loyalty")


class RuleSet(Record):
    """A version of the rules of a programme: a draft, the one that counts, or one that did."""

    __tablename__ = "loyalty_rule_set"
    __access__ = Access.open()

    program_id: Mapped[UUID] = field(
        ForeignKey(Program.id, ondelete="CASCADE"), title=_("Programme"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(9), title=_("State"), classified="internal", choices=SET_STATES, default="draft", editable=False
    )
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="internal", editable=False)
    retired_at: Mapped[datetime | None] = field(title=_("Retired at"), classified="internal", editable=False)
    note: Mapped[str | None] = field(String(500), title=_("Note"), classified="internal")

    __table_args__ = (Index("uq_loyalty_rule_set_number", "program_id", "number", unique=True),)


class EarnRule(Record):
    """What points are given for. ``event`` is a kind of interactions; ``condition`` and ``points`` are expressions over
    what happened and facts about the customer.

    Rules are asked by ``position``. ``mode`` "multiply" adds its ``points`` times what earlier rules gave, of the same
    line with ``scope`` "line". Of the rules of one ``stack`` the one that gives most counts; ``last`` says that no rule
    after it is asked where it gives something. Caps limit what it gives: at once, within a day, within ``cap_days``.
    """

    __tablename__ = "loyalty_earn_rule"
    __access__ = Access.open()
    __history__ = False

    set_id: Mapped[UUID] = field(
        ForeignKey(RuleSet.id, ondelete="CASCADE"), title=_("Version"), classified="internal", editable=False
    )
    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    type_id: Mapped[UUID] = field(
        ForeignKey(PointType.id, ondelete="RESTRICT"), title=_("Points"), classified="internal"
    )
    event: Mapped[str] = field(String(60), title=_("For"), classified="internal", default="purchase")
    scope: Mapped[str] = field(String(5), title=_("Asked of"), classified="internal", choices=SCOPES, default="order")
    mode: Mapped[str] = field(String(8), title=_("What it does"), classified="internal", choices=MODES, default="add")
    position: Mapped[int] = field(Integer, title=_("Position"), classified="internal", default=100)
    condition: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    points: Mapped[str] = field(String(500), title=_("How many points"), classified="internal")
    rounding: Mapped[str] = field(
        String(7), title=_("Rounded"), classified="internal", choices=ROUNDINGS, default="down"
    )
    stack: Mapped[str | None] = field(String(60), title=_("Only the best of"), classified="internal")
    last: Mapped[bool] = field(title=_("No rule after it"), classified="internal", default=False)
    cap_once: Mapped[int | None] = field(title=_("At most at once"), classified="internal")
    cap_day: Mapped[int | None] = field(title=_("At most a day"), classified="internal")
    cap_period: Mapped[int | None] = field(title=_("At most within days"), classified="internal")
    cap_days: Mapped[int] = field(Integer, title=_("Days of that"), classified="internal", default=365)
    since: Mapped[date | None] = field(title=_("From"), classified="internal")
    until: Mapped[date | None] = field(title=_("Until"), classified="internal")
    pending_days: Mapped[int | None] = field(Integer, title=_("Waiting time (days)"), classified="internal")
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)

    __table_args__ = (Index("uq_loyalty_earn_rule_name", "set_id", "name", unique=True),)


class Contribution(Model):
    """How many points a rule gave, for which line (0 for the whole), within which transaction."""

    __tablename__ = "loyalty_contribution"
    __access__ = Access.via("transaction_id", Transaction, resource="loyalty.transaction")
    __append_only__ = True

    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    number: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    program_id: Mapped[UUID] = field(ForeignKey(Program.id, ondelete="RESTRICT"), classified="internal")
    rule: Mapped[str] = field(String(60), title=_("Rule"), classified="internal")
    line_no: Mapped[int] = field(Integer, title=_("Line"), classified="internal", default=0)
    points: Mapped[int] = field(title=_("Points"), classified="internal")
    at: Mapped[datetime] = field(title=_("When"), classified="internal")

    __table_args__ = (Index("ix_loyalty_contribution_cap", "customer_id", "rule", "at"),)


class Refunded(Model):
    """How much of a line of a purchase (0: of the whole) a refund took back, in minor units of the purchase's currency;
    below nought for a refund that was itself reversed. What several refunds take back of one purchase follows from
    their sum, so that rounding never gives or takes a point more than there was."""

    __tablename__ = "loyalty_refunded"
    __access__ = Access.via("transaction_id", Transaction, resource="loyalty.transaction")
    __append_only__ = True

    transaction_id: Mapped[UUID] = field(
        ForeignKey(Transaction.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    interaction_id: Mapped[UUID] = field(classified="internal", primary_key=True)
    line_no: Mapped[int] = field(Integer, classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal")


MODELS: list[type[Any]] = [RuleSet, EarnRule, Contribution, Refunded]
