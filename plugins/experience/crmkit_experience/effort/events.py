"""What happens to effort, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event


@event("experience.effort.high")
class EffortHigh:
    """An issue takes the customer much effort now, for the first time. ``index`` is from 0 to 100."""

    issue_id: UUID
    customer_id: UUID
    index: Annotated[float, Input(classified="internal")]


EVENTS = [EffortHigh]
