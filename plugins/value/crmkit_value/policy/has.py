"""What the policy has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_value.policy import models, operations
from crmkit_value.scoring import models as scoring

_ = texts("crmkit_value")

MODELS = [*models.MODELS, *scoring.MODELS]
RESOURCES = [
    Resource(
        name="value.policy",
        model=models.ValuePolicy,
        title=_("Policy of value"),
        plural=_("Policies of value"),
        columns=["horizon_months", "annual_rate", "margin_percent", "rfm_bins", "grade_by", "grading"],
        sort="id",
        icon="adjustments",
        menu=False,
    ),
    Resource(
        name="value.score",
        model=scoring.Scoring,
        title=_("Scoring"),
        plural=_("Scorings"),
        columns=["kind", "day", "state", "customers", "recorded_at"],
        sort="-recorded_at",
        icon="history",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
