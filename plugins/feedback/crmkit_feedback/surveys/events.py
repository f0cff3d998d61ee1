"""What happens to surveys, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="public")]
Number = Annotated[int, Input(classified="public")]


@event("feedback.survey.published")
class SurveyPublished:
    """A version of a survey was published, and is answered from now on."""

    survey_id: UUID
    name: Plain
    number: Number


@event("feedback.survey.closed")
class SurveyClosed:
    """A survey takes no more answers."""

    survey_id: UUID
    name: Plain


EVENTS = [SurveyPublished, SurveyClosed]
