"""What happens to scores."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Name = Annotated[str, Input(classified="internal")]


@event("sales.lead.crossed")
class LeadCrossed:
    """The score of a customer by a model has crossed a threshold, up or down. ``usual`` says whether the model is the
    one that decides."""

    customer_id: UUID
    model: Name
    usual: bool
    from_label: Name
    to_label: Name


EVENTS = [LeadCrossed]
