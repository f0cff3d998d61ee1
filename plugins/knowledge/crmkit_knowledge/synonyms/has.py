"""What synonyms have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.synonyms import models, operations

_ = texts("crmkit_knowledge")

MODELS = [models.SynonymGroup]
RESOURCES = [
    Resource(
        name="knowledge.synonym",
        model=models.SynonymGroup,
        title=_("Synonyms"),
        plural=_("Synonyms"),
        columns=["terms", "of"],
        sort="-created_at",
        icon="tags",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
