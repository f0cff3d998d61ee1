"""Feedback that comes by itself: responses to surveys, and ratings of cases where plugin service is there.

Service is reached by the names of its event and resource alone. Must not know what becomes of feedback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, NotFound, Subscription, new_id, operation, texts
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.items.many import write_many
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.scoring import band_of
from crmkit_feedback.items.taking import take
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

CREATE = "feedback.feedback.create"
RATING = "service.rating"
NOT_SAID = ("email", "phone", "date", "number", "consent")
"""Kinds of questions whose answers are no feedback, though they are texts."""
ResponseId = Annotated[UUID, Input(title=_("Response"), resource="feedback.response", classified="internal")]
ResponseIds = Annotated[tuple[UUID, ...], Input(title=_("Responses"), max_length=1000, classified="internal")]
RatingId = Annotated[UUID, Input(title=_("Rating"), classified="internal")]


@operation("feedback.feedback.take_response", title=_("Take a response as feedback"), permission=CREATE, hidden=True)
def take_response(session: CrmSession, *, response_id: ResponseId) -> Feedback | None:
    """Take a response that is complete as feedback, once: its score, and what was written in its texts; None for one
    with neither. Of an anonymous survey nothing is kept that leads to a person. Raises NotFound."""
    response = session.get(SurveyResponse, response_id)
    if response is None:
        raise NotFound(_("There is no response {id}."), id=response_id)
    said = written(session, [response])[response.id]
    closed = response.state == "partial" and response.ended_at is not None and response.score is not None
    if not (response.state == "complete" or closed) or (response.score is None and not said):
        return None
    return take(session, **_values(session.get_one(Survey, response.survey_id), response, said))


@operation("feedback.feedback.take_responses", title=_("Take responses as feedback"), permission=CREATE, hidden=True)
def take_responses(session: CrmSession, *, response_ids: ResponseIds) -> int:
    """Take responses that came many at once as feedback, each once, as `take_response` does; return how many were
    new."""
    ids = list(response_ids)
    known = set(session.scalars(select(Feedback.response_id).where(Feedback.response_id.in_(ids))))
    query = select(SurveyResponse).where(SurveyResponse.id.in_(ids), SurveyResponse.state == "complete")
    found = [each for each in session.scalars(query.order_by(SurveyResponse.answered_at)) if each.id not in known]
    said = written(session, found)
    surveys = {each.id: each for each in session.scalars(select(Survey))}
    now = session.gate.clock.business_now()
    customers = {each.customer_id for each in found if each.customer_id is not None}
    teams = {
        row.id: row.team_id
        for row in session.execute(select(Customer.id, Customer.team_id).where(Customer.id.in_(customers)))
    }
    fresh = [
        Feedback(
            **{**values, "received_at": values["received_at"] or now},
            id=new_id(),
            band=band_of(values["metric"], values["score"]),
            loop=False,
            state="new",
            state_since=values["received_at"],
            team_id=teams.get(values["customer_id"]),
            reopened=0,
        )
        for each in found
        if each.score is not None or said[each.id]
        for values in (_values(surveys[each.survey_id], each, said[each.id]),)
    ]
    write_many(session, fresh)
    return len(fresh)


def _values(survey: Survey, response: SurveyResponse, said: str) -> dict[str, Any]:
    """Return what feedback says of a response; of an anonymous one nothing that leads to a person."""
    hidden = survey.anonymous
    return {
        "source": "call" if response.channel == "phone" else "survey",
        "customer_id": None if hidden else response.customer_id,
        "response_id": response.id,
        "interaction_id": None if hidden else response.interaction_id,
        "channel": response.channel,
        "item": survey.title[:200],
        "touchpoint": response.touchpoint,
        "about": None if hidden else response.about,
        "verbatim": said[:8000] or None,
        "language": response.language,
        "metric": survey.metric if response.score is not None else None,
        "score": response.score if survey.metric is not None else None,
        "received_at": response.answered_at,
        "attributes": {} if hidden else {"survey": survey.name, **(response.attributes or {})},
    }


@operation("feedback.feedback.take_rating", title=_("Take a rating as feedback"), permission=CREATE, hidden=True)
def take_rating(session: CrmSession, *, rating_id: RatingId) -> Feedback | None:
    """Take a customer's rating of how a case was solved as feedback, once; None without plugin service or for a rating
    that is gone."""
    resource = session.gate.registry.resources.get(RATING)
    if resource is None:
        return None
    rating: Any = session.get(cast(Any, resource.model), rating_id)
    if rating is None:
        return None
    return take(
        session,
        source="case",
        customer_id=rating.customer_id,
        channel="web",
        touchpoint="service",
        about=f"service.case:{rating.case_id}",
        verbatim=rating.comment if type(rating.comment) is str else None,
        metric="csat",
        score=rating.score,
        received_at=rating.rated_at,
        external_source=RATING,
        external_id=str(rating.id),
    )


def written(session: CrmSession, responses: Sequence[SurveyResponse]) -> dict[UUID, str]:
    """Return what was written in the texts of each response, on lines of their own; not addresses, numbers and days."""
    versions = {each.version_id for each in responses if each.version_id is not None}
    kinds = {
        each.id: dict(_kinds(each.content))
        for each in session.scalars(select(SurveyVersion).where(SurveyVersion.id.in_(versions)))
    }
    of = {each.id: kinds.get(each.version_id, {}) if each.version_id is not None else {} for each in responses}
    parts: dict[UUID, list[str]] = {each.id: [] for each in responses}
    query = select(SurveyAnswer).where(SurveyAnswer.response_id.in_(list(of)), SurveyAnswer.value.is_(None))
    for each in session.scalars(query.order_by(SurveyAnswer.recorded_at, SurveyAnswer.id)):
        if type(each.text) is str and each.text.strip() and of[each.response_id].get(each.question) not in NOT_SAID:
            parts[each.response_id].append(each.text.strip())
    return {key: "\n".join(lines) for key, lines in parts.items()}


def _kinds(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for block in content.get("blocks", ()):
        for question in block.get("questions", ()):
            yield str(question.get("key", "")), str(question.get("kind", ""))


def response_kept(session: CrmSession, event: Any) -> None:
    """Take a response as feedback."""
    session.run("feedback.feedback.take_response", {"response_id": event.response_id})


def responses_collected(session: CrmSession, event: Any) -> None:
    """Take responses that came many at once as feedback."""
    session.run("feedback.feedback.take_responses", {"response_ids": event.response_ids})


def says_something(session: CrmSession, event: Any) -> bool:
    """Say whether a response is one that was answered to its end, or that has a score and was not finished."""
    return bool(event.state == "complete" or (event.state == "partial" and event.score is not None))


def case_rated(session: CrmSession, event: Any) -> None:
    """Take a rating of a case as feedback."""
    session.run("feedback.feedback.take_rating", {"rating_id": event.rating_id})


OPERATIONS = [take_response, take_responses, take_rating]
SUBSCRIPTIONS = [
    Subscription(
        name="feedback.take_response", event="feedback.response.kept", handler=response_kept, wanted=says_something
    ),
    Subscription(name="feedback.take_responses", event="feedback.response.collected", handler=responses_collected),
    Subscription(name="feedback.take_rating", event="service.case.rated", handler=case_rated),
]
