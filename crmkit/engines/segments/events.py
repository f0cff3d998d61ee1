"""What segments tell: that one was changed, and who entered or left it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from crmkit.core.operations.events import Internal, event

Cause = Literal["customer", "definition"]


@event("segment.changed")
class SegmentChanged:
    """A segment was saved, enabled, disabled, reset, frozen or thawed; ``operation`` says which."""

    segment: Internal
    operation: Internal


@event("segment.entered")
class SegmentEntered:
    """Customers, at most 1,000 in an event, entered a segment. ``cause`` says what has changed: something about them,
    or the segment's definition, as by the first run of a new one."""

    segment: Internal
    customer_ids: tuple[UUID, ...]
    as_of: datetime
    cause: Cause


@event("segment.left")
class SegmentLeft:
    """Customers, at most 1,000 in an event, left a segment; see `SegmentEntered`."""

    segment: Internal
    customer_ids: tuple[UUID, ...]
    as_of: datetime
    cause: Cause


EVENTS: list[type[object]] = [SegmentChanged, SegmentEntered, SegmentLeft]
