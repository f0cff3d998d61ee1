"""What happens to themes, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Names = Annotated[tuple[str, ...], Input(classified="internal")]
Plain = Annotated[str, Input(classified="internal")]


@event("feedback.feedback.classified")
class FeedbackClassified:
    """It was found out, or said by a person, what feedback is about."""

    feedback_id: UUID
    customer_id: UUID | None
    themes: Names


@event("feedback.model.learnt")
class ThemesLearnt:
    """A model of themes was learnt; ``counts`` says whether it tells more than words do, and is used from now on."""

    model_id: UUID
    kind: Plain
    counts: bool


EVENTS = [FeedbackClassified, ThemesLearnt]
