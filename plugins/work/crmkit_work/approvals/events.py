"""What happens to requests for approval. What they ask for is not told: who may see it reads it there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("work.approval.requested")
class ApprovalRequested:
    """Somebody asks to run an operation that others have to agree to."""

    approval_id: UUID
    operation: Plain
    requester_id: UUID | None = None
    customer_id: UUID | None = None


@event("work.approval.decided")
class ApprovalDecided:
    """Somebody has decided; ``state`` is what the request is then."""

    approval_id: UUID
    operation: Plain
    approved: bool
    state: Plain
    user_id: UUID | None = None
    customer_id: UUID | None = None


@event("work.approval.ended")
class ApprovalEnded:
    """A request is over: carried out, failed, withdrawn, expired."""

    approval_id: UUID
    operation: Plain
    state: Plain
    customer_id: UUID | None = None


EVENTS = [ApprovalRequested, ApprovalDecided, ApprovalEnded]
