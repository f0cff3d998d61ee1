"""How far distributions have come: planned, sent, begun, answered, and why somebody was not asked.

Of an anonymous survey the answers are counted, in place of the invitations that know nothing of them. Must not know how
it is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.statistics.intervals import wilson
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.models import Survey


@frozen(kw_only=True)
class Funnel:
    """What became of the invitations of a distribution.

    ``asked`` are all that went out, ``begun`` those who at least began to answer, ``rate`` is completed to asked, with
    the score interval of Wilson (1927) of 95 percent; ``anonymous`` says that answers were counted for the whole
    survey, as nobody knows by which distribution they came: then there is no interval.
    """

    planned: int = 0
    asked: int = 0
    begun: int = 0
    completed: int = 0
    declined: int = 0
    failed: int = 0
    expired: int = 0
    withheld: Mapping[str, int] = field(factory=dict[str, int])
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    anonymous: bool = False

    @property
    def total(self) -> int:
        """Return how many were looked at at all."""
        return self.planned + self.asked + self.failed + sum(self.withheld.values())

    def document(self) -> dict[str, Any]:
        """Return the numbers by their names."""
        names = ("planned", "asked", "begun", "completed", "declined", "failed", "expired", "rate", "low", "high")
        return {**{name: getattr(self, name) for name in names}, "withheld": dict(self.withheld)}


def funnels(session: CrmSession, distributions: Sequence[Distribution]) -> dict[UUID, Funnel]:
    """Return the funnels of distributions, in one query for many."""
    ids = [each.id for each in distributions]
    query = (
        select(
            Invitation.distribution_id,
            Invitation.state,
            Invitation.reason,
            Invitation.sent_at.is_not(None),
            func.count(Invitation.id),
        )
        .where(Invitation.distribution_id.in_(ids))
        .group_by(Invitation.distribution_id, Invitation.state, Invitation.reason, Invitation.sent_at.is_not(None))
    )
    rows: dict[UUID, list[tuple[str, str | None, bool, int]]] = {each: [] for each in ids}
    for identity, state, reason, sent, number in session.execute(query):
        rows[identity].append((state, reason, bool(sent), int(number)))
    surveys = {each.survey_id for each in distributions}
    hidden = set(session.scalars(select(Survey.id).where(Survey.id.in_(surveys), Survey.anonymous)))
    answers = _answers(session, hidden)
    return {
        each.id: funnel_of(rows[each.id], answers.get(each.survey_id, (0, 0)) if each.survey_id in hidden else None)
        for each in distributions
    }


def funnel_of(rows: Sequence[tuple[str, str | None, bool, int]], answers: tuple[int, int] | None = None) -> Funnel:
    """Return the funnel of rows of state, reason, whether it was sent, and a number; ``answers`` are those begun and
    completed of an anonymous survey."""
    states: dict[str, int] = {}
    withheld: dict[str, int] = {}
    asked = 0
    for state, reason, sent, number in rows:
        if state == "withheld":
            withheld[reason or ""] = withheld.get(reason or "", 0) + number
            continue
        states[state] = states.get(state, 0) + number
        asked += number if sent else 0
    completed = states.get("completed", 0)
    begun = completed + states.get("started", 0)
    found: dict[str, Any] = {}
    if answers is not None:
        begun, completed = answers
    elif asked:
        estimate = wilson(min(completed, asked), asked)
        found = {"rate": estimate.value, "low": estimate.low, "high": estimate.high}
    return Funnel(
        planned=states.get("planned", 0),
        asked=asked,
        begun=begun,
        completed=completed,
        declined=states.get("declined", 0),
        failed=states.get("failed", 0),
        expired=states.get("expired", 0),
        withheld=withheld,
        anonymous=answers is not None,
        **found,
    )


def _answers(session: CrmSession, surveys: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    if not surveys:
        return {}
    query = (
        select(SurveyResponse.survey_id, SurveyResponse.state, func.count(SurveyResponse.id))
        .where(SurveyResponse.survey_id.in_(surveys))
        .group_by(SurveyResponse.survey_id, SurveyResponse.state)
    )
    found: dict[UUID, tuple[int, int]] = {}
    for survey, state, number in session.execute(query):
        begun, completed = found.get(survey, (0, 0))
        found[survey] = (begun + number, completed + (number if state == "complete" else 0))
    return found
