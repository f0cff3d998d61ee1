"""What the plugin listens to: its own events within the change and after it, and purchases, however late."""

from __future__ import annotations

import logging
from typing import Any

from crmkit import CrmSession, Interaction, Product, Subscription
from sqlalchemy import select

from crmkit_warranty.events import WarrantiesRegistered, WarrantySettled
from crmkit_warranty.models import Warranty
from crmkit_warranty.settings import settings_of

_log = logging.getLogger("crmkit.warranty")


def close_when_used_up(session: CrmSession, event: WarrantySettled) -> None:
    """Close a warranty in the change that settles the last claim it allows."""
    if event.claims >= settings_of(session.crm.settings).claims:
        session.run("warranty.close", target=event.warranty_id)


def note_registered(session: CrmSession, event: WarrantiesRegistered) -> None:
    """Say in the log how many warranties were registered; lost if the process dies, which does no harm."""
    _log.info("%d warranties were registered", len(event.warranty_ids))


def register_on_purchase(session: CrmSession, event: Any) -> None:
    """Register a warranty for each bought product that the settings name.

    The serial number is made from the line, so an event that comes again finds the warranty registered.
    """
    products = settings_of(session.crm.settings).products
    if event.kind != "purchase" or not products:
        return
    bought = session.scalars(select(Interaction).where(Interaction.id.in_(event.interaction_ids)))
    items: list[dict[str, Any]] = []
    for purchase in bought:
        if purchase.customer_id is None:
            continue
        for line in purchase.lines:
            product = session.get(Product, line.product_id) if line.product_id else None
            if product is not None and product.sku in products:
                items.append(
                    {
                        "customer_id": purchase.customer_id,
                        "serial": f"{purchase.external_id or purchase.id}/{line.line_no}"[-60:],
                        "sku": product.sku,
                        "starts_on": purchase.occurred_at.date(),
                        "months": products[product.sku],
                    }
                )
    known = set(session.scalars(select(Warranty.serial).where(Warranty.serial.in_([each["serial"] for each in items]))))
    fresh = [each for each in items if each["serial"] not in known]
    if fresh:
        session.run_many("warranty.register", fresh)


SUBSCRIPTIONS = [
    Subscription(
        name="warranty.close_when_used_up",
        event="warranty.settled",
        handler=close_when_used_up,
        phase="before_commit",
    ),
    Subscription(name="warranty.note_registered", event="warranty.registered", handler=note_registered, durable=False),
    Subscription(name="warranty.register_on_purchase", event="interaction.recorded", handler=register_on_purchase),
]
