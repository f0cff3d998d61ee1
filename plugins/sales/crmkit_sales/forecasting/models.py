"""The tables of forecasting: quotas, budget rates, snapshots with their figures, adjustments, and what was learnt."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Id, Model, Record, ScaledDecimal, Team, User, field, json_type, kernel_key, new_id, texts
from crmkit_sales.forecasting.measures import MEASURES
from crmkit_sales.forecasting.rates import BASES

_ = texts("crmkit_sales")

METHODS = {"bayes": _("Naive Bayes"), "logistic": _("Logistic regression")}
MODEL_STATES = {"candidate": _("Candidate"), "adopted": _("Adopted"), "retired": _("Retired")}


class Quota(Record):
    """What is to be closed in a period, by a person, a team, in a territory, with a category of products, or by all.

    ``amount_minor`` is in minor units of ``currency``; both days are included. It is of an owner, whose main team it
    names as well, else of a team, a territory or a category; with none of them it is the company's.
    """

    __tablename__ = "sales_quota"
    __access__ = Access.owned()

    first: Mapped[date] = field(title=_("From"), classified="internal")
    last: Mapped[date] = field(title=_("Until"), classified="internal")
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="CASCADE"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="CASCADE"), title=_("Team"), classified="internal", index=True
    )
    territory: Mapped[str | None] = field(String(60), title=_("Territory"), classified="internal")
    category: Mapped[str | None] = field(String(120), title=_("Product category"), classified="internal")
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal")

    __table_args__ = (Index("ix_sales_quota_first", "first", "last"),)


class BudgetRate(Record):
    """What one unit of a currency counts in the base currency throughout a period, whatever the market says."""

    __tablename__ = "sales_budget_rate"
    __access__ = Access.open()

    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="public")
    first: Mapped[date] = field(title=_("From"), classified="public")
    last: Mapped[date] = field(title=_("Until"), classified="public")
    rate: Mapped[Decimal] = field(ScaledDecimal(10), title=_("Rate"), classified="public")

    __table_args__ = (UniqueConstraint("currency", "first"),)


class ForecastSnapshot(Record):
    """A forecast as it was said on a day for a period; its figures are kept as they were.

    Amounts are in minor units of ``currency``, the base currency of that day. ``unconverted`` has what is in no figure.
    """

    __tablename__ = "sales_snapshot"
    __access__ = Access.open(resource="sales.forecast")

    taken_at: Mapped[datetime] = field(title=_("Taken at"), classified="internal", editable=False)
    first: Mapped[date] = field(title=_("From"), classified="internal", editable=False)
    last: Mapped[date] = field(title=_("Until"), classified="internal", editable=False)
    basis: Mapped[str] = field(String(6), title=_("Rates"), classified="internal", choices=BASES, editable=False)
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    unconverted: Mapped[list[Any]] = field(
        json_type(), title=_("Not converted"), classified="internal", default=list, editable=False
    )

    __table_args__ = (Index("ix_sales_snapshot_first", "first", "last", "taken_at"),)


class ForecastFigure(Model):
    """What a snapshot says of one owner (None: of what belongs to nobody), never changed.

    The categories are cumulative. ``adjusted`` has, by the name of a measure, what a manager said in its place.
    """

    __tablename__ = "sales_forecast_figure"
    __append_only__ = True
    __access__ = Access.owned(resource="sales.forecast")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    snapshot_id: Mapped[UUID] = field(
        ForeignKey(ForecastSnapshot.id, ondelete="CASCADE"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(Id, title=_("Owner"), classified="internal")
    team_id: Mapped[UUID | None] = field(Id, title=_("Team"), classified="internal")
    closed: Mapped[int] = field(title=MEASURES["closed"], classified="internal")
    commit: Mapped[int] = field(title=MEASURES["commit"], classified="internal")
    best_case: Mapped[int] = field(title=MEASURES["best_case"], classified="internal")
    pipeline: Mapped[int] = field(title=MEASURES["pipeline"], classified="internal")
    weighted: Mapped[int] = field(title=MEASURES["weighted"], classified="internal")
    open_count: Mapped[int] = field(Integer, title=_("Open"), classified="internal")
    won_count: Mapped[int] = field(Integer, title=_("Won"), classified="internal")
    adjusted: Mapped[dict[str, Any]] = field(json_type(), title=_("Adjusted"), classified="internal", default=dict)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class ForecastAdjustment(Model):
    """What a manager says a figure of somebody's forecast really is; the last one counts, all are kept.

    ``original_minor`` is what the deals came to at that time, ``amount_minor`` what was said instead, None to take it
    back. Both are in minor units of ``currency``, the base currency. ``owner_id`` is None for the whole forecast.
    """

    __tablename__ = "sales_forecast_adjustment"
    __append_only__ = True
    __access__ = Access.owned(resource="sales.forecast")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    made_at: Mapped[datetime] = field(title=_("When"), classified="internal", editable=False)
    author_id: Mapped[UUID | None] = field(Id, title=_("By"), classified="internal")
    author: Mapped[str] = field(String(200), title=_("By"), classified="internal")
    first: Mapped[date] = field(title=_("From"), classified="internal")
    last: Mapped[date] = field(title=_("Until"), classified="internal")
    basis: Mapped[str] = field(String(6), title=_("Rates"), classified="internal", choices=BASES)
    owner_id: Mapped[UUID | None] = field(Id, title=_("Owner"), classified="internal")
    team_id: Mapped[UUID | None] = field(Id, title=_("Team"), classified="internal")
    measure: Mapped[str] = field(String(10), title=_("Figure"), classified="internal", choices=MEASURES)
    original_minor: Mapped[int] = field(title=_("By the deals"), classified="internal")
    amount_minor: Mapped[int | None] = field(title=_("Adjusted"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal")
    reason: Mapped[str] = field(String(500), title=_("Reason"), classified="internal")

    __table_args__ = (Index("ix_sales_forecast_adjustment_first", "first", "last", "made_at"),)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class WinModel(Record):
    """What was learnt about winning, and how good it was on history that it had not seen.

    ``parameters`` and ``evaluation`` are documents of `crmkit_sales.forecasting.learning` and `.calibration`.
    """

    __tablename__ = "sales_win_model"
    __access__ = Access.open()

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    state: Mapped[str] = field(
        String(10),
        title=_("State"),
        classified="internal",
        choices=MODEL_STATES,
        default="candidate",
        editable=False,
    )
    method: Mapped[str] = field(String(10), title=_("Method"), classified="internal", choices=METHODS, editable=False)
    trained_at: Mapped[datetime] = field(title=_("Trained at"), classified="internal", editable=False)
    won: Mapped[int] = field(Integer, title=_("Won"), classified="internal", editable=False)
    lost: Mapped[int] = field(Integer, title=_("Lost"), classified="internal", editable=False)
    brier: Mapped[float] = field(title=_("Brier score"), classified="internal", editable=False)
    brier_typed: Mapped[float] = field(title=_("Brier score of the stages"), classified="internal", editable=False)
    parameters: Mapped[dict[str, Any]] = field(json_type(), classified="internal", editable=False)
    evaluation: Mapped[dict[str, Any]] = field(json_type(), classified="internal", editable=False)


MODELS: list[type[Any]] = [Quota, BudgetRate, ForecastSnapshot, ForecastFigure, ForecastAdjustment, WinModel]
