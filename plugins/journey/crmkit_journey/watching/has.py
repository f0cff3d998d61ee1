"""What monitors have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_journey.watching import models, operations

_ = texts("crmkit_journey")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="journey.alarm",
        model=models.Alarm,
        title=_("Alarm of a flow"),
        plural=_("Alarms of flows"),
        columns=["flow_id", "kind", "node", "value", "base", "since", "ended_at"],
        sort="-since",
        icon="alert-triangle",
        menu=False,
    ),
    Resource(
        name="journey.watch",
        model=models.Watch,
        title=_("Monitor of a flow"),
        plural=_("Monitors of flows"),
        columns=["flow_id", "stuck_days", "failed_share", "quiet_days", "pause"],
        sort="created_at",
        icon="eye",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
EVENTS = operations.EVENTS
JOBS = operations.JOBS
