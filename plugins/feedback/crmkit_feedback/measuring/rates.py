"""How many of those who were asked answered, and the weights that make up for those who did not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import CrmSession, InvalidInput, Moment, Problem, texts
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.measuring.reading import ALL, between, day_start
from crmkit_feedback.measuring.splitting import Split, split_by
from crmkit_feedback.measuring.weighting import Stratum, Weights, post_stratified
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")


def rates(
    session: CrmSession,
    survey: Survey,
    by: str | None = None,
    since: date | None = None,
    until: date | None = None,
    *,
    moment: Moment | None = None,
) -> tuple[Stratum, ...]:
    """Return how many were asked, began and answered, of all or by the labels or a fact of customers.

    Asked are those to whom an invitation was sent on the days of the span. Of an anonymous survey nobody knows who
    answered: then answers are counted in place of invitations, and only of all. Raises InvalidInput.
    """
    split = _customers(session, survey, by, moment)
    zone = ZoneInfo(session.crm.config.get(session).zone)
    query = select(Invitation.customer_id, Invitation.state, func.count()).where(
        Invitation.survey_id == survey.id, Invitation.sent_at.is_not(None)
    )
    if since is not None:
        query = query.where(Invitation.sent_at >= day_start(since, zone))
    if until is not None:
        query = query.where(Invitation.sent_at < day_start(until + timedelta(days=1), zone))
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    if split is None:
        counted = select(Invitation.state, func.count()).where(*query.whereclause.clauses)  # type: ignore[union-attr]
        rows: Sequence[Any] = [(None, *row) for row in session.execute(counted.group_by(Invitation.state))]
    else:
        rows = session.execute(query.group_by(Invitation.customer_id, Invitation.state)).all()
    for customer, state, number in rows:
        tally = tallies[ALL if split is None else split.key(customer)]
        tally["asked"] += number
        tally["begun"] += number if state in ("started", "completed") else 0
        tally["answered"] += number if state == "completed" else 0
    if survey.anonymous:
        return (_anonymous(session, survey, tallies[ALL]["asked"], since, until),)
    return tuple(
        Stratum(key=key, asked=each["asked"], begun=each["begun"], answered=each["answered"])
        for key, each in sorted(tallies.items())
    )


def _anonymous(session: CrmSession, survey: Survey, asked: int, since: date | None, until: date | None) -> Stratum:
    where = [SurveyResponse.survey_id == survey.id, *between(session, since, until)]
    states = dict(
        session.execute(select(SurveyResponse.state, func.count()).where(*where).group_by(SurveyResponse.state)).all()  # type: ignore[arg-type]
    )
    begun = sum(states.values())
    return Stratum(key=ALL, asked=asked, begun=begun, answered=begun - states.get("partial", 0))


def weights_of(
    session: CrmSession,
    survey: Survey,
    dimension: str,
    since: date | None = None,
    until: date | None = None,
    *,
    moment: Moment | None = None,
) -> Weights:
    """Return the weights of answers by a label or a fact of customers, so that the parts count as among all who were
    asked. Raises InvalidInput for another dimension, for an anonymous survey, and where nobody was asked."""
    split = _customers(session, survey, dimension, moment)
    if split is None or survey.anonymous:
        raise _wrong(_("Answers of an anonymous survey cannot be weighted: nobody knows whose they are."))
    asked = {each.key: each.asked for each in rates(session, survey, dimension, since, until, moment=moment)}
    if not asked:
        raise _wrong(_("Nobody was asked by this survey, so there is nothing to weight by."))
    where = [SurveyResponse.survey_id == survey.id, SurveyResponse.score.is_not(None), *between(session, since, until)]
    query = select(SurveyResponse.customer_id, func.count()).where(*where).group_by(SurveyResponse.customer_id)
    answered: Counter[str] = Counter()
    for customer, number in session.execute(query):
        answered[split.key(customer)] += number
    return post_stratified(dimension, asked, answered)


def _customers(session: CrmSession, survey: Survey, by: str | None, moment: Moment | None) -> Split | None:
    if not by:
        return None
    split = split_by(session, survey, by, moment=moment)
    if split.customers is None:
        raise _wrong(_("Who was asked can be told apart by labels and facts of customers, such as label.value."))
    if survey.anonymous:
        raise _wrong(
            _("Answers of an anonymous survey cannot be told apart by customers: nobody knows whose they are.")
        )
    return split


def _wrong(message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field="by")])
