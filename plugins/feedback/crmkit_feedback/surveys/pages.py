"""The pages of surveys: all of them with how many have answered, and one with what it asks, what is wrong with its
draft, and its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Page, texts
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.surveys.checking import problems_of
from crmkit_feedback.surveys.choosing import survey_named
from crmkit_feedback.surveys.conditions import jump_written, written
from crmkit_feedback.surveys.content import Content, content_of, document_of, said
from crmkit_feedback.surveys.editing import lines_of
from crmkit_feedback.surveys.models import Survey, SurveyVersion
from crmkit_feedback.surveys.words import METRICS, PURPOSES, QUESTION_KINDS, SURVEY_STATES

_ = texts("crmkit_feedback")

HOME = "/modules/feedback/surveys"
TONES = {"draft": "warn", "open": "good", "closed": "", "imported": "info"}


def surveys_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the surveys that the reader sees, the open ones first, with how many answers each has."""
    order = {"open": 0, "draft": 1, "closed": 2, "imported": 3}
    surveys = sorted(session.scalars(select(Survey).order_by(Survey.name)), key=lambda each: order[each.state])
    counted = (
        select(SurveyResponse.survey_id, func.count(), func.max(SurveyResponse.answered_at))
        .where(SurveyResponse.state == "complete")
        .group_by(SurveyResponse.survey_id)
    )
    return {
        "surveys": surveys,
        "counts": {row[0]: (int(row[1]), row[2]) for row in session.execute(counted)},
        "states": SURVEY_STATES,
        "metrics": METRICS,
        "purposes": PURPOSES,
        "tones": TONES,
        "may_manage": _may_manage(session),
        "home": HOME,
    }


def survey_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return a survey: its draft, or the version that is named, in the language of the reader or the one named."""
    survey = survey_named(session, query.get("survey", ""))
    versions = session.scalars(
        select(SurveyVersion).where(SurveyVersion.survey_id == survey.id).order_by(SurveyVersion.number.desc())
    ).all()
    version = next((each for each in versions if str(each.number) == query.get("version")), None)
    content = content_of(version.content if version is not None else survey.draft)
    shown = query.get("language") or _shown(content, language)
    return {
        "survey": survey,
        "versions": versions,
        "version": version,
        "content": content,
        "shown": shown,
        "rows": [
            (
                block,
                [
                    {
                        "question": each,
                        "title": said(each.title, shown, each.key),
                        "when": written(each.when),
                        "go": "\n".join(jump_written(jump) for jump in each.go),
                        "lines": lines_of(each, shown),
                    }
                    for each in block.questions
                ],
            )
            for block in content.blocks
        ],
        "wrong": [] if version is not None else [each.render(language) for each in problems_of(content)],
        "changed": _changed(survey, content, versions[0] if versions else None),
        "kinds": QUESTION_KINDS,
        "states": SURVEY_STATES,
        "metrics": METRICS,
        "purposes": PURPOSES,
        "tones": TONES,
        "said": said,
        "may_edit": _may_manage(session) and version is None and survey.state != "imported",
        "may_manage": _may_manage(session),
        "home": HOME,
        "here": f"/modules/feedback/survey?survey={survey.name}&language={shown}",
    }


def _shown(content: Content, language: str) -> str:
    base = language.replace("_", "-")
    if base in content.languages or not content.languages:
        return base
    return next((each for each in content.languages if each.split("-")[0] == base.split("-")[0]), content.languages[0])


def _changed(survey: Survey, content: Content, last: SurveyVersion | None) -> bool:
    """Say whether the draft differs from what was published last."""
    try:
        return last is None or document_of(content_of(survey.draft)) != last.content
    except CrmkitError:
        return True


def _may_manage(session: CrmSession) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope("feedback.survey", "manage") != "none")


PAGES = [
    Page(
        name="feedback.surveys",
        title=_("Surveys"),
        path="/surveys",
        template="feedback/surveys/surveys.html",
        context=surveys_page,
        permission="feedback.survey.read",
        icon="clipboard-list",
        order=70,
    ),
    Page(
        name="feedback.survey",
        title=_("Survey"),
        path="/survey",
        template="feedback/surveys/survey.html",
        context=survey_page,
        permission="feedback.survey.read",
        menu=False,
    ),
]
