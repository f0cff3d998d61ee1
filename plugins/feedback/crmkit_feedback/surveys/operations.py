"""Writing, publishing and closing surveys."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import func, select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit_feedback.surveys.answers import metric_of
from crmkit_feedback.surveys.checking import problems_of
from crmkit_feedback.surveys.content import content_of, document_of
from crmkit_feedback.surveys.errors import SurveyInState, SurveyNameTaken, SurveyRefused
from crmkit_feedback.surveys.events import SurveyClosed, SurveyPublished
from crmkit_feedback.surveys.models import Survey, SurveyVersion
from crmkit_feedback.surveys.standard import STANDARD, TITLES
from crmkit_feedback.surveys.words import METRICS, PURPOSES

_ = texts("crmkit_feedback")

MANAGE = "feedback.survey.manage"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Purpose = Annotated[
    Literal["relational", "transactional", "market"], Input(title=_("Purpose"), choices=PURPOSES, classified="public")
]
Anonymous = Annotated[
    bool,
    Input(title=_("Anonymous"), help=_("No answer is ever kept with who gave it."), classified="public"),
]
RestDays = Annotated[
    int,
    Input(
        title=_("Days of rest after it"),
        help=_("For so long no survey asks the same customer again."),
        minimum=0,
        maximum=730,
        classified="public",
    ),
]
Small = Annotated[
    int,
    Input(
        title=_("Answers needed for a figure"),
        help=_("A part with fewer answers is not shown."),
        minimum=1,
        maximum=1000,
        classified="public",
    ),
]
Document = Annotated[Mapping[str, Any], Input(title=_("Content"), classified="internal")]


@frozen(kw_only=True)
class SurveyUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    purpose: Purpose | UnsetType = UNSET
    rest_days: RestDays | UnsetType = UNSET
    small: Small | UnsetType = UNSET


@operation("feedback.survey.create", title=_("Add a survey"), permission=MANAGE, effect="create")
def create(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    template: Annotated[
        Literal["nps", "csat", "ces", "market", "call_back", "empty"],
        Input(title=_("Begin with"), choices=TITLES, classified="public"),
    ] = "nps",
    purpose: Purpose | None = None,
    anonymous: Anonymous = False,
    rest_days: RestDays = 30,
    small: Small = 5,
) -> Survey:
    """Add a survey as a draft, with the questions of a template. Raises SurveyNameTaken."""
    if not NAME.fullmatch(name):
        text = _("A name has small letters, digits, - and _, and begins with a letter.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="name")])
    if session.scalar(select(Survey.id).where(Survey.name == name)) is not None:
        raise SurveyNameTaken(name)
    made = Survey(
        name=name,
        title=title.strip() or name,
        purpose=purpose or STANDARD[template].purpose,
        anonymous=anonymous,
        rest_days=rest_days,
        small=small,
        draft=copy.deepcopy(dict(STANDARD[template].document)),
    )
    session.add(made)
    return made


@operation("feedback.survey.update", title=_("Change the survey"), permission=MANAGE, effect="update")
def update(session: CrmSession, survey: Survey, changes: SurveyUpdate) -> Survey:
    """Change what holds of a survey beside its questions. Whether it is anonymous was said when it was added."""
    for name, value in given(changes).items():
        setattr(survey, name, value)
    return survey


@operation("feedback.survey.save_draft", title=_("Save the draft"), permission=MANAGE, effect="update")
def save_draft(session: CrmSession, survey: Survey, *, content: Document) -> Survey:
    """Keep what the next version of a survey asks. It need not make sense yet, but has to be readable. Raises
    InvalidInput with every place that is not, SurveyInState for a survey that was imported."""
    if survey.state == "imported":
        raise SurveyInState(survey.name, survey.state)
    survey.draft = document_of(content_of(content))
    return survey


@operation("feedback.survey.publish", title=_("Publish"), permission=MANAGE, effect="update")
def publish(session: CrmSession, survey: Survey) -> Survey:
    """Publish the draft of a survey as its next version, and open the survey. Who has begun an earlier version goes on
    in that one. Raises SurveyRefused with everything that is wrong with the draft."""
    if survey.state == "imported":
        raise SurveyInState(survey.name, survey.state)
    content = content_of(survey.draft)
    wrong = problems_of(content)
    if wrong:
        raise SurveyRefused(wrong)
    last = session.scalar(select(func.max(SurveyVersion.number)).where(SurveyVersion.survey_id == survey.id)) or 0
    metric = metric_of(content)
    if last and survey.metric is not None and metric != survey.metric:
        text = _('The survey has measured "{metric}" so far. A version that measures something else is another survey.')
        raise SurveyRefused([Problem(SurveyRefused.code, text, field="blocks", metric=METRICS[survey.metric])])
    now = session.gate.clock.business_now()
    version = SurveyVersion(survey_id=survey.id, number=last + 1, content=document_of(content), published_at=now)
    session.add(version)
    session.flush()
    survey.version_id = version.id
    survey.metric = metric
    survey.state = "open"
    survey.opened_at = survey.opened_at or now
    survey.closed_at = None
    session.emit(SurveyPublished(survey_id=survey.id, name=survey.name, number=version.number))
    return survey


@operation("feedback.survey.close", title=_("Close"), permission=MANAGE, effect="update")
def close(session: CrmSession, survey: Survey) -> Survey:
    """Take no more answers; what was begun is kept as it is. Raises SurveyInState for one that is not open."""
    if survey.state != "open":
        raise SurveyInState(survey.name, survey.state)
    survey.state = "closed"
    survey.closed_at = session.gate.clock.business_now()
    session.emit(SurveyClosed(survey_id=survey.id, name=survey.name))
    return survey


@operation("feedback.survey.reopen", title=_("Open again"), permission=MANAGE, effect="update")
def reopen(session: CrmSession, survey: Survey) -> Survey:
    """Take answers again, to the version that was published last. Raises SurveyInState for one that is not closed."""
    if survey.state != "closed" or survey.version_id is None:
        raise SurveyInState(survey.name, survey.state)
    survey.state = "open"
    survey.closed_at = None
    return survey


@operation("feedback.survey.copy", title=_("Copy"), permission=MANAGE, effect="create")
def copy_survey(session: CrmSession, survey: Survey, *, name: Name, anonymous: Anonymous | None = None) -> Survey:
    """Add a survey that asks what another one does, its draft if that was changed since. Raises SurveyNameTaken."""
    made: Survey = session.run(
        "feedback.survey.create",
        {
            "name": name,
            "title": survey.title,
            "template": "empty",
            "purpose": survey.purpose,
            "anonymous": survey.anonymous if anonymous is None else anonymous,
            "rest_days": survey.rest_days,
            "small": survey.small,
        },
    )
    made.draft = copy.deepcopy(survey.draft)
    return made


OPERATIONS = [create, update, save_draft, publish, close, reopen, copy_survey]
