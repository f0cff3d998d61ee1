"""What happens with promotions, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("loyalty.promotion.used")
class PromotionUsed:
    """An order of a customer used a promotion."""

    use_id: UUID
    customer_id: UUID
    promotion: Plain


@event("loyalty.promotion.returned")
class PromotionReturned:
    """An order that used a promotion was cancelled or brought back."""

    use_id: UUID
    customer_id: UUID
    promotion: Plain


EVENTS = [PromotionUsed, PromotionReturned]
