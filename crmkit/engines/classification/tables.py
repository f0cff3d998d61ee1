"""The tables of classification: every customer's labels with their history, the pins of persons, and the runs.

A label is read through `crmkit.engines.classification.reading` and the facts ``label.…`` alone: it may tell what is
masked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Model, Record, field, kernel_key
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


class Label(Model):
    """A label that a customer had in a dimension from ``since`` until before ``until``: null while it is the present
    one. Both are times of the business; ``recorded_at`` and ``closed_at`` say when crmkit wrote them."""

    __tablename__ = "crm_label"
    __access__ = Access.system()

    dimension: Mapped[str] = field(String(120), title=_("Dimension"), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", primary_key=True)
    until: Mapped[datetime | None] = field(title=_("Until"), classified="internal")
    label: Mapped[str] = field(String(200), title=_("Label"), classified="personal")
    cause: Mapped[str] = field(String(10), title=_("Cause"), classified="internal")
    """decider or pin."""
    evidence: Mapped[dict[str, Any] | None] = field(json_type(), title=_("Evidence"), classified="internal")
    """The values of the facts that decided, except those of a class above internal; none of a pin."""
    run_id: Mapped[UUID] = field(classified="internal")
    recorded_at: Mapped[datetime] = field(classified="internal")
    closed_at: Mapped[datetime | None] = field(classified="internal")

    __table_args__ = (Index("ix_crm_label_customer", "customer_id"),)


class LabelPin(Record):
    """What a person has decided over a customer in a dimension; no decider goes before it until it expires."""

    __tablename__ = "crm_label_pin"
    __access__ = Access.via("customer_id", resource="customer")

    customer_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal", editable=False
    )
    dimension: Mapped[str] = field(String(120), title=_("Dimension"), classified="internal", editable=False, index=True)
    label: Mapped[str] = field(String(200), title=_("Label"), classified="personal")
    reason: Mapped[str | None] = field(String(1000), title=_("Reason"), classified="sensitive")
    expires_at: Mapped[datetime | None] = field(title=_("Expires at"), classified="internal")

    __table_args__ = (UniqueConstraint("customer_id", "dimension"),)


class ClassificationRun(Model):
    """What one run found in one dimension. Runs are counted over all customers, whoever looks."""

    __tablename__ = "crm_classification_run"
    __access__ = Access.system()

    dimension: Mapped[str] = field(String(120), title=_("Dimension"), classified="internal", primary_key=True)
    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    """The same for all dimensions of a run."""
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal")
    recorded_at: Mapped[datetime] = field(title=_("Recorded at"), classified="internal", default=system_now)
    complete: Mapped[bool] = field(title=_("Complete"), classified="internal")
    """Whether all customers were looked at, or those alone for whom something could have changed."""
    fingerprint: Mapped[str] = field(String(128), classified="internal")
    """A hash of the definition, and one of what decides for everybody at once: what differs makes a run complete."""
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal")
    """Of the definition; 0 is the shipped one."""
    looked_at: Mapped[int] = field(Integer, title=_("Customers"), classified="internal")
    changed: Mapped[int] = field(Integer, title=_("Changed"), classified="internal")
    counts: Mapped[dict[str, Any]] = field(json_type(), title=_("Labels"), classified="internal")
    """How many customers have each label after the run."""
    moves: Mapped[list[Any]] = field(json_type(), title=_("Moves"), classified="internal")
    """Triples: the label before, the label after, how many customers; null for none."""
    found: Mapped[dict[str, Any]] = field(json_type(), classified="internal")
    """What the decider found out about the whole: boundaries, or centres of clusters."""
    alerts: Mapped[list[Any]] = field(json_type(), title=_("Alerts"), classified="internal")
    """Labels of which more moved than the definition says is usual: name, share in percent."""

    __table_args__ = (Index("ix_crm_classification_run_latest", "dimension", "as_of"),)
