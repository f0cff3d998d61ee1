"""What happens to improvements, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("feedback.improvement.moved")
class ImprovementMoved:
    """An improvement went from one state to another; "verified" says that it helped."""

    improvement_id: UUID
    from_state: Plain
    to_state: Plain


EVENTS = [ImprovementMoved]
