"""What happens to needs, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("needs.need.opened")
class NeedOpened:
    """A need was written down."""

    need_id: UUID
    number: Number
    kind: Plain


@event("needs.need.changed")
class NeedChanged:
    """What is said of a need was changed: its day, its area or who has it."""

    need_id: UUID


@event("needs.need.assigned")
class NeedAssigned:
    """A need was made somebody's by somebody else."""

    need_id: UUID
    owner_id: UUID


@event("needs.need.moved")
class NeedMoved:
    """A need went from one state to another."""

    need_id: UUID
    number: Number
    from_state: Plain
    to_state: Plain


@event("needs.need.delivered")
class NeedDelivered:
    """A need was delivered; whoever follows up with those who asked listens to this."""

    need_id: UUID
    number: Number


@event("needs.need.merged")
class NeedMerged:
    """A need was merged into another one, with its evidence."""

    need_id: UUID
    into_id: UUID


@event("needs.need.unmerged")
class NeedUnmerged:
    """A merge was undone."""

    need_id: UUID
    from_id: UUID


@event("needs.evidence.added")
class EvidenceAdded:
    """A customer turned out to need something."""

    need_id: UUID
    evidence_id: UUID
    customer_id: UUID
    source: Plain


EVENTS = [NeedOpened, NeedChanged, NeedAssigned, NeedMoved, NeedDelivered, NeedMerged, NeedUnmerged, EvidenceAdded]
