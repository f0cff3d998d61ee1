"""What happens to verifications."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("quality.verification.opened")
class VerificationOpened:
    """A field of a customer is to be verified again; ``reason`` says why."""

    verification_id: UUID
    customer_id: UUID
    about: Plain
    reason: Plain


@event("quality.verification.finished")
class VerificationFinished:
    """A field of a customer was verified; ``outcome`` says what came of it."""

    verification_id: UUID
    customer_id: UUID
    about: Plain
    outcome: Plain


EVENTS = [VerificationOpened, VerificationFinished]
