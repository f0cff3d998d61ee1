"""What templates of articles have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.patterns import models, operations

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.pattern",
        model=models.Pattern,
        title=_("Template of an article"),
        plural=_("Templates of articles"),
        columns=["title", "name", "kind", "language", "space_id", "active"],
        sort="title",
        search=["title", "name"],
        icon="file-text",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
