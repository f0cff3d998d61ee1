"""What leads has, for the hook module."""

from __future__ import annotations

from crmkit import InteractionKind, PayloadField, PersonalData, Resource, texts
from crmkit_sales.leads import (
    capturing,
    dimensions,
    display,
    events,
    facts,
    forms,
    handing,
    importing,
    models,
    moving,
    opening,
    pages,
    public,
    reports,
    rules,
    sources,
)
from crmkit_sales.leads.settling import KIND

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.lead",
        model=models.Lead,
        title=_("Lead"),
        plural=_("Leads"),
        columns=["number", "title", "customer_id", "state", "source_id", "intent", "owner_id", "opened_at"],
        search=["title"],
        sort="-opened_at",
        icon="user-plus",
        menu=False,
        description=_("Who may become a customer, and how far that has come."),
    ),
    Resource(
        name="sales.lead_source",
        model=models.LeadSource,
        title=_("Source of leads"),
        plural=_("Sources of leads"),
        columns=["title", "name", "kind", "cost_minor", "currency", "active"],
        sort="name",
        icon="speakerphone",
        description=_("Where leads come from, and what that cost."),
    ),
    Resource(
        name="sales.form",
        model=models.LeadForm,
        title=_("Form"),
        plural=_("Forms"),
        columns=["title", "name", "source_id", "queue", "active"],
        sort="name",
        icon="clipboard-list",
        menu=False,
    ),
    Resource(
        name="sales.inquiry",
        model=models.Inquiry,
        title=_("Inquiry"),
        plural=_("Inquiries"),
        columns=["received_at", "way", "form_id", "state", "customer_id", "lead_id"],
        sort="-received_at",
        icon="mail",
        menu=False,
        description=_("What came in by forms, from other systems and out of files."),
        imports=importing.IMPORTS,
    ),
]
INTERACTION_KINDS = [
    InteractionKind(
        name=KIND,
        title=_("Inquiry"),
        channel="web",
        direction="in",
        payload=[
            PayloadField(name="way", classified="internal", title=_("By")),
            PayloadField(name="form", classified="internal", title=_("Form")),
            PayloadField(name="answers", type="object", title=_("Answers")),
        ],
        description=_("Somebody has filled in a form, or was reported by another system."),
    )
]
OPERATIONS = [
    *opening.OPERATIONS,
    *moving.OPERATIONS,
    *handing.OPERATIONS,
    *capturing.OPERATIONS,
    *forms.OPERATIONS,
    *sources.OPERATIONS,
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
RULES = rules.RULES
REPORTS = reports.REPORTS
SUBSCRIPTIONS = [*handing.SUBSCRIPTIONS, *capturing.SUBSCRIPTIONS]
PAGES = pages.PAGES
PUBLIC_PAGES = [public.FORM]
CARDS = display.CARDS
_PURPOSE = _("Finding out whether the customer wants to buy")
PERSONAL_DATA = [
    PersonalData(table=models.Lead.__tablename__, columns=["title", "need", "reason", "campaign"], purpose=_PURPOSE),
    PersonalData(table=models.LeadChange.__tablename__, columns=["reason"], purpose=_PURPOSE),
    PersonalData(table=models.Inquiry.__tablename__, columns=["answers", "sender"], purpose=_PURPOSE),
]
customer_panels = display.customer_panels
timeline = display.timeline_entries
