"""What the ledger has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_loyalty.ledger import events, facts, holding, loading, models, operations, running

_ = texts("crmkit_loyalty")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="loyalty.transaction",
        model=models.Transaction,
        title=_("Movement of points"),
        plural=_("Movements of points"),
        columns=["at", "kind", "customer_id", "account_id", "source", "rule", "reason"],
        sort="-at",
        icon="arrows-sort",
        menu=False,
    ),
    Resource(
        name="loyalty.hold",
        model=models.Hold,
        title=_("Reservation of points"),
        plural=_("Reservations of points"),
        columns=["customer_id", "points", "state", "ref", "expires_at"],
        sort="-expires_at",
        icon="lock",
        menu=False,
    ),
]
EVENTS = events.EVENTS
OPERATIONS = [*operations.OPERATIONS, *holding.OPERATIONS, *loading.OPERATIONS, *running.OPERATIONS]
JOBS = running.JOBS
FACTS = facts.FACTS
_PURPOSE = _("Keeping the points of customers")
PERSONAL_DATA = [
    PersonalData(table=each.__tablename__, purpose=_PURPOSE, on_merge="move")
    for each in (models.Transaction, models.Lot, models.Posting, models.Hold)
]
