"""What happens to offers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event


@event("sales.offer.answered")
class OfferAnswered:
    """A customer has answered to an offer: taken or declined."""

    customer_id: UUID
    product_id: UUID
    answer: Annotated[str, Input(classified="internal")]


EVENTS = [OfferAnswered]
