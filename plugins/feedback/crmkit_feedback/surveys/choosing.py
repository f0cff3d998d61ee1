"""Finding surveys and what they ask."""

from __future__ import annotations

import difflib
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_feedback.surveys.content import Content, content_of, said
from crmkit_feedback.surveys.errors import SurveyNotOpen
from crmkit_feedback.surveys.flow import paged
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")


def survey_named(session: CrmSession, name: str) -> Survey:
    """Return a survey by its name. Raises NotFound, with the names that come close."""
    found = session.scalars(select(Survey).where(Survey.name == name)).first()
    if found is not None:
        return found
    names = list(session.scalars(select(Survey.name).order_by(Survey.name)))
    close = difflib.get_close_matches(name, names, 3) or names[:10]
    raise NotFound(
        _('There is no survey "{name}".'), fix=_("There are: {known}."), name=name, known=", ".join(close) or "–"
    )


def version_of(session: CrmSession, survey: Survey) -> SurveyVersion:
    """Return the version of a survey that is answered now. Raises SurveyNotOpen."""
    if survey.state != "open" or survey.version_id is None:
        raise SurveyNotOpen(survey.name, survey.state)
    return session.get_one(SurveyVersion, survey.version_id)


class _Kept:
    """A document that counts as equal to any other: what was published is never changed."""

    def __init__(self, value: dict[str, object]) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _read(version_id: UUID, document: _Kept) -> Content:
    return paged(content_of(document.value))


def content_of_version(version: SurveyVersion) -> Content:
    """Return what a version asks, in the pages that are shown (`paged`); read once in a process."""
    return _read(version.id, _Kept(version.content))


def question_titles(session: CrmSession, survey: Survey, language: str) -> dict[str, str]:
    """Return the titles of the questions of a survey by their keys, of all its versions, the newest first."""
    query = select(SurveyVersion).where(SurveyVersion.survey_id == survey.id).order_by(SurveyVersion.number.desc())
    found: dict[str, str] = {}
    for version in session.scalars(query):
        for question in content_of_version(version).questions:
            found.setdefault(question.key, said(question.title, language, question.key))
    return found
