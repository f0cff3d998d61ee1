"""What tags have, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.tags import models, operations, pages

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.tag",
        model=models.Tag,
        title=_("Tag"),
        plural=_("Tags of articles"),
        columns=["name", "title", "description", "merged_into_id"],
        sort="name",
        search=["name", "title"],
        icon="tags",
        menu=False,
    )
]
OPERATIONS = operations.OPERATIONS
JOBS = operations.JOBS
PAGES = pages.PAGES
