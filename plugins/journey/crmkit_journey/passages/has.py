"""What passages have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_journey.passages import advancing, entering, events, facts, hearing, models, publishing, running, steering

_ = texts("crmkit_journey")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="journey.passage",
        model=models.Passage,
        title=_("Passage"),
        plural=_("Passages"),
        columns=["customer_id", "flow_id", "number", "status", "node", "began_at", "wake_at", "goal_at", "outcome"],
        sort="-began_at",
        icon="route",
        menu=False,
    )
]
OPERATIONS = [
    *publishing.OPERATIONS,
    *entering.OPERATIONS,
    *hearing.OPERATIONS,
    *advancing.OPERATIONS,
    *steering.OPERATIONS,
    *running.OPERATIONS,
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
SUBSCRIPTIONS = hearing.SUBSCRIPTIONS
JOBS = [*hearing.JOBS, *running.JOBS]
_PURPOSE = _("Carrying out what was planned for customers, and telling what came of it")
PERSONAL_DATA = [
    PersonalData(table=models.Passage.__tablename__, purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.PassageStep.__tablename__, purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.Arrival.__tablename__, purpose=_PURPOSE, on_merge="move", derived=True),
]
