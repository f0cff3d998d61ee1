"""What insights have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_knowledge.insights import (
    display,
    events,
    facts,
    importing,
    keeping,
    models,
    noting,
    pages,
    reports,
    rules,
    ticking,
    topics,
)

_ = texts("crmkit_knowledge")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="knowledge.insight",
        model=models.Insight,
        title=_("Insight"),
        plural=_("Insights"),
        columns=["customer_id", "topic_id", "kind", "text", "source", "confidence", "expires_on", "due_on", "state"],
        sort="-learnt_at",
        icon="bulb",
        panels=display.panels,
        imports=importing.IMPORTS,
        menu=False,
    ),
    Resource(
        name="knowledge.insight_topic",
        model=models.InsightTopic,
        title=_("Topic of insights"),
        plural=_("Topics of insights"),
        columns=["title", "name", "kind", "single", "days", "active"],
        sort="position",
        search=["title", "name"],
        icon="list-check",
        menu=False,
    ),
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
RULES = rules.RULES
REPORTS = reports.REPORTS
PAGES = pages.PAGES
CARDS = display.CARDS
customer_panels = display.customer_panels
timeline = display.timeline
OPERATIONS = [*topics.OPERATIONS, *noting.OPERATIONS, *keeping.OPERATIONS, *ticking.OPERATIONS]
SUBSCRIPTIONS = ticking.SUBSCRIPTIONS
JOBS = ticking.JOBS
plugin_enabled = topics.plugin_enabled
_PURPOSE = _("Serving customers as they want to be served, and keeping what was promised")
PERSONAL_DATA = [
    PersonalData(table=models.Insight.__tablename__, columns=["text", "outcome"], purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.InsightEvent.__tablename__, purpose=_PURPOSE, on_merge="move"),
]
