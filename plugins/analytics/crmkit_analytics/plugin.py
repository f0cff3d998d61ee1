"""What analytics has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from types import ModuleType

from crmkit import hookimpl
from crmkit.hooks.rooms import implement
from crmkit_analytics.alerts import has as alerts
from crmkit_analytics.baskets import has as baskets
from crmkit_analytics.behaviour import has as behaviour
from crmkit_analytics.clusters import has as clusters
from crmkit_analytics.cohorts import has as cohorts
from crmkit_analytics.definitions import has as definitions
from crmkit_analytics.fairness import has as fairness
from crmkit_analytics.funnels import has as funnels
from crmkit_analytics.metrics import has as metrics
from crmkit_analytics.metrics.values import Metric
from crmkit_analytics.overview import has as overview
from crmkit_analytics.runs import has as runs
from crmkit_analytics.runs.kinds import ModelKind
from crmkit_analytics.satisfaction import has as satisfaction
from crmkit_analytics.survival import has as survival

ROOMS: tuple[ModuleType, ...] = (
    overview,
    runs,
    definitions,
    metrics,
    behaviour,
    funnels,
    cohorts,
    survival,
    baskets,
    satisfaction,
    alerts,
    clusters,
    fairness,
)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)


@hookimpl
def analytics_models() -> list[ModelKind]:
    """Return the models that analytics fits itself."""
    return clusters.KINDS


@hookimpl
def analytics_metrics() -> list[Metric]:
    """Return the definitions of the figures that analytics shows itself."""
    return metrics.METRICS
