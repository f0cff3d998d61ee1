"""The tables of rules: what became of each occasion, what limits have been used up.

Nothing here is sensitive: conditions are kept as hashes, values only of facts that are neither personal nor sensitive.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.model import Access, Entry, Model, field, kernel_key
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class RuleLog(Entry):
    """What became of a rule on one occasion for one customer, or of a run as a whole, which has no customer.

    The id of a firing is that of its event ``rule.fired``.
    """

    __tablename__ = "crm_rule_log"
    __access__ = Access.via("customer_id", author="actor_id", resource="rule")

    rule: Mapped[str] = field(String(120), title=_("Rule"), classified="internal")
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    occasion: Mapped[str] = field(String(160), classified="internal")
    """What it was about: the event, or the tick, and the customer; with the rule it is there once."""
    outcome: Mapped[str] = field(String(10), title=_("Outcome"), classified="internal")
    """fired, held_out, limited, capped, loop, refused, failed; of a run: run."""
    event_id: Mapped[UUID | None] = field(classified="internal")
    actor_id: Mapped[str] = field(String(80), title=_("Acted as"), classified="internal")
    correlation_id: Mapped[UUID | None] = field(classified="internal")
    facts_hash: Mapped[str | None] = field(String(80), classified="internal")
    code: Mapped[str | None] = field(String(10), title=_("Code"), classified="internal")
    details: Mapped[dict[str, Any]] = field(json_type(), title=_("Details"), classified="internal")
    micros: Mapped[int] = field(title=_("Duration (µs)"), classified="internal", default=0)

    __table_args__ = (
        Index("uq_crm_rule_log_occasion", "rule", "occasion", unique=True),
        Index("ix_crm_rule_log_rule", "rule", "recorded_at"),
        Index("ix_crm_rule_log_customer", "customer_id", "recorded_at"),
        Index("ix_crm_rule_log_recorded", "recorded_at"),
    )


class RuleClaim(Model):
    """That a rule has fired for a customer, within a period that it fires in once: of the calendar, "ever", or "last"
    for the time since."""

    __tablename__ = "crm_rule_claim"
    __access__ = Access.system()

    rule: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    period: Mapped[str] = field(String(12), classified="internal", primary_key=True)
    fired_at: Mapped[datetime] = field(classified="internal")

    __table_args__ = (Index("ix_crm_rule_claim_customer", "customer_id"),)


class RuleCount(Model):
    """How often a rule with a daily cap has fired on a day of the company's calendar."""

    __tablename__ = "crm_rule_count"
    __access__ = Access.system()

    rule: Mapped[str] = field(String(120), classified="internal", primary_key=True)
    day: Mapped[date] = field(classified="internal", primary_key=True)
    fired: Mapped[int] = field(Integer, classified="internal")
