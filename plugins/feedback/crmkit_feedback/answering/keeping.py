"""Keeps what somebody answers: one response for each invitation or external id, however often it comes.

The one way in for single responses: the answer page, calls and other systems. Of an anonymous survey nothing is kept
that leads to a person. Must not know by what page or form it was answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from attrs import evolve
from sqlalchemy import delete, select

from crmkit import Actor, CrmSession, Customer, new_id, texts
from crmkit_feedback.answering.ballots import blind
from crmkit_feedback.answering.bands import band_of
from crmkit_feedback.answering.events import ResponseKept
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.surveys.answers import Given, score_of
from crmkit_feedback.surveys.choosing import content_of_version
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

KIND = "feedback.response"
"""The kind of interaction that a response is."""
NOBODY = "anonymous"
"""Who is said to have made what an anonymous survey keeps."""
RECORDING = "crmkit_feedback.recording"
"""Under this name a session says that it records an interaction of a response that is kept already."""
DONE = ("complete", "screened")
LONGEST_BODY = 4000


def keep(
    session: CrmSession,
    survey: Survey,
    *,
    answers: Sequence[Given],
    customer_id: UUID | None = None,
    invitation: Invitation | None = None,
    state: str = "complete",
    channel: str = "web",
    language: str | None = None,
    started_at: datetime | None = None,
    answered_at: datetime | None = None,
    attributes: Mapping[str, Any] | None = None,
    touchpoint: str | None = None,
    about: str | None = None,
    source: str | None = None,
    external_id: str | None = None,
    device: str | None = None,
    drop: Collection[str] = (),
) -> SurveyResponse:
    """Keep answers within an operation, and return the response. Instants are in UTC and are the present by default.

    What came before under the invitation, or under ``source`` and ``external_id``, goes on: answers replace those to
    the same questions, those to the questions in ``drop`` are removed; a response that is complete or closed stays as
    it is. For an anonymous survey customer, invitation, device and what it is about are left out, and instants cut to
    the day.
    """
    now = session.gate.clock.business_now()
    at = answered_at or now
    if survey.anonymous:
        customer_id = invitation = about = device = None
        external_id = None if external_id is None else blind(session, f"{survey.id}:{source}:{external_id}")
        at = day_of(session, at)
        started_at = at
    elif invitation is not None:
        customer_id = customer_id or invitation.customer_id
        about = about or invitation.about
    response = _known(session, survey, invitation, source, external_id)
    if response is not None and is_over(response):
        return response
    if response is None:
        response = _new(session, survey, customer_id, at if started_at is None else started_at)
        response.invitation_id = None if invitation is None else invitation.id
        response.source, response.external_id = source, external_id
        response.channel, response.touchpoint, response.about, response.device = channel, touchpoint, about, device
        # At once: a row that is changed afterwards says when.
        response.score = _score(session, survey, response, answers)
    response.state, response.answered_at = state, at
    response.language = language or response.language
    response.attributes = {**(response.attributes or {}), **(attributes or {})}
    if state in DONE and not survey.anonymous:
        response.seconds = min(max(int((at - response.started_at).total_seconds()), 0), 2**31 - 1)
    session.add(response)
    session.flush()
    _answer(session, survey, response, answers, drop)
    whole = _with_texts(session, response, answers)
    response.score = _score(session, survey, response, whole)
    if invitation is not None:
        _mark(session, invitation, "completed" if state in DONE else "started")
    if state in DONE:
        if response.customer_id is not None:
            response.interaction_id = record_interaction(session, survey, response, whole)
        session.flush()
        kept(session, survey, response)
    return response


def is_over(response: SurveyResponse) -> bool:
    """Say whether nothing is added to a response any more: it was answered to its end, or closed unfinished."""
    return response.state in DONE or response.ended_at is not None


def kept(session: CrmSession, survey: Survey, response: SurveyResponse) -> None:
    """Tell whoever listens that a response is there."""
    session.emit(
        ResponseKept(
            response_id=response.id,
            survey_id=survey.id,
            customer_id=response.customer_id,
            score=response.score,
            band=band_of(survey.metric, response.score),
            state=response.state,
            channel=response.channel,
        )
    )


def answers_of(session: CrmSession, response: SurveyResponse) -> tuple[Given, ...]:
    """Return what a response answers, in the order in which it came."""
    query = select(SurveyAnswer).where(SurveyAnswer.response_id == response.id)
    rows = session.scalars(query.order_by(SurveyAnswer.recorded_at, SurveyAnswer.id))
    return tuple(
        Given(
            question=each.question,
            item=each.item,
            value=each.value,
            choice=each.choice,
            text=each.text if isinstance(each.text, str) else None,
        )
        for each in rows
    )


def said_of(session: CrmSession, response: SurveyResponse) -> tuple[Given, ...]:
    """Return what a response that is kept answers, with what was written, for whoever has written it."""
    with session.crm.session(Actor.system("what somebody has answered, for themselves")) as whole:
        return answers_of(whole, response)


def _with_texts(session: CrmSession, response: SurveyResponse, answers: Sequence[Given]) -> tuple[Given, ...]:
    """Return what a response answers, with the texts that a visitor has written and may not read again."""
    found = answers_of(session, response)
    if not any(each.value is None and each.choice is None and each.text is None for each in found):
        return found
    given = {(each.question, each.item, each.choice): each.text for each in (*said_of(session, response), *answers)}
    return tuple(
        each if each.text is not None else evolve(each, text=given.get((each.question, each.item, each.choice)))
        for each in found
    )


def day_of(session: CrmSession, at: datetime) -> datetime:
    """Return the beginning of the day of an instant in the company's zone, in UTC."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _new(session: CrmSession, survey: Survey, customer_id: UUID | None, started_at: datetime) -> SurveyResponse:
    response = SurveyResponse(
        survey_id=survey.id,
        version_id=survey.version_id,
        customer_id=customer_id,
        started_at=started_at,
        attributes={},
        channel="web",
    )
    if survey.anonymous:
        # An id in the order of time would say when it was made.
        response.id = uuid4()
        response.created_at = response.updated_at = started_at
        response.created_by = NOBODY
    elif customer_id is not None:
        customer = session.get(Customer, customer_id)
        if customer is not None:
            response.owner_id, response.team_id = customer.owner_id, customer.team_id
    return response


def _known(
    session: CrmSession, survey: Survey, invitation: Invitation | None, source: str | None, external_id: str | None
) -> SurveyResponse | None:
    if invitation is not None:
        query = select(SurveyResponse).where(SurveyResponse.invitation_id == invitation.id)
    elif external_id is not None:
        query = select(SurveyResponse).where(
            SurveyResponse.survey_id == survey.id,
            SurveyResponse.source == source,
            SurveyResponse.external_id == external_id,
        )
    else:
        return None
    return session.scalar(query.with_for_update())


def _answer(
    session: CrmSession, survey: Survey, response: SurveyResponse, answers: Iterable[Given], drop: Collection[str]
) -> None:
    answers = list(answers)
    replaced = {each.question for each in answers} | set(drop)
    if replaced:
        session.execute(
            delete(SurveyAnswer).where(
                SurveyAnswer.response_id == response.id, SurveyAnswer.question.in_(sorted(replaced))
            )
        )
    for each in answers:
        session.add(
            SurveyAnswer(
                id=uuid4() if survey.anonymous else new_id(),
                recorded_at=response.answered_at if survey.anonymous else session.gate.clock.now(),
                response_id=response.id,
                survey_id=survey.id,
                customer_id=response.customer_id,
                question=each.question,
                item=each.item,
                value=each.value,
                choice=each.choice,
                text=each.text,
            )
        )
    session.flush()


def _score(session: CrmSession, survey: Survey, response: SurveyResponse, whole: Sequence[Given]) -> int | None:
    version = None if response.version_id is None else session.get(SurveyVersion, response.version_id)
    if version is not None:
        return score_of(content_of_version(version), whole)
    return next((each.value for each in whole if each.question == survey.metric), None)


def record_interaction(session: CrmSession, survey: Survey, response: SurveyResponse, whole: Sequence[Given]) -> UUID:
    """Record the interaction of a response, with what was written as its text."""
    said = "\n\n".join(each.text for each in whole if each.text)[:LONGEST_BODY]
    payload: dict[str, Any] = {"survey": survey.name}
    if response.score is not None:
        payload |= {"score": response.score, "metric": survey.metric}
    session.info[RECORDING] = True
    try:
        made = session.run(
            "interaction.record",
            {
                "kind": KIND,
                "customer_id": response.customer_id,
                "occurred_at": response.answered_at,
                "subject": survey.title,
                "body": said or None,
                "payload": payload,
            },
        )
    finally:
        session.info.pop(RECORDING, None)
    found: UUID = made.id
    return found


def _mark(session: CrmSession, invitation: Invitation, state: str) -> None:
    from crmkit_feedback.asking.marking import mark

    mark(session, invitation, state)
