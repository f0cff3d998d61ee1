"""What happens to opportunities."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Stage = Annotated[str, Input(classified="internal")]
Currency = Annotated[str, Input(classified="public")]


@event("sales.opportunity.created")
class OpportunityCreated:
    """An opportunity was added."""

    opportunity_id: UUID
    customer_id: UUID


@event("sales.opportunity.moved")
class OpportunityMoved:
    """An opportunity went from one open stage to another, or was opened again."""

    opportunity_id: UUID
    customer_id: UUID
    from_stage: Stage
    to_stage: Stage


@event("sales.opportunity.won")
class OpportunityWon:
    """The customer will buy; the amount is the estimate of that moment, in minor units."""

    opportunity_id: UUID
    customer_id: UUID
    amount_minor: int | None
    currency: Currency | None


@event("sales.opportunity.lost")
class OpportunityLost:
    """The customer will not buy."""

    opportunity_id: UUID
    customer_id: UUID


EVENTS = [OpportunityCreated, OpportunityMoved, OpportunityWon, OpportunityLost]
