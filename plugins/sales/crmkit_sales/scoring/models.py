"""The tables of scoring: models with their versions, and the present score of each customer by each model."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, ScaledDecimal, field, json_type, kernel_key, texts
from crmkit_sales.scoring.words import LABELS, STATES

_ = texts("crmkit_sales")

PLACES = 6
"""Decimal places in which points are kept: as many as facts have. They are rounded to two."""


class ScoreModel(Record):
    """A way to score customers. Several can be in use side by side; ``usual`` is the one that decides the temperature
    of customers and qualifies leads."""

    __tablename__ = "sales_score_model"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    usual: Mapped[bool] = field(title=_("Usual"), classified="internal", default=False, editable=False)
    active: Mapped[bool] = field(title=_("Active"), classified="internal", default=True)


class ScoreVersion(Record):
    """One version of a model: what gives points, and where warm and hot begin. It never changes once it is published.

    ``among`` is the condition that says who is scored. ``fit`` and ``behaviour`` are lists of criteria, as
    `crmkit_sales.scoring.criteria` has them. ``warm`` and ``hot`` are points; whoever is warm or hot stays so until the
    score is ``margin`` points below.
    """

    __tablename__ = "sales_score_version"
    __access__ = Access.via("model_id", resource="sales.score_model")

    model_id: Mapped[UUID] = field(
        ForeignKey("sales_score_model.id", ondelete="CASCADE"), title=_("Model"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(10), title=_("State"), classified="internal", choices=STATES, default="draft", editable=False
    )
    published_at: Mapped[datetime | None] = field(title=_("Published at"), classified="internal", editable=False)
    among: Mapped[str] = field(String(2000), title=_("Who is scored"), classified="internal")
    fit: Mapped[list[Any]] = field(json_type(), title=_("Fit"), classified="internal", default=list)
    behaviour: Mapped[list[Any]] = field(json_type(), title=_("Behaviour"), classified="internal", default=list)
    warm: Mapped[Decimal] = field(ScaledDecimal(PLACES), title=_("Warm from"), classified="internal")
    hot: Mapped[Decimal] = field(ScaledDecimal(PLACES), title=_("Hot from"), classified="internal")
    margin: Mapped[Decimal] = field(ScaledDecimal(PLACES), title=_("Margin"), classified="internal")

    __table_args__ = (UniqueConstraint("model_id", "number"),)


class Score(Record):
    """The score of a customer by a model, as it was computed last. ``lines`` say where every point comes from, as
    `crmkit_sales.scoring.calculating.Line` has them; ``since`` is since when the customer has the label."""

    __tablename__ = "sales_score"
    __access__ = Access.via("customer_id", resource="sales.score")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", editable=False
    )
    model_id: Mapped[UUID] = field(
        ForeignKey("sales_score_model.id", ondelete="CASCADE"), title=_("Model"), classified="internal", editable=False
    )
    version_id: Mapped[UUID] = field(
        ForeignKey("sales_score_version.id", ondelete="CASCADE"),
        title=_("Version"),
        classified="internal",
        index=True,
        editable=False,
    )
    points: Mapped[Decimal] = field(ScaledDecimal(PLACES), title=_("Score"), classified="internal", editable=False)
    label: Mapped[str] = field(
        String(6), title=_("Temperature"), classified="internal", choices=LABELS, default="cold", editable=False
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)
    computed_at: Mapped[datetime] = field(title=_("Computed at"), classified="internal", editable=False)
    lines: Mapped[list[Any]] = field(
        json_type(), title=_("Reasons"), classified="internal", default=list, editable=False
    )

    __table_args__ = (
        UniqueConstraint("model_id", "customer_id"),
        Index("ix_sales_score_customer", "customer_id"),
        Index("ix_sales_score_points", "model_id", "points"),
    )


MODELS: list[type[Any]] = [ScoreModel, ScoreVersion, Score]
