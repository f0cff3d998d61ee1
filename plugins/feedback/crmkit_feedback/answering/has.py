"""What answering has, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_feedback.answering import answering, collecting, ending, links, models, pages, public
from crmkit_feedback.answering.events import EVENTS

__all__ = [
    "EVENTS",
    "INTERACTION_KINDS",
    "JOBS",
    "MODELS",
    "OPERATIONS",
    "PAGES",
    "PERSONAL_DATA",
    "PUBLIC_PAGES",
    "RESOURCES",
    "SUBSCRIPTIONS",
]

_ = texts("crmkit_feedback")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="feedback.response",
        model=models.SurveyResponse,
        title=_("Response"),
        plural=_("Responses"),
        columns=["answered_at", "survey_id", "customer_id", "score", "state", "channel", "touchpoint", "owner_id"],
        sort="-answered_at",
        icon="message-circle",
        imports=collecting.IMPORTS,
        description=_("What customers answered to surveys."),
    ),
    Resource(
        name="feedback.answer",
        model=models.SurveyAnswer,
        title=_("Answer"),
        plural=_("Answers"),
        columns=["response_id", "question", "item", "value", "choice", "text"],
        sort="-recorded_at",
        icon="message-circle",
        menu=False,
    ),
]
INTERACTION_KINDS = [collecting.RESPONSE]
OPERATIONS = [*answering.OPERATIONS, *collecting.OPERATIONS, *ending.OPERATIONS, *links.OPERATIONS]
SUBSCRIPTIONS = collecting.SUBSCRIPTIONS
JOBS = ending.JOBS
PAGES = pages.PAGES
PUBLIC_PAGES = public.PUBLIC_PAGES
_PURPOSE = _("Knowing how satisfied customers are")
PERSONAL_DATA = [
    PersonalData(table=models.SurveyResponse.__tablename__, purpose=_PURPOSE, on_merge="move"),
    PersonalData(table=models.SurveyAnswer.__tablename__, columns=["text"], purpose=_PURPOSE, on_merge="move"),
]
