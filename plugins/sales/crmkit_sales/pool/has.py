"""What the public pool has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_sales.pool import checks, events, facts, managing, models, operations, pages, reading, running
from crmkit_sales.pool.access import access_rules as access_rules
from crmkit_sales.pool.pages import customer_panels as customer_panels, timeline as timeline

_ = texts("crmkit_sales")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.pool",
        model=models.Pool,
        title=_("Pool"),
        plural=_("Pools"),
        columns=["title", "name", "team_id", "claims_per_day", "holding_cap", "active"],
        search=["title"],
        sort="position",
        icon="users",
        menu=False,
        description=_("Customers whom nobody has to keep, and the terms on which they are."),
    ),
    Resource(
        name="sales.holding",
        model=models.Holding,
        title=_("Customer in a pool"),
        plural=_("Customers in pools"),
        columns=["customer_id", "pool_id", "state", "owner_id", "since", "protected_until"],
        sort="-since",
        icon="users",
        menu=False,
    ),
]
OPERATIONS = [*managing.OPERATIONS, *operations.OPERATIONS, *running.OPERATIONS]
EVENTS = events.EVENTS
FACTS = facts.FACTS
REPORTS = reading.REPORTS
JOBS = running.JOBS
SUBSCRIPTIONS = running.SUBSCRIPTIONS
PAGES = pages.PAGES
CHECKS = checks.CHECKS
GUARDS = ["customer"]
PERSONAL_DATA = [
    PersonalData(
        table=models.Holding.__tablename__, purpose=_("Knowing who sells to the customer"), on_merge="keep_winner"
    ),
    PersonalData(
        table=models.HoldingMove.__tablename__,
        columns=["reason", "reason_sealed"],
        purpose=_("Knowing who sold to the customer"),
    ),
]
