"""Figures of a survey, counted by score in SQL: of all answers, or told apart by a dimension.

An answer counts as soon as its score is given. Must not know how figures are shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, func, select

from crmkit import CrmSession, InvalidInput, Moment, NotFound, Problem, texts
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.measuring.scores import SCALES, Figure, Scale, figure_of, hidden
from crmkit_feedback.measuring.splitting import Split, meant, split_by
from crmkit_feedback.measuring.weighting import Weights
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

ALL = "all"
"""The key of the figure of all answers."""
Counts = dict[str, Counter[int]]


def survey_of(session: CrmSession, name: str) -> Survey:
    """Return a survey by its name, or by its id. Raises NotFound, with the one that was probably meant."""
    found = session.scalars(select(Survey).where(Survey.name == name.strip())).one_or_none()
    if found is None:
        try:
            found = session.get(Survey, UUID(name))
        except ValueError:
            found = None
    if found is None:
        known = list(session.scalars(select(Survey.name).order_by(Survey.name)))
        close = meant(name, known)
        fix = _('Did you mean "{close}"?') if close else _("Known: {known}.") if known else _("There is no survey yet.")
        raise NotFound(
            _('There is no survey "{name}".'), fix=fix, name=name, close=close or "", known=", ".join(known[:20])
        )
    return found


def scale_of(session: CrmSession, survey: Survey, question: str = "", *, reversed: bool = False) -> Scale:
    """Return what a survey measures, or one of its questions, and on which scale: what the version in use says, else
    the usual one. Raises InvalidInput for a question that is not there or has no scale."""
    found = _asked(session, survey, question)
    if found is not None:
        return Scale(metric=found.metric, low=found.low, high=found.high, reversed=reversed)
    if not question:
        usual = SCALES[survey.metric or "nps"]
        return Scale(metric=usual.metric, low=usual.low, high=usual.high, reversed=reversed)
    chosen = and_(SurveyAnswer.survey_id == survey.id, SurveyAnswer.value.is_not(None))
    query = select(func.max(SurveyAnswer.value)).where(chosen, SurveyAnswer.question == question)
    most = session.scalar(query)
    if most is None:
        known = list(session.scalars(select(SurveyAnswer.question).where(chosen).distinct().limit(200)))
        close = meant(question, known)
        hint = _('Did you mean "{close}"?') if close else _("Known: {known}.")
        values = {"name": question, "close": close or "", "known": ", ".join(sorted(known)[:20])}
        message = _('No answer has a number for the question "{name}".')
        raise InvalidInput([Problem(InvalidInput.code, message, hint=hint, field="question", **values)])
    # An imported answer does not say on which scale it was given: the smallest usual one that holds it.
    name = "csat" if most <= 5 else "ces" if most <= 7 else "nps"
    usual = SCALES[name]
    return Scale(metric=name, low=usual.low, high=usual.high, reversed=reversed)


def _asked(session: CrmSession, survey: Survey, question: str) -> Scale | None:
    """Return the scale of a question, or of the one that the survey measures by, from the version in use."""
    version = session.get(SurveyVersion, survey.version_id) if survey.version_id else None
    blocks = version.content.get("blocks", ()) if version is not None else ()
    for each in (item for block in blocks for item in block.get("questions", ())):
        kind = str(each.get("kind", ""))
        if (each.get("key") != question) if question else (kind != survey.metric):
            continue
        metric = kind if kind in SCALES else "csat" if kind in ("rating", "matrix") else None
        if metric is None:
            return None
        usual = SCALES[metric]
        low, high = each.get("low"), each.get("high")
        if metric == "nps" or low is None or high is None or int(high) <= int(low):
            low, high = usual.low, usual.high
        return Scale(metric=metric, low=int(low), high=int(high))
    return None


def between(session: CrmSession, since: date | None, until: date | None) -> list[Any]:
    """Return the conditions that an answer was given on the days of a span, both included, in the company's zone."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    found: list[Any] = []
    if since is not None:
        found.append(SurveyResponse.answered_at >= day_start(since, zone))
    if until is not None:
        found.append(SurveyResponse.answered_at < day_start(until + timedelta(days=1), zone))
    return found


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC"))


def counted(
    session: CrmSession, survey: Survey, *groups: Any, question: str = "", where: Sequence[Any] = (), joined: str = ""
) -> Select[Any]:
    """Return the select of groups, score and number of the answers of a survey; ``joined`` names another question whose
    answers are the last group."""
    score: Any = SurveyResponse.score
    query: Any = None
    if question:
        score = SurveyAnswer.value
        query = (
            select(*groups, score, func.count())
            .join(SurveyResponse, SurveyResponse.id == SurveyAnswer.response_id)
            .where(SurveyAnswer.survey_id == survey.id, SurveyAnswer.question == question, score.is_not(None))
        )
    else:
        query = select(*groups, score, func.count()).where(score.is_not(None))
    query = query.where(SurveyResponse.survey_id == survey.id, *where)
    return query.group_by(*groups, score)  # type: ignore[no-any-return]


def counts_of(
    session: CrmSession,
    survey: Survey,
    split: Split | None = None,
    *,
    question: str = "",
    since: date | None = None,
    until: date | None = None,
) -> Counts:
    """Return how many gave which score, by the keys of the groups."""
    where = between(session, since, until)
    found: Counts = defaultdict(Counter)
    if split is None:
        for score, number in session.execute(counted(session, survey, question=question, where=where)):
            found[ALL][score] += number
        return found
    if split.question:
        return _by_question(session, survey, split, question, where)
    # Grouped by a number in place of the expression: PostgreSQL takes two that have parameters for different ones.
    column = split.column.label("split_key")
    query = counted(session, survey, question=question, where=where)
    query = query.with_only_columns(column, *query.selected_columns).group_by(None)
    score = SurveyAnswer.value if question else SurveyResponse.score
    for value, scored, number in session.execute(query.group_by(column, score)):
        found[split.key(value)][scored] += number
    return found


def _by_question(session: CrmSession, survey: Survey, split: Split, question: str, where: Sequence[Any]) -> Counts:
    """Return counts by the answers to another question: who chose several options counts for each of them."""
    from sqlalchemy.orm import aliased

    other = aliased(SurveyAnswer)
    base = counted(session, survey, question=question, where=where)
    score = SurveyAnswer.value if question else SurveyResponse.score
    query = (
        base.with_only_columns(other.choice, other.value, *base.selected_columns)
        .join(other, and_(other.response_id == SurveyResponse.id, other.question == split.question))
        .group_by(None)
        .group_by(other.choice, other.value, score)
    )
    found: Counts = defaultdict(Counter)
    for choice, value, scored, number in session.execute(query):
        found[split.key(choice if choice else value)][scored] += number
    return found


def figures(
    session: CrmSession,
    survey: Survey,
    by: str | None = None,
    since: date | None = None,
    until: date | None = None,
    weights: Weights | None = None,
    *,
    question: str = "",
    reversed: bool = False,
    moment: Moment | None = None,
) -> tuple[Figure, ...]:
    """Return the figure of all answers of a survey, or those of the groups of a dimension, in the order of their keys.

    ``by`` is as `split_by` says, days are those of the company's zone and both included. Groups of fewer answers than
    the survey's ``small`` are hidden; of an anonymous survey the next smallest with them where only one would be, which
    otherwise followed from the whole. Raises InvalidInput, UnknownFact.
    """
    scale = scale_of(session, survey, question, reversed=reversed)
    split = None if not by else split_by(session, survey, by, moment=moment)
    if weights is not None:
        made = _weighted(session, survey, split, weights, scale, question, since, until, moment)
    else:
        counts = counts_of(session, survey, split, question=question, since=since, until=until)
        if split is None:
            counts.setdefault(ALL, Counter())
        titles = {} if split is None else split.titles
        made = [figure_of(each, scale, key=key, title=titles.get(key, key)) for key, each in sorted(counts.items())]
    return tuple(made) if split is None else suppressed(survey, made)


def suppressed(survey: Survey, made: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return figures of groups, those with too few answers hidden."""
    small = {each.key for each in made if each.n < survey.small}
    rest = sorted((each for each in made if each.key not in small), key=lambda each: each.n)
    if survey.anonymous and len(small) == 1 and rest:
        small.add(rest[0].key)
    return tuple(hidden(each) if each.key in small else each for each in made)


def _weighted(
    session: CrmSession,
    survey: Survey,
    split: Split | None,
    weights: Weights,
    scale: Scale,
    question: str,
    since: date | None,
    until: date | None,
    moment: Moment | None,
) -> list[Figure]:
    """Return figures by weighted counts: answers are counted by customer, who is in one part."""
    strata = split_by(session, survey, weights.dimension, moment=moment)
    if (split is not None and split.question) or strata.question:
        message = _("Weighted figures cannot be told apart by another question.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="by")])
    groups = [strata.column.label("stratum"), *([] if split is None else [split.column.label("split_key")])]
    base = counted(session, survey, question=question, where=between(session, since, until))
    score = SurveyAnswer.value if question else SurveyResponse.score
    query = base.with_only_columns(*groups, *base.selected_columns).group_by(None).group_by(*groups, score)
    sums: dict[str, Counter[int]] = defaultdict(Counter)
    squares: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    floats: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in session.execute(query):
        weight = weights.of.get(strata.key(row[0]), 0.0)
        key = ALL if split is None else split.key(row[1])
        scored, number = row[-2], row[-1]
        sums[key][scored] += number
        if weight and scale.holds(scored):
            floats[key][scored] += weight * number
            squares[key] += weight * weight * number  # type: ignore[assignment]
            answers[key] += number
    titles: Mapping[str, str] = {} if split is None else split.titles
    return [
        figure_of(
            floats[key], scale, key=key, title=titles.get(key, key), answers=answers[key], squares=squares[key] or None
        )
        for key in sorted(sums or {ALL: Counter()})
    ]
