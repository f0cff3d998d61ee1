"""What happens to feedback, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Flag = Annotated[bool, Input(classified="internal")]


@event("feedback.feedback.taken")
class FeedbackTaken:
    """Feedback was taken in. ``band`` is None where it has no score, ``loop`` says that somebody has to see to it,
    ``undecided`` that it is recent and that neither a policy nor a person has said whether somebody has to."""

    feedback_id: UUID
    customer_id: UUID | None
    source: Plain
    band: Plain | None
    loop: Flag
    undecided: Flag


@event("feedback.feedback.moved")
class FeedbackMoved:
    """Feedback went from one state of the loop to another."""

    feedback_id: UUID
    customer_id: UUID | None
    from_state: Plain
    to_state: Plain


@event("feedback.feedback.overdue")
class FeedbackOverdue:
    """Nobody had contacted the customer by when it was due."""

    feedback_id: UUID
    customer_id: UUID | None
    owner_id: UUID | None


@event("feedback.feedback.judged")
class FeedbackJudged:
    """The customer has said whether it is solved: "solved" or "not_solved"."""

    feedback_id: UUID
    customer_id: UUID | None
    verdict: Plain


EVENTS = [FeedbackTaken, FeedbackMoved, FeedbackOverdue, FeedbackJudged]
