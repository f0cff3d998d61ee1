"""What value has, for the kernel's hooks: whatever its rooms have. Must not do anything itself beyond it."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit_analytics.api import Metric, ModelKind

from crmkit import hookimpl
from crmkit.hooks.rooms import implement
from crmkit_value.care import has as care
from crmkit_value.contracts import has as contracts
from crmkit_value.contribution import has as contribution
from crmkit_value.grades import has as grades
from crmkit_value.insight import has as insight
from crmkit_value.lifetimes import has as lifetimes
from crmkit_value.offers import has as offers
from crmkit_value.policy import has as policy
from crmkit_value.rfm import has as rfm

ROOMS = (policy, contribution, lifetimes, rfm, grades, offers, contracts, insight, care)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)


@hookimpl
def analytics_models() -> Sequence[ModelKind]:
    """Return the models that value can fit."""
    from crmkit_value.contracts.kinds import KIND
    from crmkit_value.lifetimes.kinds import MODELS_TO_FIT

    return [*MODELS_TO_FIT, KIND]


@hookimpl
def analytics_metrics() -> Sequence[Metric]:
    """Return what the figures of value mean."""
    from crmkit_value.insight.metrics import METRICS

    return METRICS
