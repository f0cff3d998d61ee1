"""The parameters that the reports of satisfaction share."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Input, Note, Period, texts
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.measuring.reading import survey_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

PERMISSION = "feedback.score.read"
PeriodField = Annotated[Period, Input(title=_("Period"), classified="internal")]
SurveyName = Annotated[
    str,
    Input(
        title=_("Survey"), max_length=60, classified="internal", help=_("By its name; nothing: the one last answered.")
    ),
]
By = Annotated[
    str,
    Input(
        title=_("By"),
        max_length=160,
        classified="internal",
        help=_("owner, team, channel, touchpoint, language, month, an attribute, a question, label.value, a fact …"),
    ),
]


@frozen(kw_only=True)
class OfSurvey:
    """Which survey, and the answers of which days."""

    period: PeriodField
    survey: SurveyName = ""


@frozen(kw_only=True)
class BySurvey:
    """Which survey, the answers of which days, and by what they are told apart."""

    period: PeriodField
    survey: SurveyName = ""
    by: By = ""


NO_SURVEY = Note(text=_("No survey has been answered yet."))
"""What a report says where there is nothing to measure."""


def survey_for(session: CrmSession, name: str) -> Survey | None:
    """Return a survey by its name, or the one with a score that was answered last; None where there is none. Raises
    NotFound."""
    if name.strip():
        return survey_of(session, name)
    last = func.max(SurveyResponse.answered_at)
    query = select(SurveyResponse.survey_id).where(SurveyResponse.score.is_not(None))
    found = session.scalar(query.group_by(SurveyResponse.survey_id).order_by(last.desc()).limit(1))
    return None if found is None else session.get(Survey, found)
