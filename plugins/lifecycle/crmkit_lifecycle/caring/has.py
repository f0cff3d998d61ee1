"""What caring has, for the hook module."""

from __future__ import annotations

from crmkit import Calendar, PersonalData, Resource, texts
from crmkit_lifecycle.caring import events, facts, lists, models, pages, reviews
from crmkit_lifecycle.caring.models import Checklist, ChecklistItem, ListTemplate, Review
from crmkit_lifecycle.caring.pages import customer_panels as customer_panels

_ = texts("crmkit_lifecycle")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="lifecycle.template",
        model=ListTemplate,
        title=_("Onboarding template"),
        plural=_("Onboarding templates"),
        columns=["name", "title", "model", "stage", "active"],
        search=["title", "name"],
        sort="name",
        icon="checklist",
        menu=False,
    ),
    Resource(
        name="lifecycle.checklist",
        model=Checklist,
        title=_("Onboarding list"),
        plural=_("Onboarding lists"),
        columns=["title", "customer_id", "state", "began_at", "ended_at", "owner_id"],
        search=["title"],
        sort="-began_at",
        icon="checklist",
    ),
    Resource(
        name="lifecycle.checklist_item",
        model=ChecklistItem,
        title=_("Item of a list"),
        plural=_("Items of lists"),
        columns=["title", "state", "due_at", "done_at", "done_by"],
        sort="position",
        icon="list-check",
        menu=False,
    ),
    Resource(
        name="lifecycle.review",
        model=Review,
        title=_("Renewal or review"),
        plural=_("Renewals and reviews"),
        columns=["title", "kind", "customer_id", "due_on", "state", "owner_id"],
        search=["title"],
        sort="due_on",
        icon="calendar-event",
    ),
]
OPERATIONS = [*lists.OPERATIONS, *reviews.OPERATIONS]
EVENTS = events.EVENTS
SUBSCRIPTIONS = lists.SUBSCRIPTIONS
JOBS = [*lists.JOBS, *reviews.JOBS]
FACTS = facts.FACTS
PAGES = pages.PAGES
CALENDARS = [
    Calendar(
        name="lifecycle.reviews",
        title=_("Calendar of renewals and reviews"),
        resource="lifecycle.review",
        start="due_on",
        label=["title", "customer_id"],
        state="state",
        states={"done": "good", "cancelled": "bad"},
    )
]
_PURPOSE = _("Bringing the customer on the way")
PERSONAL_DATA = [
    PersonalData(table=Checklist.__tablename__, columns=["title"], purpose=_PURPOSE),
    PersonalData(table=ChecklistItem.__tablename__, columns=["title", "evidence"], purpose=_PURPOSE),
    PersonalData(table=Review.__tablename__, columns=["title", "result"], purpose=_PURPOSE),
]
