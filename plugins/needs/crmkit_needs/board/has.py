"""What the board has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_needs.board import following, models, operations, public

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
        icon="layout-kanban",
        menu=False,
    )
]
EVENTS = operations.EVENTS
OPERATIONS = [*operations.OPERATIONS, *following.OPERATIONS]
SUBSCRIPTIONS = [*operations.SUBSCRIPTIONS, *following.SUBSCRIPTIONS]
JOBS = following.JOBS
PUBLIC_PAGES = [*public.PUBLIC_PAGES, *following.PUBLIC_PAGES]
