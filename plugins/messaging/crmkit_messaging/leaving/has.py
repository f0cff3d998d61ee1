"""What this room has, for `crmkit_messaging.plugin`."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_messaging.leaving import events, listening, operations, pages
from crmkit_messaging.leaving.models import Leave
from crmkit_messaging.leaving.public import LEAVE

_ = texts("crmkit_messaging")

MODELS = [Leave]
RESOURCES = [
    Resource(
        name="messaging.leave",
        model=Leave,
        title=_("Unsubscription"),
        plural=_("Unsubscriptions"),
        columns=["customer_id", "purpose", "channel", "left_at", "way"],
        sort="-left_at",
        icon="logout",
        menu=False,
        description=_("What customers were offered to leave, and have left."),
    )
]
OPERATIONS = operations.OPERATIONS
EVENTS = events.EVENTS
SUBSCRIPTIONS = listening.SUBSCRIPTIONS
PAGES = pages.PAGES
PUBLIC_PAGES = [LEAVE]
PERSONAL_DATA = [
    PersonalData(
        table=Leave.__tablename__,
        columns=["reason"],
        purpose=_("Knowing what the customer does not want, and why"),
    )
]
