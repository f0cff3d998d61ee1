"""The tables of health: the scheme by which it is judged, what was found when, and what people say instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Model, Record, field, json_type, kernel_key, new_id, texts

_ = texts("crmkit_churn")

CAUSES = {"computed": _("Computed"), "override": _("Said by a person")}


class HealthScheme(Record):
    """By what customers are healthy: groups of measures with weights, as `crmkit_churn.health.calculating` has them."""

    __tablename__ = "churn_health_scheme"
    __access__ = Access.open(resource="churn.health")

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    among: Mapped[str] = field(String(2000), title=_("Customers"), classified="internal", default="true")
    groups: Mapped[list[Any]] = field(json_type(), title=_("Groups"), classified="internal", default=list)
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", default=1, editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class HealthScore(Model):
    """How healthy a customer was as of an instant, 0 to 100; a row is added when it has changed, never altered."""

    __tablename__ = "churn_health_score"
    __append_only__ = True
    __access__ = Access.via("customer_id", resource="churn.health")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal", editable=False)
    recorded_at: Mapped[datetime] = field(title=_("Recorded at"), classified="internal", editable=False)
    points: Mapped[float] = field(title=_("Health"), classified="internal", editable=False)
    cause: Mapped[str] = field(String(8), title=_("Cause"), classified="internal", choices=CAUSES, editable=False)
    known: Mapped[float] = field(title=_("Known part"), classified="internal", editable=False)
    parts: Mapped[list[Any]] = field(json_type(), title=_("Groups"), classified="internal", default=list)

    __table_args__ = (Index("ix_churn_health_score_customer", "customer_id", "as_of"),)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class HealthOverride(Record):
    """What a person says of a customer's health until an instant, with the reason."""

    __tablename__ = "churn_health_override"
    __access__ = Access.via("customer_id", resource="churn.health")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    points: Mapped[int] = field(Integer, title=_("Health"), classified="internal", editable=False)
    until: Mapped[datetime] = field(title=_("Until"), classified="internal", editable=False)
    reason: Mapped[str] = field(title=_("Reason"), classified="text", editable=False)


MODELS: list[type[Any]] = [HealthScheme, HealthScore, HealthOverride]
"""The tables of this room."""
