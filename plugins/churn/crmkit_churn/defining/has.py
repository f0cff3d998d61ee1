"""What definitions have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_churn.defining import models, operations

_ = texts("crmkit_churn")

MODELS = models.MODELS
OPERATIONS = operations.OPERATIONS
RESOURCES = [
    Resource(
        name="churn.definition",
        model=models.ChurnDefinition,
        title=_("Definition of leaving"),
        plural=_("Definitions of leaving"),
        columns=["title", "kind", "horizon_days", "usual", "number"],
        sort="name",
        icon="logout",
        menu=False,
        description=_("What leaving means, as of when it is looked at, and by what it is predicted."),
    ),
]
