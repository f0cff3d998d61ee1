"""What this room has, for `crmkit_work.plugin`."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, texts
from crmkit_work.handoffs import events, handing, models, operations, pages, reading
from crmkit_work.handoffs.pages import customer_panels as customer_panels
from crmkit_work.handoffs.sides import access_rules as access_rules

_ = texts("crmkit_work")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="work.handoff",
        model=models.Handoff,
        title=_("Hand-off"),
        plural=_("Hand-offs"),
        columns=["title", "state", "customer_id", "from_user_id", "owner_id", "team_id", "due_at"],
        search=["title"],
        sort="due_at",
        icon="share",
        menu=False,
        description=_("What one department hands to another."),
    )
]
OPERATIONS = [*operations.OPERATIONS, *handing.OPERATIONS]
EVENTS = events.EVENTS
SUBSCRIPTIONS = handing.SUBSCRIPTIONS
REPORTS = reading.REPORTS
PAGES = pages.PAGES
JOBS = [
    Job(
        name=operations.EXPIRE,
        title=_("Look for hand-offs that nobody has accepted"),
        handler=operations.expire_due,
        acts_as="system",
    )
]
_PURPOSE = _("Working together on the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Handoff.__tablename__, columns=["title", "request", "request_sealed"], purpose=_PURPOSE),
    PersonalData(table=models.HandoffStep.__tablename__, columns=["reason", "reason_sealed"], purpose=_PURPOSE),
]
