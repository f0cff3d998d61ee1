"""What happens to invitations, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("feedback.distribution.moved")
class DistributionMoved:
    """A distribution was begun, paused, resumed or ended; ``dropped`` is how many were planned and are not asked."""

    distribution_id: UUID
    survey_id: UUID
    from_state: Plain
    to_state: Plain
    dropped: Annotated[int, Input(classified="internal")] = 0


@event("feedback.invitation.sent")
class InvitationsSent:
    """Customers were asked: at most 200, each with its invitation at the same place."""

    distribution_id: UUID
    survey_id: UUID
    invitation_ids: tuple[UUID, ...]
    customer_ids: tuple[UUID, ...]


@event("feedback.invitation.called")
class InvitationCalled:
    """Somebody has called for an invitation."""

    invitation_id: UUID
    customer_id: UUID
    outcome: Plain


EVENTS = [DistributionMoved, InvitationsSent, InvitationCalled]
