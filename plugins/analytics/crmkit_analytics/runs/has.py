"""What the room of model runs has, for the hook module."""

from __future__ import annotations

from crmkit import Job, Resource, texts
from crmkit_analytics.runs import events, fitting, models, operations, pages

_ = texts("crmkit_analytics")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="analytics.model_run",
        model=models.ModelRun,
        title=_("Model run"),
        plural=_("Model runs"),
        columns=["number", "title", "state", "progress", "data_from", "data_until", "rows", "finished_at"],
        sort="-number",
        icon="bulb",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
EVENTS = events.EVENTS
PAGES = pages.PAGES
JOBS = [
    Job(
        name=operations.FIT,
        title=_("Fit a model"),
        handler=fitting.fit_job,
        acts_as="system",
        apart=True,
        attempts=operations.TRIES,
        lease=300,
    ),
    Job(
        name="analytics.sweep_models",
        title=_("Give up fits whose worker is gone"),
        handler=fitting.sweep_job,
        every="10 minutes",
        catch_up="latest",
        acts_as="system",
    ),
]
