"""What offers add where a customer is shown: the next offers, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from crmkit import CrmSession, Panel, texts
from crmkit_sales.offers.reading import Offer, offers_of

_ = texts("crmkit_sales")

HOME = "/modules/sales/offers"


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what to offer to each customer next."""
    language = session.actor.language or session.business().language
    found: dict[UUID, list[Offer]] = defaultdict(list)
    for each in offers_of(session, customer_ids):
        found[each.customer_id].append(each)
    return [
        Panel(
            customer_id=customer_id,
            title=_("What to offer next"),
            rows=[(each.product.title, each.why(language)) for each in offers],
            path=f"{HOME}?customer={customer_id}",
            link=_("Note an answer"),
        )
        for customer_id, offers in found.items()
    ]
