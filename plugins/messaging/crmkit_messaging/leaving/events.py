"""What leaving tells others."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("messaging.customer.left")
class CustomerLeft:
    """A customer wants no more messages for a purpose, or for any ("*"), by a channel; ``way`` says how it left."""

    customer_id: UUID
    purpose: Plain
    channel: Plain
    way: Plain


EVENTS = [CustomerLeft]
