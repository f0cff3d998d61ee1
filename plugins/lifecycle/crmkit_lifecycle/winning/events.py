"""What happens to attempts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("lifecycle.winback.begun")
class AttemptBegun:
    """Something is tried with a customer, who is ``treated`` or in the ``control`` group."""

    customer_id: UUID
    attempt_id: UUID
    plan: Plain
    arm: Plain
    number: int


@event("lifecycle.winback.ended")
class AttemptEnded:
    """An attempt has succeeded, run out, or was stopped."""

    customer_id: UUID
    attempt_id: UUID
    plan: Plain
    arm: Plain
    state: Plain


EVENTS = [AttemptBegun, AttemptEnded]
