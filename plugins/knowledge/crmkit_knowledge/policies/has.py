"""What policies have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.policies import events, models, operations, reports, running

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.policy",
        model=models.Policy,
        title=_("Verification policy"),
        plural=_("Verification policies"),
        columns=["position", "title", "space_id", "category_id", "kind", "audience", "months", "hide_days", "active"],
        sort="position",
        icon="shield-check",
        menu=False,
    )
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *running.OPERATIONS]
JOBS = running.JOBS
REPORTS = reports.REPORTS
