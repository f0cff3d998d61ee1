"""What drives a score: shares of R² of the ratings beside it, how well each is rated, and what to see to first."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.extras import library
from crmkit_feedback.measuring.reading import between, scale_of
from crmkit_feedback.measuring.shapley import EXACT_UP_TO, correlations_of, lmg
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

MOST_ANSWERS = 20_000
MOST_RATINGS = 20
LEAST_PER_RATING = 10
RESAMPLES = 200
RATED = ("rating", "csat", "ces", "nps", "matrix", "number")
QUADRANTS = {
    "improve": _("Improve first"),
    "keep": _("Keep it up"),
    "low": _("Low priority"),
    "enough": _("Good enough"),
}


@frozen(kw_only=True)
class Driver:
    """A rating: its share of R² with the interval, its part of the whole R², how well it is rated (0 to 100), and its
    quadrant of importance and performance."""

    key: str
    share: float
    low: float | None
    high: float | None
    part: float
    performance: float
    mean: float
    quadrant: str


@frozen(kw_only=True)
class Drivers:
    """The ratings by falling share, with R², how many answers have all of them, and how many of those have a score."""

    drivers: tuple[Driver, ...] = field(converter=tuple)
    r2: float | None
    n: int
    of: int
    exact: bool = True


def drivers(
    session: CrmSession, survey: Survey, since: date | None = None, until: date | None = None, *, seed: int = 0
) -> Drivers:
    """Return what drives the score of a survey, by the last 20 000 answers that have all ratings.

    Ratings that fewer than half of those with a score have given are left out. Intervals are percentiles of 200
    resamples. With fewer than ten answers for each rating there are none: too little is known. Performance is the mean
    on the scale that was used, 0 to 100; quadrants are split at the means of share and performance (Martilla & James
    1977, Journal of Marketing 41, 77-79). Raises MissingExtra.
    """
    where = [SurveyResponse.survey_id == survey.id, SurveyResponse.score.is_not(None), *between(session, since, until)]
    newest = select(SurveyResponse.id, SurveyResponse.score, SurveyResponse.answered_at).where(*where)
    newest = newest.order_by(SurveyResponse.answered_at.desc(), SurveyResponse.id).limit(MOST_ANSWERS)
    rows = session.execute(newest).all()
    scores: dict[UUID, int] = {id: score for id, score, _at in rows if score is not None}
    if rows:
        where.append(SurveyResponse.answered_at >= rows[-1][2])
    ratings: dict[str, dict[UUID, int]] = defaultdict(dict)
    skipped = _not_ratings(session, survey)
    query = (
        select(SurveyAnswer.response_id, SurveyAnswer.question, SurveyAnswer.item, SurveyAnswer.value)
        .join(SurveyResponse, SurveyResponse.id == SurveyAnswer.response_id)
        .where(*where, SurveyAnswer.value.is_not(None))
    )
    for response, question, item, value in session.execute(query.execution_options(yield_per=2000)):
        if question not in skipped and response in scores:
            ratings[f"{question}.{item}" if item else question][response] = value
    # A rating that says the very same as the score is the question that the survey measures by.
    kept = {
        key: given
        for key, given in sorted(ratings.items())
        if 2 * len(given) >= len(scores) and any(scores[id] != value for id, value in given.items())
    }
    kept = dict(sorted(kept.items(), key=lambda each: -len(each[1]))[:MOST_RATINGS])
    whole = [id for id in scores if all(id in given for given in kept.values())]
    if not kept or len(whole) < LEAST_PER_RATING * len(kept):
        return Drivers(drivers=(), r2=None, n=len(whole), of=len(scores))
    numpy = library("numpy")
    turned = scale_of(session, survey)
    table = numpy.array([[turned.turned(scores[id]), *(given[id] for given in kept.values())] for id in whole])
    return _driven(list(kept), table, len(scores), seed, numpy)


def _driven(keys: list[str], rows: Any, of: int, seed: int, numpy: Any) -> Drivers:
    shares = lmg(correlations_of(rows), seed=seed)
    random, n = numpy.random.default_rng(seed), len(rows)
    drawn = [
        lmg(correlations_of(rows[random.integers(0, n, n)]), orders=60, seed=seed)
        for _turn in range(RESAMPLES if len(keys) <= 6 else RESAMPLES // 4)
    ]
    low, high = numpy.percentile(numpy.array(drawn), [2.5, 97.5], axis=0)
    r2 = sum(shares)
    means = rows[:, 1:].mean(axis=0)
    performance = [_percent(float(mean), rows[:, place + 1]) for place, mean in enumerate(means)]
    important, good = r2 / len(keys), sum(performance) / len(keys)
    found = [
        Driver(
            key=key,
            share=shares[place],
            low=float(low[place]),
            high=float(high[place]),
            part=shares[place] / r2 if r2 else 0.0,
            performance=performance[place],
            mean=float(means[place]),
            quadrant=quadrant(shares[place] >= important, performance[place] >= good),
        )
        for place, key in enumerate(keys)
    ]
    found.sort(key=lambda each: (-each.share, each.key))
    return Drivers(drivers=found, r2=r2, n=n, of=of, exact=len(keys) <= EXACT_UP_TO)


def quadrant(important: bool, good: bool) -> str:
    """Return the quadrant of a rating."""
    if important:
        return "keep" if good else "improve"
    return "enough" if good else "low"


def _percent(mean: float, values: Any) -> float:
    most = int(values.max())
    low, high = (0, 10) if most > 7 or values.min() < 1 else (1, 7 if most > 5 else 5)
    return min(100.0, max(0.0, 100 * (mean - low) / (high - low)))


def _not_ratings(session: CrmSession, survey: Survey) -> set[str]:
    """Return the questions of the version in use that are no ratings, and the one that the survey measures by."""
    version = session.get(SurveyVersion, survey.version_id) if survey.version_id else None
    found: set[str] = set()
    measured = False
    for block in version.content.get("blocks", ()) if version is not None else ():
        for each in block.get("questions", ()):
            kind = each.get("kind")
            if kind not in RATED or (kind == survey.metric and not measured):
                found.add(str(each.get("key")))
                measured = measured or kind == survey.metric
    return found
