"""What happens in assignment: who got what, and who is there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("work.assignment.made")
class AssignmentMade:
    """A piece of work was given to somebody or to a team, or waits in a queue; ``strategy`` says how it came to."""

    assignment_id: UUID
    ref: Plain
    strategy: Plain
    queue_id: UUID | None = None
    user_id: UUID | None = None
    team_id: UUID | None = None
    customer_id: UUID | None = None


@event("work.person.presence_changed")
class PresenceChanged:
    """Somebody has said whether they are there."""

    user_id: UUID
    presence: Plain
    until: datetime | None = None


@event("work.absence.planned")
class AbsencePlanned:
    """Somebody will not be there, or the dates of that have changed."""

    absence_id: UUID
    user_id: UUID
    starts_at: datetime
    ends_at: datetime
    deputy_id: UUID | None = None


@event("work.absence.cancelled")
class AbsenceCancelled:
    """Somebody will be there after all."""

    absence_id: UUID
    user_id: UUID


EVENTS = [AssignmentMade, PresenceChanged, AbsencePlanned, AbsenceCancelled]
