"""What happens to clocks, for whoever listens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("service.clock.warned")
class ClockWarned:
    """The deadline of a clock comes near: a step of its ladder before it was taken."""

    case_id: UUID
    customer_id: UUID
    clock: Plain
    due_at: datetime | None


@event("service.clock.breached")
class ClockBreached:
    """The deadline of a clock has passed unmet; ``late_seconds`` is how long ago that was when it was found."""

    case_id: UUID
    customer_id: UUID
    clock: Plain
    due_at: datetime
    late_seconds: int


@event("service.case.escalated")
class CaseEscalated:
    """A step of a ladder was taken for a case; the first step is 1, its repetitions are counted from 0."""

    case_id: UUID
    customer_id: UUID
    clock: Plain
    ladder: Plain
    step: int
    turn: int
    late_seconds: int


EVENTS = [ClockWarned, ClockBreached, CaseEscalated]
