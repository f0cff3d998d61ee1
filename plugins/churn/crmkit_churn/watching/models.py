"""The tables of warnings: the rules, and each warning with what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_churn.watching.words import CAUSES, STATES

_ = texts("crmkit_churn")


class WarningRule(Record):
    """When somebody is warned of a customer: ``when`` begins it, and only after ``clear`` has held may it begin again
    (hysteresis); not within ``cooldown_days`` of the last one; not while its owner has ``per_owner`` open ones.

    A warning nobody has seen after ``escalate_hours`` goes to the manager's team as well. What has not come true within
    ``expires_days`` is settled. ``cost_minor`` is what a needless contact costs, in minor units of the base currency.
    """

    __tablename__ = "churn_warning_rule"
    __access__ = Access.open(resource="churn.warning")

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    cause: Mapped[str] = field(String(10), title=_("About"), classified="internal", choices=CAUSES, default="risk")
    when: Mapped[str] = field(String(2000), title=_("When"), classified="internal")
    clear: Mapped[str] = field(String(2000), title=_("Over when"), classified="internal", default="")
    priority: Mapped[int] = field(Integer, title=_("Priority"), classified="internal", default=0)
    cooldown_days: Mapped[int] = field(Integer, title=_("Days of rest"), classified="internal", default=30)
    per_owner: Mapped[int] = field(Integer, title=_("Most open of an owner"), classified="internal", default=20)
    escalate_hours: Mapped[int] = field(Integer, title=_("Escalated after hours"), classified="internal", default=48)
    expires_days: Mapped[int] = field(Integer, title=_("Settled after days"), classified="internal", default=90)
    cost_minor: Mapped[int] = field(Integer, title=_("Cost of a contact"), classified="internal", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class ChurnWarning(Record):
    """A warning of one customer. ``left_on`` is when the customer left within the rule's days, whatever was done;
    ``cleared_at`` when the condition that ends it held."""

    __tablename__ = "churn_warning"
    __access__ = Access.via("customer_id", resource="churn.warning")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    rule_id: Mapped[UUID] = field(
        ForeignKey("churn_warning_rule.id", ondelete="CASCADE"),
        title=_("Rule"),
        classified="internal",
        index=True,
        editable=False,
    )
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default="new", index=True, editable=False
    )
    cause: Mapped[str] = field(String(10), title=_("About"), classified="internal", choices=CAUSES, editable=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True, editable=False
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", editable=False
    )
    probability: Mapped[float | None] = field(title=_("Probability of leaving"), classified="internal", editable=False)
    worth_minor: Mapped[int | None] = field(Integer, title=_("Worth"), classified="internal", editable=False)
    reasons: Mapped[list[Any]] = field(
        json_type(), title=_("Reasons"), classified="personal", default=list, editable=False
    )
    opened_at: Mapped[datetime] = field(title=_("Warned at"), classified="internal", editable=False)
    seen_at: Mapped[datetime | None] = field(title=_("Seen at"), classified="internal", editable=False)
    escalated_at: Mapped[datetime | None] = field(title=_("Escalated at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Settled at"), classified="internal", editable=False)
    cleared_at: Mapped[datetime | None] = field(title=_("Over since"), classified="internal", editable=False)
    acted: Mapped[bool] = field(title=_("Acted on"), classified="internal", default=False, editable=False)
    left_on: Mapped[date | None] = field(title=_("Left on"), classified="internal", editable=False)
    note: Mapped[str | None] = field(title=_("Note"), classified="text", editable=False)

    __table_args__ = (Index("ix_churn_warning_customer", "customer_id", "rule_id", "opened_at"),)


MODELS: list[type[Any]] = [WarningRule, ChurnWarning]
"""The tables of this room."""
