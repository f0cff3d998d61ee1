"""What this room tells of. Nothing of it says who the customers are."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("quality.duplicates.found")
class DuplicatesFound:
    """A search has ended: so many pairs wait for a decision of those that it looked for, ``fresh`` of them new."""

    search_id: UUID
    found: int
    fresh: int


@event("quality.pair.decided")
class PairDecided:
    """Somebody has said what two customers are: ``merged`` into one, or not."""

    pair_id: UUID
    first_id: UUID
    second_id: UUID
    merged: bool


EVENTS = [DuplicatesFound, PairDecided]
