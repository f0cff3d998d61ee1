"""What quotes has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_sales.quotes import answering, approving, display, events, making, models, pages, policies, sending, today
from crmkit_sales.quotes.public import QUOTE

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.quote",
        model=models.Quote,
        title=_("Quote"),
        plural=_("Quotes"),
        columns=["number", "revision", "title", "customer_id", "state", "total_minor", "currency", "valid_until"],
        search=["title"],
        sort="-created_at",
        icon="file-text",
        menu=False,
        panels=display.record_panels,
    ),
    Resource(
        name="sales.quote_line",
        model=models.QuoteLine,
        title=_("Line of a quote"),
        plural=_("Lines of quotes"),
        columns=["position", "product_id", "text", "quantity", "unit_price_minor", "discount", "net_minor"],
        sort="position",
        icon="list-details",
        menu=False,
    ),
    Resource(
        name="sales.quote_policy",
        model=models.QuotePolicy,
        title=_("Policy for quotes"),
        plural=_("Policies for quotes"),
        columns=["position", "name", "title", "least_margin", "most_discount", "chain", "active"],
        search=["name", "title"],
        sort="position",
        icon="shield-check",
        menu=False,
        description=_("Which quotes others have to agree to before they are sent."),
    ),
]
OPERATIONS = [
    *making.OPERATIONS,
    *policies.OPERATIONS,
    *approving.OPERATIONS,
    *sending.OPERATIONS,
    *answering.OPERATIONS,
]
EVENTS = events.EVENTS
JOBS = answering.JOBS
SUBSCRIPTIONS = [*approving.SUBSCRIPTIONS, *answering.SUBSCRIPTIONS]
PAGES = pages.PAGES
PUBLIC_PAGES = [QUOTE]
CARDS = today.CARDS
_PURPOSE = _("Offering the customer something, and knowing what was agreed")
PERSONAL_DATA = [
    PersonalData(
        table=models.Quote.__tablename__,
        columns=["title", "terms", "answered_by", "declined_reason"],
        purpose=_PURPOSE,
    ),
    PersonalData(table=models.QuoteLine.__tablename__, columns=["text"], purpose=_PURPOSE),
]
customer_panels = display.customer_panels
timeline = display.timeline_entries
