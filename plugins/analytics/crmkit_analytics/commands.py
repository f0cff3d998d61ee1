"""``crmkit analytics``: models and their runs, analyses in the terminal or as JSON, alerts, and what figures mean."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import group
from crmkit_analytics.overview.commands import add_to as add_analyses
from crmkit_analytics.runs.commands import add_to as add_models

_ = texts("crmkit_analytics")

analytics: click.Group = group(
    help=_("What customers do: activity, funnels, cohorts, survival, baskets, alerts, models."), name="analytics"
)
"""The group ``crmkit analytics``."""
add_analyses(analytics)
add_models(analytics)
