"""What flows have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_journey.flows import drafting, events, models

_ = texts("crmkit_journey")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="journey.flow",
        model=models.Flow,
        title=_("Flow"),
        plural=_("Flows"),
        columns=["title", "name", "state", "owner_id", "live_number", "halted"],
        sort="title",
        search=["title", "name"],
        icon="git-branch",
        menu=False,
    )
]
OPERATIONS = drafting.OPERATIONS
EVENTS = events.EVENTS
