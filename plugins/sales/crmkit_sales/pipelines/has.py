"""What pipelines has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, Subscription, texts
from crmkit_sales.pipelines import (
    closing,
    designing,
    dimensions,
    display,
    facts,
    handing,
    importing,
    lines,
    migrating,
    models,
    operations,
    pages,
    panels,
    pipeline_models,
    planning,
    reasons,
    rules,
    standard,
    today,
    views,
)
from crmkit_sales.pipelines.events import EVENTS
from crmkit_sales.pipelines.models import Opportunity, OpportunityLine, OpportunityState
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Competitor, Pipeline, PipelineVersion, Stage

__all__ = [
    "BOARDS",
    "CALENDARS",
    "CARDS",
    "DIMENSIONS",
    "EVENTS",
    "FACTS",
    "MODELS",
    "OPERATIONS",
    "PAGES",
    "PERSONAL_DATA",
    "RESOURCES",
    "RULES",
    "SUBSCRIPTIONS",
    "customer_panels",
    "plugin_enabled",
    "timeline",
]

_ = texts("crmkit_sales")

MODELS = [*pipeline_models.MODELS, *models.MODELS]
RESOURCES = [
    Resource(
        name="sales.opportunity",
        model=Opportunity,
        title=_("Opportunity"),
        plural=_("Opportunities"),
        columns=[
            "title",
            "customer_id",
            "stage_id",
            "stage_kind",
            "amount_minor",
            "currency",
            "expected_close",
            "owner_id",
            "number",
        ],
        search=["title"],
        sort="expected_close",
        icon="target",
        imports=importing.IMPORTS,
        panels=panels.panels,
    ),
    Resource(
        name="sales.opportunity_line",
        model=OpportunityLine,
        title=_("Line of an opportunity"),
        plural=_("Lines of opportunities"),
        columns=["opportunity_id", "position", "product_id", "text", "quantity", "unit_price_minor", "amount_minor"],
        sort="position",
        icon="list",
        menu=False,
    ),
    Resource(
        name="sales.opportunity_state",
        model=OpportunityState,
        title=_("State of an opportunity"),
        plural=_("States of opportunities"),
        columns=["since", "cause", "stage", "category", "probability", "amount_minor", "currency", "expected_close"],
        sort="-since",
        icon="history",
        menu=False,
    ),
    Resource(
        name="sales.pipeline",
        model=Pipeline,
        title=_("Pipeline"),
        plural=_("Pipelines"),
        columns=["name", "title", "usual", "active"],
        search=["title", "name"],
        sort="name",
        icon="layout-kanban",
    ),
    Resource(
        name="sales.pipeline_version",
        model=PipelineVersion,
        title=_("Version of a pipeline"),
        plural=_("Versions of pipelines"),
        columns=["pipeline_id", "number", "state", "published_at"],
        sort="-number",
        icon="copy",
        menu=False,
    ),
    Resource(
        name="sales.stage",
        model=Stage,
        title=_("Stage"),
        plural=_("Stages"),
        columns=["title", "kind", "probability", "category", "rot_days", "version_id"],
        search=["title", "name"],
        sort="position",
        icon="columns",
        menu=False,
    ),
    Resource(
        name="sales.reason",
        model=ClosingReason,
        title=_("Reason for winning or losing"),
        plural=_("Reasons for winning and losing"),
        columns=["title", "kind", "active"],
        search=["title", "name"],
        sort="kind",
        icon="help",
        menu=False,
    ),
    Resource(
        name="sales.competitor",
        model=Competitor,
        title=_("Competitor"),
        plural=_("Competitors"),
        columns=["name", "website", "active"],
        search=["name"],
        sort="name",
        icon="target",
    ),
]
OPERATIONS = [
    *operations.OPERATIONS,
    *closing.OPERATIONS,
    *designing.OPERATIONS,
    *importing.OPERATIONS,
    *planning.OPERATIONS,
    *handing.OPERATIONS,
    *lines.OPERATIONS,
    *migrating.OPERATIONS,
    *reasons.OPERATIONS,
]
SUBSCRIPTIONS = [Subscription(name="sales.owners_handed_over", event="user.handed_over", handler=handing.handed_over)]
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
RULES = rules.RULES
BOARDS = views.BOARDS
CALENDARS = views.CALENDARS
CARDS = today.CARDS
PAGES = pages.PAGES
_PURPOSE = _("Selling to the customer")
PERSONAL_DATA = [
    PersonalData(table=Opportunity.__tablename__, columns=["title", "lost_reason", "next_step"], purpose=_PURPOSE),
    PersonalData(table=OpportunityLine.__tablename__, columns=["text"], purpose=_PURPOSE),
    PersonalData(table=OpportunityState.__tablename__, purpose=_PURPOSE),
]
customer_panels = display.customer_panels
timeline = display.timeline_entries
plugin_enabled = standard.plugin_enabled
