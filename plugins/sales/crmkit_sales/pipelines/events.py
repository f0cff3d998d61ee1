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


@event("sales.opportunity.changed")
class OpportunityChanged:
    """What counts in forecasts is another than before: its amount, day, owner, probability or category."""

    opportunity_id: UUID
    customer_id: UUID


@event("sales.opportunity.removed")
class OpportunityRemoved:
    """An opportunity was removed, as it had been added by mistake."""

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


@event("sales.pipeline.published")
class PipelinePublished:
    """New opportunities of a pipeline begin in another version from now on."""

    pipeline_id: UUID
    version_id: UUID
    number: int


EVENTS = [
    PipelinePublished,
    OpportunityCreated,
    OpportunityChanged,
    OpportunityMoved,
    OpportunityWon,
    OpportunityLost,
    OpportunityRemoved,
]
