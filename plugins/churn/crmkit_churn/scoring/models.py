"""The tables of scoring: what was said of whom when, each pass over all customers, and who has left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, Record, field, json_type, kernel_key, new_id, texts
from crmkit_churn.scoring.words import REASONS, STANDINGS

_ = texts("crmkit_churn")


class ChurnScore(Model):
    """What was said of a customer as of an instant: the probability of leaving within the horizon, and why.

    A row is added when it has changed, never altered, so that what was said on any day can be told. ``reasons`` are
    feature, value and what it adds to the log-odds, the largest first.
    """

    __tablename__ = "churn_score"
    __append_only__ = True
    __access__ = Access.via("customer_id", resource="churn.score")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal", editable=False)
    recorded_at: Mapped[datetime] = field(title=_("Recorded at"), classified="internal", editable=False)
    run_id: Mapped[UUID] = field(Id, title=_("Model"), classified="internal", editable=False)
    horizon_days: Mapped[int] = field(Integer, title=_("Within days"), classified="internal", editable=False)
    probability: Mapped[float] = field(title=_("Probability of leaving"), classified="internal", editable=False)
    reasons: Mapped[list[Any]] = field(
        json_type(), title=_("Reasons"), classified="personal", default=list, editable=False
    )

    __table_args__ = (Index("ix_churn_score_customer", "customer_id", "as_of"),)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class ChurnPass(Record):
    """One pass over all customers: how many were scored, how they lie, and whether the model still fits.

    ``drift`` has the population stability index of each feature, and of the probability as ""; ``counts`` how many
    customers have each tenth of probability; ``judged`` what had become of them once the horizon was over.
    """

    __tablename__ = "churn_pass"
    __access__ = Access.open(resource="churn.score")

    run_id: Mapped[UUID] = field(Id, title=_("Model"), classified="internal", index=True, editable=False)
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal", index=True, editable=False)
    horizon_days: Mapped[int] = field(Integer, title=_("Within days"), classified="internal", editable=False)
    scored: Mapped[int] = field(Integer, title=_("Scored"), classified="internal", editable=False)
    written: Mapped[int] = field(Integer, title=_("Changed"), classified="internal", editable=False)
    expected: Mapped[float] = field(title=_("Expected to leave"), classified="internal", editable=False)
    standing: Mapped[str] = field(
        String(6), title=_("Fit"), classified="internal", choices=STANDINGS, default="stable", editable=False
    )
    worst: Mapped[float] = field(title=_("Largest shift"), classified="internal", default=0.0, editable=False)
    drift: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    counts: Mapped[list[Any]] = field(json_type(), classified="internal", default=list, editable=False)
    judged: Mapped[dict[str, Any]] = field(json_type(), classified="internal", default=dict, editable=False)
    judged_at: Mapped[datetime | None] = field(title=_("Judged at"), classified="internal", editable=False)


class Departure(Record):
    """That a customer has left by a definition, and why as far as somebody said; ``returned_on`` if they are back."""

    __tablename__ = "churn_departure"
    __access__ = Access.via("customer_id", resource="churn.departure")

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    definition: Mapped[str] = field(String(60), title=_("Definition"), classified="internal", editable=False)
    since: Mapped[date] = field(title=_("Left on"), classified="internal", index=True, editable=False)
    noticed_at: Mapped[datetime] = field(title=_("Noticed at"), classified="internal", editable=False)
    returned_on: Mapped[date | None] = field(title=_("Came back on"), classified="internal", editable=False)
    reason: Mapped[str] = field(
        String(12), title=_("Reason"), classified="internal", choices=REASONS, default="unknown", editable=False
    )
    rival: Mapped[str | None] = field(String(120), title=_("Went to"), classified="internal", editable=False)
    said: Mapped[str | None] = field(title=_("What they said"), classified="text", editable=False)
    asked_at: Mapped[datetime | None] = field(title=_("Asked at"), classified="internal", editable=False)

    __table_args__ = (Index("ix_churn_departure_definition", "definition", "since"),)


MODELS: list[type[Any]] = [ChurnScore, ChurnPass, Departure]
"""The tables of this room."""
