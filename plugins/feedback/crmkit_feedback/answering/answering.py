"""The operations by which customers answer. Must not know pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, NotFound, Refused, operation, texts
from crmkit_feedback.answering.ballots import cast_ballot
from crmkit_feedback.answering.keeping import keep
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.surveys.answers import Given
from crmkit_feedback.surveys.choosing import version_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

ANSWER = "feedback.response.answer"
OPEN_LINK = "link"
"""The source of what comes by an open link."""

State = Literal["partial", "complete", "screened"]
Answers = Annotated[tuple[Given, ...], Input(title=_("Answers"))]
Language = Annotated[str | None, Input(title=_("Language"), max_length=12)]
Key = Annotated[str | None, Input(title=_("Visit"), max_length=40)]


@operation(ANSWER, title=_("Answer the survey"), permission=ANSWER, effect="create", hidden=True)
def answer(
    session: CrmSession,
    survey: Survey,
    *,
    answers: Answers,
    invitation_id: Annotated[UUID | None, Input(title=_("Invitation"), classified="internal")] = None,
    state: State = "complete",
    language: Language = None,
    channel: Annotated[str, Input(title=_("Channel"), max_length=8, classified="internal")] = "web",
    seconds: Annotated[int, Input(title=_("Seconds"), minimum=0, maximum=86_400, classified="internal")] = 0,
    page: Annotated[str, Input(title=_("Page"), max_length=40, classified="internal")] = "",
    drop: Annotated[tuple[str, ...], Input(title=_("Questions that are not asked any more"))] = (),
    key: Key = None,
) -> None:
    """Keep what a customer answers on a page, or a visitor on all of them; ``key`` makes a visit count once. Raises
    NotFound for an invitation to another survey, Conflict for an anonymous survey, SurveyNotOpen."""
    version_of(session, survey)
    if survey.anonymous:
        raise Conflict(_("This survey is anonymous."))
    invitation = None if invitation_id is None else session.get(Invitation, invitation_id)
    if invitation_id is not None and (invitation is None or invitation.survey_id != survey.id):
        raise NotFound(_("There is no such invitation."))
    now = session.gate.clock.business_now()
    seen: list[str] = []
    if invitation is not None:
        known = session.scalar(select(SurveyResponse.attributes).where(SurveyResponse.invitation_id == invitation.id))
        seen = [each for each in (known or {}).get("pages", ()) if each != page]
    keep(
        session,
        survey,
        answers=answers,
        invitation=invitation,
        state=state,
        channel=channel,
        language=language,
        started_at=now - timedelta(seconds=seconds),
        attributes={"pages": [*seen, page]} if invitation is not None and page else None,
        source=OPEN_LINK if key is not None else None,
        external_id=key,
        drop=drop,
    )


@operation(
    "feedback.response.drop", title=_("Keep an anonymous answer"), permission=ANSWER, effect="create", hidden=True
)
def drop_answer(
    session: CrmSession,
    survey: Survey,
    *,
    answers: Answers,
    ballot: Annotated[UUID | None, Input(title=_("Invitation"))] = None,
    state: Literal["complete", "screened"] = "complete",
    language: Language = None,
    key: Key = None,
) -> None:
    """Keep what somebody answers to an anonymous survey, once for each invitation, and nothing that leads to them.

    ``ballot``, the invitation, is kept as a code alone, apart from the answers. Raises Conflict for a survey that is
    not anonymous, Refused outside system scope, SurveyNotOpen.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    version_of(session, survey)
    if not survey.anonymous:
        raise Conflict(_("This survey is not anonymous."))
    if ballot is not None and not cast_ballot(session, survey.id, ballot):
        return
    by_link = ballot is None and key is not None
    keep(
        session,
        survey,
        answers=answers,
        state=state,
        language=language,
        source=OPEN_LINK if by_link else None,
        external_id=key if by_link else None,
    )


OPERATIONS = [answer, drop_answer]
