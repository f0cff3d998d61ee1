"""What items has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_feedback.items import (
    display,
    facts,
    following,
    importing,
    models,
    operations,
    pages,
    policies,
    reports,
    rules,
    sources,
    ticking,
    verifying,
)
from crmkit_feedback.items.events import EVENTS

__all__ = [
    "CARDS",
    "EVENTS",
    "FACTS",
    "JOBS",
    "MODELS",
    "OPERATIONS",
    "PAGES",
    "PERSONAL_DATA",
    "PUBLIC_PAGES",
    "REPORTS",
    "RESOURCES",
    "RULES",
    "SEARCHABLES",
    "SUBSCRIPTIONS",
    "customer_panels",
    "plugin_enabled",
    "timeline",
]

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.feedback",
        model=models.Feedback,
        title=_("Feedback"),
        plural=_("Feedback"),
        columns=[
            "number",
            "received_at",
            "source",
            "customer_id",
            "item",
            "score",
            "band",
            "state",
            "due_at",
            "owner_id",
        ],
        search=["verbatim", "item"],
        sort="-received_at",
        icon="message-circle",
        imports=importing.IMPORTS,
    ),
    Resource(
        name="feedback.event",
        model=models.FeedbackEvent,
        title=_("Event of feedback"),
        plural=_("Events of feedback"),
        columns=["feedback_id", "at", "kind", "before", "after", "user_id"],
        sort="-at",
        icon="history",
        menu=False,
    ),
    Resource(
        name="feedback.loop_policy",
        model=models.LoopPolicy,
        title=_("Policy of the loop"),
        plural=_("Policies of the loop"),
        columns=["position", "title", "bands", "sources", "theme", "condition", "hours", "queue", "active"],
        sort="position",
        icon="list-check",
        menu=False,
        description=_("Within how many working hours which feedback is seen to, and by whom."),
    ),
]
OPERATIONS = [
    *operations.OPERATIONS,
    *verifying.OPERATIONS,
    *following.OPERATIONS,
    *policies.OPERATIONS,
    *sources.OPERATIONS,
    *importing.OPERATIONS,
    *ticking.OPERATIONS,
    *rules.OPERATIONS,
]
FACTS = facts.FACTS
REPORTS = reports.REPORTS
RULES = rules.RULES
SUBSCRIPTIONS = [*sources.SUBSCRIPTIONS, *verifying.SUBSCRIPTIONS, *following.SUBSCRIPTIONS]
JOBS = ticking.JOBS
PAGES = pages.PAGES
CARDS = display.CARDS
SEARCHABLES = display.SEARCHABLES
customer_panels = display.customer_panels
timeline = display.timeline_entries
PUBLIC_PAGES = verifying.PUBLIC_PAGES
_PURPOSE = _("Seeing to what customers say")
PERSONAL_DATA = [
    PersonalData(
        table=models.Feedback.__tablename__,
        columns=["verbatim", "resolution", "score"],
        purpose=_PURPOSE,
        on_merge="move",
    ),
    PersonalData(table=models.FeedbackEvent.__tablename__, columns=["note"], purpose=_PURPOSE, on_merge="move"),
]
plugin_enabled = policies.plugin_enabled
