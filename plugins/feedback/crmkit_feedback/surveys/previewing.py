"""Going through a survey before anybody else does, and writing its draft as a text.

Nothing that is answered in a preview is kept: the answers are in the address alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Input, InvalidInput, Page, operation, texts
from crmkit.exchange.yaml_files import LONGEST, as_yaml, read_yaml
from crmkit.i18n import translate
from crmkit_feedback.surveys.answers import Given, answers_map, read
from crmkit_feedback.surveys.choosing import survey_named
from crmkit_feedback.surveys.content import Content, Question, content_of, document_of, piped, said
from crmkit_feedback.surveys.errors import SurveyInState
from crmkit_feedback.surveys.flow import PageOfQuestions, next_page, paged, path
from crmkit_feedback.surveys.models import Survey, SurveyVersion
from crmkit_feedback.surveys.sets import sets_of

_ = texts("crmkit_feedback")

MANAGE = "feedback.survey.manage"
SURVEY = "/modules/feedback/survey"


def preview_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return a page of a draft (or of a version), by what was answered on those before it."""
    survey = survey_named(session, query.get("survey", ""))
    number = query.get("version", "")
    version = session.scalars(
        select(SurveyVersion).where(
            SurveyVersion.survey_id == survey.id, SurveyVersion.number == (int(number) if number.isdecimal() else 0)
        )
    ).first()
    content = paged(content_of(version.content if version is not None else survey.draft))
    shown = query.get("language") or language.replace("_", "-")
    fields = _fields(query)
    at = next((each.key for each in content.blocks if each.key == query.get("at")), None)
    given, wrong = _answered(content, fields, at, language)
    answers = answers_map(given)
    page = next_page(content, answers, at)
    if at is not None and wrong:
        page = _page_at(content, answers, at) or page
    names = {"customer.name": "…", "business.name": "…"}
    asked = page.questions if page is not None else ()
    here = {each.key for each in asked}
    return {
        "survey": survey,
        "version": version,
        "content": content,
        "shown": shown,
        "page": page,
        "rows": [_row(each, shown, answers, names, wrong.get(each.key, "")) for each in asked],
        "kept": [(name, text) for name, text in fields.items() if name.split(".")[1] not in here],
        "fields": fields,
        "ended": None if page is not None else path(content, answers).ended,
        "said": said,
        "back": f"{SURVEY}?survey={survey.name}",
        "here": f"{SURVEY}/preview",
    }


def _fields(query: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the fields of questions, those that were ticked several times with all that was."""
    many = getattr(query, "getlist", None)
    names = dict.fromkeys(each for each in query if each.startswith("q.") and len(each) < 120)
    return {name: tuple(many(name)) if many is not None else (query[name],) for name in names}


def _answered(
    content: Content, fields: Mapping[str, tuple[str, ...]], at: str | None, language: str
) -> tuple[list[Given], dict[str, str]]:
    """Return what the pages up to that one answer, and what is wrong with it by questions."""
    given: list[Given] = []
    wrong: dict[str, str] = {}
    page = next_page(content, {}) if at is not None else None
    while page is not None:
        for question in page.questions:
            try:
                given += read(question, fields)
            except InvalidInput as error:
                if page.block.key == at:
                    problem = error.problems[0]
                    wrong[question.key] = translate(problem.message, language, **problem.values)
        if page.block.key == at:
            break
        page = next_page(content, answers_map(given), page.block.key)
    return given, wrong


def _page_at(content: Content, answers: Mapping[str, Any], key: str) -> PageOfQuestions | None:
    page = next_page(content, answers)
    while page is not None and page.block.key != key:
        page = next_page(content, answers, page.block.key)
    return page


def _row(
    question: Question, language: str, answers: Mapping[str, Any], names: Mapping[str, str], wrong: str
) -> dict[str, Any]:
    sets = sets_of([each.key for each in question.options], question.shown) if question.kind == "maxdiff" else ()
    return {
        "question": question,
        "title": piped(said(question.title, language, question.key), answers, names),
        "help": piped(said(question.help, language), answers, names),
        "scale": range(question.low, question.high + 1),
        "options": {each.key: said(each.title, language, each.key) for each in question.options},
        "sets": sets,
        "wrong": wrong,
    }


def text_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the draft of a survey as a text."""
    survey = survey_named(session, query.get("survey", ""))
    try:
        document: Mapping[str, Any] = document_of(content_of(survey.draft))
    except CrmkitError:
        document = survey.draft
    return {"survey": survey, "text": as_yaml(document), "back": f"{SURVEY}?survey={survey.name}", "longest": LONGEST}


@operation("feedback.survey.write_text", title=_("Write it as text"), permission=MANAGE, effect="update")
def write_text(
    session: CrmSession,
    survey: Survey,
    *,
    text: Annotated[str, Input(title=_("Text"), max_length=LONGEST, multiline=True, classified="internal")],
) -> Survey:
    """Keep a draft that was written as a whole, in YAML. Raises InvalidInput with every place that cannot be read,
    SurveyInState for a survey that was imported."""
    if survey.state == "imported":
        raise SurveyInState(survey.name, survey.state)
    survey.draft = document_of(content_of(read_yaml(text)))
    return survey


OPERATIONS = [write_text]
PAGES = [
    Page(
        name="feedback.survey.preview",
        title=_("Preview"),
        path="/survey/preview",
        template="feedback/surveys/preview.html",
        context=preview_page,
        permission="feedback.survey.read",
        menu=False,
    ),
    Page(
        name="feedback.survey.text",
        title=_("Survey as text"),
        path="/survey/text",
        template="feedback/surveys/text.html",
        context=text_page,
        permission=MANAGE,
        menu=False,
    ),
]
