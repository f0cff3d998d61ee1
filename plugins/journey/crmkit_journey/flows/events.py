"""What happens to flows, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]
Word = Annotated[str, Input(classified="internal")]


@event("journey.flow.published")
class FlowPublished:
    """A version of a flow was published."""

    flow_id: UUID
    number: Number


@event("journey.flow.stopped")
class FlowStopped:
    """A flow was paused, by somebody or by itself; ``reason`` says why in the latter case."""

    flow_id: UUID
    reason: Word


EVENTS = [FlowPublished, FlowStopped]
