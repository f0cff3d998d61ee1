"""What orders has, for the hook module."""

from __future__ import annotations

from crmkit import CRM, Actor, PersonalData, Resource, texts
from crmkit_sales.orders import (
    display,
    events,
    facts,
    models,
    moving,
    ordering,
    pages,
    quoting,
    reports,
    returning,
    reviewing,
    rules,
    ruling,
)

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.order",
        model=models.Order,
        title=_("Order"),
        plural=_("Orders"),
        columns=["number", "customer_id", "state", "exceptions", "total_minor", "currency", "wanted_on", "owner_id"],
        sort="-number",
        icon="package",
        description=_("What customers have ordered, and how far it is."),
    ),
    Resource(
        name="sales.order_line",
        model=models.OrderLine,
        title=_("Line of an order"),
        plural=_("Lines of orders"),
        columns=["line_no", "description", "quantity", "unit_price_minor", "total_minor", "returned"],
        sort="line_no",
        icon="list",
        menu=False,
    ),
    Resource(
        name="sales.order_exception",
        model=models.OrderException,
        title=_("Exception of an order"),
        plural=_("Exceptions of orders"),
        columns=["kind", "state", "raised_at", "settled_at", "settled_by_id"],
        sort="-raised_at",
        icon="alert-triangle",
        menu=False,
    ),
    Resource(
        name="sales.return",
        model=models.OrderReturn,
        title=_("Return"),
        plural=_("Returns"),
        columns=["number", "customer_id", "returned_at", "amount_minor", "currency", "reason"],
        sort="-number",
        icon="arrow-left",
        menu=False,
    ),
    Resource(
        name="sales.order_rule",
        model=models.OrderRule,
        title=_("Rule for orders"),
        plural=_("Rules for orders"),
        columns=["name", "title", "from_state", "to_state", "condition", "active", "position"],
        search=["name", "title"],
        sort="position",
        icon="route",
        menu=False,
        description=_("When orders go on by themselves, and what has to be met."),
    ),
    Resource(
        name="sales.credit_limit",
        model=models.CreditLimit,
        title=_("Credit limit"),
        plural=_("Credit limits"),
        columns=["customer_id", "limit_minor", "currency"],
        icon="credit-card",
        menu=False,
    ),
]
OPERATIONS = [
    *ordering.OPERATIONS,
    *quoting.OPERATIONS,
    *moving.OPERATIONS,
    *returning.OPERATIONS,
    *ruling.OPERATIONS,
    *reviewing.OPERATIONS,
]
EVENTS = events.EVENTS
FACTS = facts.FACTS
RULES = rules.RULES
REPORTS = reports.REPORTS
JOBS = reviewing.JOBS
PAGES = pages.PAGES
CARDS = display.CARDS
BOARDS = display.BOARDS
CALENDARS = display.CALENDARS
_PURPOSE = _("Delivering what the customer has ordered")
PERSONAL_DATA = [
    PersonalData(table=models.Order.__tablename__, columns=["ship_to", "cancel_reason"], purpose=_PURPOSE),
    PersonalData(table=models.OrderLine.__tablename__, columns=["description"], purpose=_PURPOSE),
    PersonalData(table=models.OrderException.__tablename__, columns=["details", "note"], purpose=_PURPOSE),
    PersonalData(table=models.OrderReturn.__tablename__, columns=["reason"], purpose=_PURPOSE),
    PersonalData(table=models.ReturnLine.__tablename__, purpose=_PURPOSE),
    PersonalData(
        table=models.CreditLimit.__tablename__,
        purpose=_("Limiting what the customer may owe"),
        on_merge="keep_winner",
    ),
]
customer_panels = display.customer_panels
timeline = display.timeline


def plugin_enabled(crm: CRM) -> None:
    """Add the rules by which orders go on, where there are none yet."""
    crm.run(Actor.system("sales is enabled"), "sales.order_rule.install")
