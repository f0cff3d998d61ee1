"""The tables of answers: a response to a survey, and each answer in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Entry, Interaction, Model, Record, Team, User, field, json_type, kernel_key, texts
from crmkit_feedback.answering.words import CHANNELS, RESPONSE_STATES
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")


class SurveyResponse(Record):
    """What one person answered to one survey.

    ``customer_id``, ``invitation_id`` and ``interaction_id`` are None for an anonymous survey, always: nothing leads
    from such a response to a person, and its instants are cut to the day. ``score`` is the answer to the question that
    the survey measures by (0 to 10, 1 to 5, 1 to 7), ``attributes`` what is known beside the answers (the columns
    of an import). ``owner_id``, ``team_id`` are who looked after the customer then.
    With ``source`` and ``external_id`` a response is kept once, however often it comes. ``seconds`` is how long it
    took,
    ``ended_at`` when a partial one was closed, as nobody finished it.
    """

    __tablename__ = "feedback_response"
    __access__ = Access.via("customer_id", author="created_by")
    __history__ = False

    survey_id: Mapped[UUID] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal", editable=False
    )
    version_id: Mapped[UUID | None] = field(
        ForeignKey(SurveyVersion.id, ondelete="SET NULL"),
        title=_("Version"),
        classified="internal",
        index=True,
        editable=False,
    )
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        editable=False,
    )
    invitation_id: Mapped[UUID | None] = field(
        ForeignKey(Invitation.id, ondelete="SET NULL"),
        title=_("Invitation"),
        classified="internal",
        unique=True,
        editable=False,
    )
    interaction_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"),
        title=_("Interaction"),
        classified="internal",
        unique=True,
        editable=False,
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=RESPONSE_STATES, default="partial", editable=False
    )
    channel: Mapped[str] = field(
        String(8), title=_("Channel"), classified="internal", choices=CHANNELS, default="web", editable=False
    )
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="internal", editable=False)
    score: Mapped[int | None] = field(Integer, title=_("Score"), classified="internal", editable=False)
    started_at: Mapped[datetime] = field(title=_("Begun at"), classified="internal", editable=False)
    answered_at: Mapped[datetime] = field(title=_("Answered at"), classified="internal", editable=False)
    ended_at: Mapped[datetime | None] = field(title=_("Closed unfinished at"), classified="internal", editable=False)
    seconds: Mapped[int | None] = field(Integer, title=_("Seconds"), classified="internal", editable=False)
    attributes: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Attributes"), classified="internal", default=dict, editable=False
    )
    touchpoint: Mapped[str | None] = field(String(80), title=_("Touchpoint"), classified="internal", editable=False)
    about: Mapped[str | None] = field(String(160), title=_("About"), classified="internal", editable=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"),
        title=_("Owner then"),
        classified="internal",
        index=True,
        editable=False,
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"),
        title=_("Team then"),
        classified="internal",
        index=True,
        editable=False,
    )
    device: Mapped[str | None] = field(String(64), title=_("Device"), classified="internal", editable=False)
    source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)

    __table_args__ = (
        Index("ix_feedback_response_survey", "survey_id", "state", "answered_at"),
        Index("ix_feedback_response_score", "survey_id", "score", "answered_at"),
        Index("ix_feedback_response_customer", "customer_id", "answered_at"),
        Index("uq_feedback_response_external", "survey_id", "source", "external_id", unique=True),
    )


class SurveyAnswer(Entry):
    """The answer to one question of a response, in as many rows as it has parts.

    ``question`` is the question's key, ``item`` the row of a matrix, the option of a ranking, of points shared out or
    of MaxDiff. A number is in ``value`` (a rank, points, a scale, 1 for a choice that was made, 1 and -1 for best and
    worst), a choice in ``choice``, what was written in ``text``.
    """

    __tablename__ = "feedback_answer"
    __access__ = Access.via("response_id", resource="feedback.response")
    # What was answered on a page is replaced when the page is sent again.
    __append_only__ = False

    response_id: Mapped[UUID] = field(
        ForeignKey(SurveyResponse.id, ondelete="CASCADE"), title=_("Response"), classified="internal", index=True
    )
    survey_id: Mapped[UUID] = field(ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal")
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    question: Mapped[str] = field(String(40), title=_("Question"), classified="internal")
    item: Mapped[str | None] = field(String(40), title=_("Part"), classified="internal")
    value: Mapped[int | None] = field(Integer, title=_("Value"), classified="internal")
    choice: Mapped[str | None] = field(String(80), title=_("Choice"), classified="internal")
    text: Mapped[str | None] = field(String(8000), title=_("Text"), classified="sensitive")

    __table_args__ = (Index("ix_feedback_answer_question", "survey_id", "question", "item", "value"),)


class SurveyLink(Record):
    """The open link of a survey: whoever has it answers, and nobody knows who that is.

    ``path`` is where it leads, ``origins`` are the websites whose pages may show it in a frame.
    """

    __tablename__ = "feedback_link"
    __access__ = Access.via("survey_id", resource="feedback.survey")
    __history__ = False

    survey_id: Mapped[UUID] = field(
        ForeignKey(Survey.id, ondelete="CASCADE"), title=_("Survey"), classified="internal", unique=True, editable=False
    )
    link_id: Mapped[UUID] = field(title=_("Link"), classified="internal", editable=False)
    path: Mapped[str] = field(String(400), title=_("Address"), classified="internal", editable=False)
    expires_at: Mapped[datetime] = field(title=_("Holds until"), classified="internal", editable=False)
    origins: Mapped[list[Any]] = field(
        json_type(), title=_("Websites that may show it"), classified="internal", default=list, editable=False
    )


class SurveyBallots(Model):
    """Which invitations of an anonymous survey were used, as keyed codes of 8 bytes in ascending order.

    They are in one row, and in an order that says nothing: neither a place, nor an instant, nor a transaction is that
    of one invitation. Without the installation's keys no code leads to an invitation; with them it can be found out who
    has answered, and not what.
    """

    __tablename__ = "feedback_ballots"
    __access__ = Access.via("survey_id", resource="feedback.survey")

    survey_id: Mapped[UUID] = field(ForeignKey(Survey.id, ondelete="CASCADE"), classified="internal", primary_key=True)
    codes: Mapped[bytes] = field(LargeBinary, classified="internal")


MODELS: list[type[Any]] = [SurveyResponse, SurveyAnswer, SurveyLink, SurveyBallots]
