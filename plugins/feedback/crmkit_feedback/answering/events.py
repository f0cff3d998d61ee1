"""What happens to responses, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("feedback.response.kept")
class ResponseKept:
    """Somebody has answered a survey to its end, or has begun and not gone on for long (``state`` is "partial").
    ``band`` is what the score means (`crmkit_feedback.answering.bands`); there is no customer for an anonymous survey
    and for an open link."""

    response_id: UUID
    survey_id: UUID
    customer_id: UUID | None
    score: Annotated[int | None, Input(classified="internal")]
    band: Plain | None
    state: Plain
    channel: Plain


@event("feedback.response.collected")
class ResponsesCollected:
    """Responses came many at once, from a file or from interactions: at most 1,000 ids."""

    survey_id: UUID
    response_ids: tuple[UUID, ...]


EVENTS = [ResponseKept, ResponsesCollected]
