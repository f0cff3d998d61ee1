"""What churn has, for the kernel's hooks and analytics' own: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from crmkit import hookimpl
from crmkit.hooks.rooms import implement
from crmkit_churn.defining import has as defining
from crmkit_churn.health import has as health
from crmkit_churn.retention import has as retention
from crmkit_churn.scoring import has as scoring
from crmkit_churn.showing import has as showing
from crmkit_churn.watching import has as watching

if TYPE_CHECKING:
    from crmkit_analytics.api import Metric, ModelKind

ROOMS: tuple[ModuleType, ...] = (defining, scoring, health, watching, retention, showing)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)


@hookimpl
def analytics_models() -> list[ModelKind]:
    """Return the models that analytics fits for churn."""
    from crmkit_churn.training.models import KINDS

    return KINDS


@hookimpl
def analytics_metrics() -> list[Metric]:
    """Return what the figures of churn mean."""
    from crmkit_churn.showing.metrics import METRICS

    return METRICS
