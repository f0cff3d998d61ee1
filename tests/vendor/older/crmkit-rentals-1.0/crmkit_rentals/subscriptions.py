"""What the plugin listens to."""

from __future__ import annotations

from typing import Any

from crmkit import CrmSession, Subscription, texts
from sqlalchemy import select

from crmkit_rentals.models import Item

_ = texts("crmkit_rentals")


def welcome(session: CrmSession, event: Any) -> None:
    """Add a first item to customers who were converted; one who has an item keeps it when the event comes again."""
    known = set(session.scalars(select(Item.customer_id).where(Item.customer_id.in_(event.customer_ids))))
    for customer_id in event.customer_ids:
        if customer_id not in known:
            first = {"customer_id": customer_id, "title": str(_("Welcome"))}
            session.run("rentals.add", first)


SUBSCRIPTIONS = [
    Subscription(
        name="rentals.welcome",
        event="customer.converted",
        handler=welcome,
    )
]
