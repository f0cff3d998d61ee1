"""What scoring has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_sales.scoring import dimensions, events, facts, models, operations, pages, running, setup

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.score_model",
        model=models.ScoreModel,
        title=_("Score model"),
        plural=_("Score models"),
        columns=["title", "name", "usual", "active"],
        sort="name",
        icon="chart-bar",
        menu=False,
        description=_("What customers get points for, in versions."),
    ),
    Resource(
        name="sales.score_version",
        model=models.ScoreVersion,
        title=_("Version of a score model"),
        plural=_("Versions of score models"),
        columns=["model_id", "number", "state", "published_at", "warm", "hot"],
        sort="-number",
        icon="chart-bar",
        menu=False,
    ),
    Resource(
        name="sales.score",
        model=models.Score,
        title=_("Score"),
        plural=_("Scores"),
        columns=["customer_id", "model_id", "points", "label", "since", "computed_at"],
        sort="-points",
        icon="chart-bar",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *running.OPERATIONS]
EVENTS = events.EVENTS
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
SUBSCRIPTIONS = running.SUBSCRIPTIONS
JOBS = running.JOBS
PAGES = pages.PAGES
PERSONAL_DATA = [
    PersonalData(
        table=models.Score.__tablename__,
        columns=["points", "label", "lines"],
        purpose=_("Judging how promising the customer is"),
        derived=True,
        on_merge="keep_winner",
    )
]
customer_panels = pages.customer_panels
plugin_enabled = setup.plugin_enabled
