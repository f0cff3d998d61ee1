"""What is said of an improvement when it is planned or changed. Must not know what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Input, texts

_ = texts("crmkit_feedback")

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Problem = Annotated[str, Input(title=_("Problem"), max_length=2000, multiline=True, classified="internal")]
Cause = Annotated[str, Input(title=_("Cause"), max_length=2000, multiline=True, classified="internal")]
Action = Annotated[str, Input(title=_("What is done"), max_length=2000, multiline=True, classified="internal")]
ThemeId = Annotated[
    UUID,
    Input(
        title=_("Theme"),
        resource="feedback.theme",
        classified="internal",
        help=_("It has helped when fewer answers are bad and about it."),
    ),
]
SurveyId = Annotated[UUID, Input(title=_("Measured by"), resource="feedback.survey", classified="internal")]
ForSurvey = Annotated[
    UUID,
    Input(
        title=_("Survey"),
        resource="feedback.survey",
        classified="internal",
        help=_("Without one it stands in the trend of every survey."),
    ),
]
Condition = Annotated[
    str,
    Input(
        title=_("Among customers"),
        max_length=4000,
        classified="internal",
        help=_("A condition over facts, such as segment.vip or value.clv > 1000."),
    ),
]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
DueOn = Annotated[date, Input(title=_("Due on"), classified="internal")]
ReleasedOn = Annotated[
    date, Input(title=_("Released on"), classified="internal", help=_("The day since when it holds; today without it."))
]
VerifyAfter = Annotated[
    int,
    Input(
        title=_("Answers needed afterwards"),
        minimum=10,
        maximum=10_000,
        classified="internal",
        help=_("With so many answers after the release it is judged."),
    ),
]
Note = Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="internal")]
Day = Annotated[date, Input(title=_("Day"), classified="internal")]
Happened = Annotated[str, Input(title=_("What happened"), max_length=200, classified="internal")]
