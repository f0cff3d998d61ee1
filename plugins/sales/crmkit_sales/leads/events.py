"""What happens to leads."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

State = Annotated[str, Input(classified="internal")]


@event("sales.lead.opened")
class LeadOpened:
    """A lead came in."""

    lead_id: UUID
    customer_id: UUID
    source_id: UUID | None = None


@event("sales.lead.changed")
class LeadChanged:
    """What is known of a lead was changed."""

    lead_id: UUID
    customer_id: UUID


@event("sales.lead.qualified")
class LeadQualified:
    """Marketing holds a lead to be worth a seller's time."""

    lead_id: UUID
    customer_id: UUID


@event("sales.lead.offered")
class LeadOffered:
    """A lead was offered to a seller, a team or a queue."""

    lead_id: UUID
    customer_id: UUID
    handoff_id: UUID
    user_id: UUID | None = None


@event("sales.lead.accepted")
class LeadAccepted:
    """Sales has taken a lead; ``waited_seconds`` is working time since it was offered."""

    lead_id: UUID
    customer_id: UUID
    user_id: UUID | None
    waited_seconds: int


@event("sales.lead.rejected")
class LeadRejected:
    """Sales will not take a lead."""

    lead_id: UUID
    customer_id: UUID
    user_id: UUID | None


@event("sales.lead.missed")
class LeadMissed:
    """Nobody has answered the offer of a lead in time."""

    lead_id: UUID
    customer_id: UUID
    user_id: UUID | None


@event("sales.lead.converted")
class LeadConverted:
    """A lead became an opportunity."""

    lead_id: UUID
    customer_id: UUID
    opportunity_id: UUID


@event("sales.lead.closed")
class LeadClosed:
    """A lead went back to marketing or was disqualified; ``state`` says which."""

    lead_id: UUID
    customer_id: UUID
    state: State


@event("sales.inquiry.received")
class InquiryReceived:
    """Something came in that has to be settled: about whom it is, and what lead comes of it."""

    inquiry_id: UUID


EVENTS = [
    LeadOpened,
    LeadChanged,
    LeadQualified,
    LeadOffered,
    LeadAccepted,
    LeadRejected,
    LeadMissed,
    LeadConverted,
    LeadClosed,
    InquiryReceived,
]
