"""What other plugins may import of feedback; everything else may change at any time.

`survey_named` finds a survey, `keep` keeps answers to it and `take` takes feedback in, both within an operation; the
events say what became of them.
"""

from __future__ import annotations

from crmkit_feedback.answering.events import ResponseKept, ResponsesCollected
from crmkit_feedback.answering.keeping import keep
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.asking.events import DistributionMoved, InvitationCalled, InvitationsSent
from crmkit_feedback.classifying.events import FeedbackClassified, ThemesLearnt
from crmkit_feedback.items.events import FeedbackJudged, FeedbackMoved, FeedbackOverdue, FeedbackTaken
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.taking import take
from crmkit_feedback.surveys.answers import Given
from crmkit_feedback.surveys.choosing import survey_named
from crmkit_feedback.surveys.events import SurveyClosed, SurveyPublished
from crmkit_feedback.surveys.models import Survey, SurveyVersion

__all__ = [
    "DistributionMoved",
    "Feedback",
    "FeedbackClassified",
    "FeedbackJudged",
    "FeedbackMoved",
    "FeedbackOverdue",
    "FeedbackTaken",
    "Given",
    "InvitationCalled",
    "InvitationsSent",
    "ResponseKept",
    "ResponsesCollected",
    "Survey",
    "SurveyAnswer",
    "SurveyClosed",
    "SurveyPublished",
    "SurveyResponse",
    "SurveyVersion",
    "ThemesLearnt",
    "keep",
    "survey_named",
    "take",
]
