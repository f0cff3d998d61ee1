"""What happens in channels, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("service.intake.received")
class IntakeReceived:
    """A form was filled in, or another system has said something; whose it is, is found out afterwards."""

    intake_id: UUID


@event("service.intake.settled")
class IntakeSettled:
    """What came in is in a case now; ``opened`` says whether the case was opened for it."""

    intake_id: UUID
    case_id: UUID
    customer_id: UUID
    way: Plain
    opened: Annotated[bool, Input(classified="internal")]


@event("service.case.rated")
class CaseRated:
    """A customer has said how satisfied they are with how a case was solved, from 1 to 5."""

    case_id: UUID
    customer_id: UUID
    rating_id: UUID
    score: Number
    round: Number


EVENTS = [IntakeReceived, IntakeSettled, CaseRated]
