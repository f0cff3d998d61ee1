"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_knowledge.suggesting import events, models, pages, reports, site, visiting

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.session",
        model=models.HelpSession,
        title=_("Visit of somebody who asks"),
        plural=_("Visits of those who ask"),
        columns=["started_at", "arm", "answered", "sent_at", "case_ref"],
        sort="-started_at",
        icon="target",
        menu=False,
    )
]
EVENTS = events.EVENTS
OPERATIONS = visiting.OPERATIONS
SUBSCRIPTIONS = visiting.SUBSCRIPTIONS
REPORTS = reports.REPORTS
PAGES = pages.PAGES
PUBLIC_SITES = site.PUBLIC_SITES
