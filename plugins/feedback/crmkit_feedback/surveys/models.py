"""The tables of surveys: the survey, and its versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, json_type, texts
from crmkit_feedback.surveys.words import METRICS, PURPOSES, SURVEY_STATES

_ = texts("crmkit_feedback")


class Survey(Record):
    """A survey. What it asks is in its versions: ``draft`` is being written, ``version_id`` the one that is answered.

    ``metric`` is what its score is, ``anonymous`` that no answer is ever kept with who gave it, ``rest_days`` for how
    long a customer who was asked by it is asked by no survey (the quarantine), ``small`` from how many answers on a
    figure of a part is shown. ``draft`` is a document as `crmkit_feedback.surveys.content` describes it.
    """

    __tablename__ = "feedback_survey"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="public", choices=SURVEY_STATES, default="draft", editable=False
    )
    metric: Mapped[str | None] = field(
        String(4), title=_("Measures"), classified="public", choices=METRICS, editable=False
    )
    purpose: Mapped[str] = field(
        String(13), title=_("Purpose"), classified="public", choices=PURPOSES, default="relational"
    )
    anonymous: Mapped[bool] = field(title=_("Anonymous"), classified="public", default=False)
    rest_days: Mapped[int] = field(Integer, title=_("Days of rest after it"), classified="public", default=30)
    small: Mapped[int] = field(Integer, title=_("Answers needed for a figure"), classified="public", default=5)
    draft: Mapped[dict[str, Any]] = field(json_type(), title=_("Draft"), classified="internal", default=dict)
    version_id: Mapped[UUID | None] = field(
        ForeignKey(
            "feedback_survey_version.id", ondelete="SET NULL", use_alter=True, name="fk_feedback_survey_version"
        ),
        title=_("Version in use"),
        classified="internal",
        editable=False,
    )
    opened_at: Mapped[datetime | None] = field(title=_("Open since"), classified="public", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="public", editable=False)


class SurveyVersion(Record):
    """What a survey asks, as it was published: it is never changed again. ``number`` counts from 1."""

    __tablename__ = "feedback_survey_version"
    __access__ = Access.via("survey_id", resource="feedback.survey")
    __history__ = False

    survey_id: Mapped[UUID] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal", editable=False
    )
    number: Mapped[int] = field(Integer, title=_("Version"), classified="internal", editable=False)
    content: Mapped[dict[str, Any]] = field(json_type(), title=_("Content"), classified="internal", editable=False)
    published_at: Mapped[datetime] = field(title=_("Published at"), classified="internal", editable=False)

    __table_args__ = (UniqueConstraint("survey_id", "number"),)


MODELS: list[type[Any]] = [Survey, SurveyVersion]
