"""What happens to customers in pools."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

What = Annotated[str, Input(classified="internal")]


@event("sales.pool.claimed")
class PoolClaimed:
    """Somebody has claimed a customer, or was given one out of a pool."""

    customer_id: UUID
    pool_id: UUID
    user_id: UUID


@event("sales.pool.returned")
class PoolReturned:
    """A customer went back to its pool; ``what`` is released, no_contact or no_deal."""

    customer_id: UUID
    pool_id: UUID
    user_id: UUID | None
    what: What


EVENTS = [PoolClaimed, PoolReturned]
