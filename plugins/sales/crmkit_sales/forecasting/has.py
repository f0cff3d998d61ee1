"""What forecasting has, for the hook module."""

from __future__ import annotations

from crmkit import Job, Resource, texts
from crmkit_sales.forecasting import models, pages, quotas, snapshots, training

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.quota",
        model=models.Quota,
        title=_("Quota"),
        plural=_("Quotas"),
        columns=["first", "last", "owner_id", "team_id", "territory", "category", "amount_minor", "currency"],
        sort="-first",
        icon="flag",
    ),
    Resource(
        name="sales.budget_rate",
        model=models.BudgetRate,
        title=_("Budget rate"),
        plural=_("Budget rates"),
        columns=["currency", "first", "last", "rate"],
        sort="-first",
        icon="coin",
        menu=False,
    ),
    Resource(
        name="sales.forecast",
        model=models.ForecastSnapshot,
        title=_("Kept forecast"),
        plural=_("Kept forecasts"),
        columns=["taken_at", "first", "last", "basis", "currency"],
        sort="-taken_at",
        icon="history",
        menu=False,
    ),
    Resource(
        name="sales.forecast_figure",
        model=models.ForecastFigure,
        title=_("Figures of a kept forecast"),
        plural=_("Figures of kept forecasts"),
        columns=["owner_id", "closed", "commit", "best_case", "pipeline", "weighted", "open_count", "won_count"],
        sort="-pipeline",
        icon="table",
        menu=False,
    ),
    Resource(
        name="sales.forecast_adjustment",
        model=models.ForecastAdjustment,
        title=_("Adjustment of a forecast"),
        plural=_("Adjustments of forecasts"),
        columns=["made_at", "author", "owner_id", "measure", "original_minor", "amount_minor", "currency", "reason"],
        sort="-made_at",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="sales.win_model",
        model=models.WinModel,
        title=_("Model of winning"),
        plural=_("Models of winning"),
        columns=["number", "state", "method", "trained_at", "won", "lost", "brier", "brier_typed"],
        sort="-number",
        icon="bulb",
        menu=False,
    ),
]
OPERATIONS = [*quotas.OPERATIONS, *snapshots.OPERATIONS, *training.OPERATIONS]
PAGES = pages.PAGES
JOBS = [
    Job(
        name="sales.snapshot_weekly",
        title=_("Keep the forecasts of the week"),
        handler=snapshots.take_weekly,
        cron="10 2 * * 1",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(
        name=snapshots.TAKE,
        title=_("Keep a forecast"),
        handler=snapshots.take_snapshot,
        acts_as="system",
        lease=600,
    ),
    Job(
        name=training.TRAIN,
        title=_("Learn win probabilities"),
        handler=training.train,
        acts_as="system",
        apart=True,
        attempts=2,
        lease=600,
    ),
    Job(
        name="sales.train_monthly",
        title=_("Learn win probabilities anew"),
        handler=training.train_monthly,
        cron="30 2 1 * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=2,
        lease=600,
    ),
    Job(
        name=training.SCORE,
        title=_("Write win probabilities"),
        handler=training.score_all,
        acts_as="system",
        lease=300,
    ),
    Job(
        name="sales.score_nightly",
        title=_("Write win probabilities of the night"),
        handler=training.score_nightly,
        cron="40 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=300,
    ),
]
