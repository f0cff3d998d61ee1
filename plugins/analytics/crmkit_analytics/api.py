"""What other plugins may import of analytics; everything else may change at any time."""

from __future__ import annotations

from crmkit_analytics.extras import library
from crmkit_analytics.metrics.values import Metric, explained
from crmkit_analytics.runs.errors import NoBetter, NotAdoptable, TooLittleData, UnknownModel
from crmkit_analytics.runs.events import ModelAdopted, ModelEnded, ModelRetired
from crmkit_analytics.runs.fitting import fit_now
from crmkit_analytics.runs.kinds import FitContext, Fitted, ModelKind
from crmkit_analytics.runs.models import ModelRun
from crmkit_analytics.runs.operations import request_run
from crmkit_analytics.runs.reading import adopted, artifact_of, kind_named, kinds_of, runs_of
from crmkit_analytics.stream.purchases import PurchaseDay, purchase_days, purchases

__all__ = [
    "FitContext",
    "Fitted",
    "Metric",
    "ModelAdopted",
    "ModelEnded",
    "ModelKind",
    "ModelRetired",
    "ModelRun",
    "NoBetter",
    "NotAdoptable",
    "PurchaseDay",
    "TooLittleData",
    "UnknownModel",
    "adopted",
    "artifact_of",
    "explained",
    "fit_now",
    "kind_named",
    "kinds_of",
    "library",
    "purchase_days",
    "purchases",
    "request_run",
    "runs_of",
]
