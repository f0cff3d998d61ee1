"""The hooks that analytics offers to others. crmkit finds them in a module of this name beside the hook module."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit.hooks.markers import hookspec
from crmkit_analytics.metrics.values import Metric
from crmkit_analytics.runs.kinds import ModelKind


@hookspec
def analytics_models() -> Sequence[ModelKind] | None:
    """Return the kinds of models that a plugin can fit.

    When: models are listed, asked for or fitted.
    None: no models.
    """


@hookspec
def analytics_metrics() -> Sequence[Metric] | None:
    """Return definitions of figures, for reports, pages and people to refer to by name.

    When: definitions are listed, or a cell of a report says what it means.
    None: no definitions.
    """
