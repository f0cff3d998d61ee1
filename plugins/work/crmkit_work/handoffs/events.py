"""What happens to hand-offs."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("work.handoff.offered")
class HandoffOffered:
    """One side has handed something to another, which has to accept it."""

    handoff_id: UUID
    customer_id: UUID | None = None
    team_id: UUID | None = None
    owner_id: UUID | None = None


@event("work.handoff.accepted")
class HandoffAccepted:
    """The receiving side has taken it; ``waited_seconds`` is working time."""

    handoff_id: UUID
    owner_id: UUID
    customer_id: UUID | None = None
    waited_seconds: int = 0


@event("work.handoff.declined")
class HandoffDeclined:
    """The receiving side will not take it."""

    handoff_id: UUID
    customer_id: UUID | None = None


@event("work.handoff.returned")
class HandoffReturned:
    """The receiving side had taken it and gives it back."""

    handoff_id: UUID
    customer_id: UUID | None = None


@event("work.handoff.expired")
class HandoffExpired:
    """Nobody has accepted it in time."""

    handoff_id: UUID
    customer_id: UUID | None = None


@event("work.handoff.finished")
class HandoffFinished:
    """What was asked is done."""

    handoff_id: UUID
    customer_id: UUID | None = None


@event("work.handoff.withdrawn")
class HandoffWithdrawn:
    """Who handed it over has taken it back."""

    handoff_id: UUID
    customer_id: UUID | None = None


EVENTS = [
    HandoffOffered,
    HandoffAccepted,
    HandoffDeclined,
    HandoffReturned,
    HandoffExpired,
    HandoffFinished,
    HandoffWithdrawn,
]
