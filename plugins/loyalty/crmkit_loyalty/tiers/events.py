"""What happens to tiers, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Flag = Annotated[bool, Input(classified="internal")]


@event("loyalty.tier.changed")
class TierChanged:
    """A member got another tier: ``up`` says whether it is a higher one. ``before`` is empty at the first."""

    member_id: UUID
    customer_id: UUID
    before: Plain
    after: Plain
    up: Flag
    reason: Plain


EVENTS = [TierChanged]
