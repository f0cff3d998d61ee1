"""What cases have, for the hook module."""

from __future__ import annotations

from crmkit import InteractionKind, PayloadField, PersonalData, Resource, texts
from crmkit_service.cases import (
    after_sales,
    case_types,
    closing,
    complaint_models,
    complaints,
    display,
    facts,
    importing,
    linking,
    merging,
    models,
    opening,
    operations,
    owners,
    panels,
    rules,
    standard,
    talking,
    teams,
)
from crmkit_service.cases.events import EVENTS
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage, CaseType

__all__ = [
    "CALENDARS",
    "CARDS",
    "EVENTS",
    "FACTS",
    "INTERACTION_KINDS",
    "JOBS",
    "MODELS",
    "OPERATIONS",
    "PERSONAL_DATA",
    "RESOURCES",
    "RULES",
    "SEARCHABLES",
    "SUBSCRIPTIONS",
    "customer_panels",
    "plugin_enabled",
    "timeline",
]

_ = texts("crmkit_service")

MODELS = [*models.MODELS, *complaint_models.MODELS]
RESOURCES = [
    Resource(
        name="service.case",
        model=Case,
        title=_("Case"),
        plural=_("Cases"),
        columns=["number", "subject", "customer_id", "kind", "state", "priority", "due_at", "owner_id", "queue_id"],
        search=["subject"],
        sort="-opened_at",
        icon="headset",
        imports=importing.IMPORTS,
        panels=panels.panels,
    ),
    Resource(
        name="service.message",
        model=CaseMessage,
        title=_("Message of a case"),
        plural=_("Messages of cases"),
        columns=["case_id", "at", "direction", "channel", "author_id", "delivery"],
        sort="-at",
        icon="message",
        menu=False,
    ),
    Resource(
        name="service.case_event",
        model=CaseEvent,
        title=_("Event of a case"),
        plural=_("Events of cases"),
        columns=["case_id", "at", "kind", "before", "after", "user_id"],
        sort="-at",
        icon="history",
        menu=False,
    ),
    Resource(
        name="service.case_type",
        model=CaseType,
        title=_("Type of case"),
        plural=_("Types of case"),
        columns=["name", "title", "kind", "default_priority", "follow_up_days", "close_days", "usual", "active"],
        search=["title", "name"],
        sort="name",
        icon="category",
    ),
    Resource(
        name="service.complaint",
        model=complaint_models.Complaint,
        title=_("Handling of a complaint"),
        plural=_("Handling of complaints"),
        columns=["case_id", "root_cause", "upheld", "redress", "regulator_deadline", "acknowledged_at"],
        sort="-created_at",
        icon="flag",
        menu=False,
    ),
    Resource(
        name="service.after_sale",
        model=complaint_models.AfterSale,
        title=_("After-sale record"),
        plural=_("After-sale records"),
        columns=["number", "kind", "state", "customer_id", "product_id", "serial", "warranty_until", "planned_on"],
        search=["serial"],
        sort="-created_at",
        icon="settings",
    ),
]
INTERACTION_KINDS = [
    InteractionKind(
        name="service.message",
        title=_("Message about a case"),
        channel="web",
        direction="in",
        payload=[PayloadField(name="number", type="integer", classified="internal", title=_("Number of the case"))],
        description=_("What was said about a case on its page, by a form or by another system."),
    )
]
OPERATIONS = [
    *opening.OPERATIONS,
    *talking.OPERATIONS,
    *operations.OPERATIONS,
    *merging.OPERATIONS,
    *linking.OPERATIONS,
    *complaints.OPERATIONS,
    *after_sales.OPERATIONS,
    *closing.OPERATIONS,
    *rules.OPERATIONS,
    *importing.OPERATIONS,
    *owners.OPERATIONS,
    *case_types.OPERATIONS,
]
SUBSCRIPTIONS = [*linking.SUBSCRIPTIONS, *owners.SUBSCRIPTIONS, *teams.SUBSCRIPTIONS]
FACTS = facts.FACTS
RULES = rules.RULES
CARDS = display.CARDS
CALENDARS = display.CALENDARS
SEARCHABLES = display.SEARCHABLES
customer_panels = display.customer_panels
timeline = display.timeline_entries
JOBS = closing.JOBS
_PURPOSE = _("Helping the customer")
PERSONAL_DATA = [
    PersonalData(table=Case.__tablename__, columns=["subject", "intent"], purpose=_PURPOSE),
    PersonalData(table=CaseMessage.__tablename__, columns=["body"], purpose=_PURPOSE),
    PersonalData(table=CaseEvent.__tablename__, purpose=_PURPOSE),
    PersonalData(table=complaint_models.Complaint.__tablename__, columns=["finding"], purpose=_PURPOSE),
    PersonalData(table=complaint_models.AfterSale.__tablename__, columns=["work", "serial"], purpose=_PURPOSE),
    PersonalData(table=complaint_models.MergeRecord.__tablename__, purpose=_PURPOSE),
]
plugin_enabled = standard.plugin_enabled
