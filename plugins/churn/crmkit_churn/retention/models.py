"""The tables of retention: playbooks, and each time that one was, or would have been, carried out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, field, json_type, kernel_key, texts
from crmkit_churn.watching.words import CAUSES

_ = texts("crmkit_churn")

ARMS = {"treated": _("Treated"), "control": _("Held out")}
ANY = {"any": _("Any")}


class Playbook(Record):
    """What is done for a customer whom one may lose: steps, an offer, what it may cost, and who is held out.

    ``cause`` and ``when`` (a condition over facts, such as the value of the customer) say for whom. ``steps`` are title
    and due date in words. Costs are in minor units of the base currency: ``most_minor`` for one customer, at most
    ``most_percent`` of what the customer is worth. ``holdout`` is the share of customers to whom nothing is done.
    """

    __tablename__ = "churn_playbook"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    cause: Mapped[str] = field(
        String(10), title=_("About"), classified="internal", choices={**ANY, **CAUSES}, default="any"
    )
    when: Mapped[str] = field(String(2000), title=_("For whom"), classified="internal", default="true")
    steps: Mapped[list[Any]] = field(json_type(), title=_("Steps"), classified="internal", default=list)
    offer: Mapped[str] = field(String(500), title=_("Offer"), classified="internal", default="")
    cost_minor: Mapped[int] = field(BigInteger, title=_("Cost"), classified="internal", default=0)
    most_minor: Mapped[int] = field(BigInteger, title=_("Most it may cost"), classified="internal", default=0)
    most_percent: Mapped[int] = field(Integer, title=_("Most, in % of worth"), classified="internal", default=100)
    holdout: Mapped[float] = field(title=_("Held out"), classified="internal", default=0.1)
    horizon_days: Mapped[int] = field(Integer, title=_("Judged after days"), classified="internal", default=90)
    priority: Mapped[int] = field(Integer, title=_("Priority"), classified="internal", default=0)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class Treatment(Record):
    """That a playbook was carried out for a customer ("treated"), or would have been ("control"), and what came of it.

    ``left`` is known once the playbook's days are over; ``worth_minor`` is what the customer was worth then.
    """

    __tablename__ = "churn_treatment"
    __access__ = Access.via("customer_id", resource="churn.playbook")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    playbook_id: Mapped[UUID] = field(
        ForeignKey("churn_playbook.id", ondelete="CASCADE"), title=_("Playbook"), classified="internal", editable=False
    )
    warning_id: Mapped[UUID | None] = field(
        ForeignKey("churn_warning.id", ondelete="SET NULL"), classified="internal", index=True, editable=False
    )
    arm: Mapped[str] = field(String(8), title=_("Group"), classified="internal", choices=ARMS, editable=False)
    started_at: Mapped[datetime] = field(title=_("Started at"), classified="internal", editable=False)
    judged_on: Mapped[date] = field(title=_("Judged on"), classified="internal", index=True, editable=False)
    probability: Mapped[float] = field(title=_("Probability of leaving"), classified="internal", editable=False)
    worth_minor: Mapped[int] = field(BigInteger, title=_("Worth"), classified="internal", default=0, editable=False)
    cost_minor: Mapped[int] = field(BigInteger, title=_("Cost"), classified="internal", default=0, editable=False)
    left: Mapped[bool | None] = field(title=_("Has left"), classified="internal", editable=False)
    left_on: Mapped[date | None] = field(title=_("Left on"), classified="internal", editable=False)

    __table_args__ = (Index("ix_churn_treatment_playbook", "playbook_id", "started_at"),)


MODELS: list[type[Any]] = [Playbook, Treatment]
"""The tables of this room."""
