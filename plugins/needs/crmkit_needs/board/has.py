"""What the board has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_needs.board import models, operations, public

_ = texts("crmkit_needs")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="needs.board",
        model=models.BoardPolicy,
        title=_("Public board"),
        plural=_("Public board"),
        columns=["title", "active", "counting", "most_votes", "suggestions", "purpose"],
        sort="name",
        icon="layout",
        menu=False,
    )
]
EVENTS = operations.EVENTS
OPERATIONS = operations.OPERATIONS
SUBSCRIPTIONS = operations.SUBSCRIPTIONS
PUBLIC_PAGES = public.PUBLIC_PAGES
