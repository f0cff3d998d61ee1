"""The tables of improving: what is done about a problem, and which themes it is for."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

ACTION_STATES = {
    "planned": _("Planned"),
    "in_progress": _("In progress"),
    "released": _("Released"),
    "verified": _("It helped"),
    "ineffective": _("It did not help"),
    "dropped": _("Dropped"),
}


class Improvement(Record):
    """Something that is done so that what customers complain of ends: problem, cause, action, who, until when, and
    whether it helped. Before and after ``released_on`` are compared, on ``verify_after`` answers of later."""

    __tablename__ = "feedback_improvement"
    __access__ = Access.owned()

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    problem: Mapped[str] = field(String(2000), title=_("Problem"), classified="internal")
    cause: Mapped[str | None] = field(String(2000), title=_("Cause"), classified="internal")
    action: Mapped[str | None] = field(String(2000), title=_("What is done"), classified="internal")
    state: Mapped[str] = field(
        String(11), title=_("State"), classified="internal", choices=ACTION_STATES, default="planned", editable=False
    )
    theme_id: Mapped[UUID | None] = field(
        ForeignKey(Theme.id, ondelete="SET NULL"), title=_("Theme"), classified="internal", index=True
    )
    survey_id: Mapped[UUID | None] = field(
        ForeignKey(Survey.id, ondelete="SET NULL"), title=_("Measured by"), classified="internal", index=True
    )
    condition: Mapped[str | None] = field(String(4000), title=_("Among customers"), classified="internal")
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    due_on: Mapped[date | None] = field(title=_("Due on"), classified="internal")
    released_on: Mapped[date | None] = field(title=_("Released on"), classified="internal", editable=False)
    told_on: Mapped[date | None] = field(title=_("Owner was told on"), classified="internal", editable=False)
    verify_after: Mapped[int] = field(Integer, title=_("Answers needed afterwards"), classified="internal", default=50)
    result: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Before and after"), classified="internal", default=dict, editable=False
    )


class Annotation(Record):
    """Something that happened on a day and that may be seen in a trend: a release, an incident, a change of prices."""

    __tablename__ = "feedback_annotation"
    __access__ = Access.open()

    day: Mapped[date] = field(title=_("Day"), classified="internal", index=True)
    title: Mapped[str] = field(String(200), title=_("What happened"), classified="internal")
    survey_id: Mapped[UUID | None] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal", index=True
    )


MODELS: list[type[Any]] = [Improvement, Annotation]
