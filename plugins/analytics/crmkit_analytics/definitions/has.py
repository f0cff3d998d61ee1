"""What the room of definitions has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_analytics.definitions import models

_ = texts("crmkit_analytics")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="analytics.definition",
        model=models.Definition,
        title=_("Definition"),
        plural=_("Definitions"),
        columns=["sort", "name", "number", "title", "author", "recorded_at", "withdrawn"],
        sort="-recorded_at",
        icon="book",
        menu=False,
    )
]
