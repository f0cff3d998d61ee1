"""How much a theme pulls the score of a survey up or down: leave-one-out, with an interval.

The impact of a theme is n_t(NPS_t − NPS)/(N − n_t): how far the score of all answers lies from that of the answers that
are not about it (as Qualtrics computes the impact of a topic). Counted in SQL. Must not know how it is shown.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.statistics.comparing import holm
from crmkit.engines.statistics.distributions import quantile, two_sided
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.measuring.reading import ALL, between, counts_of, scale_of
from crmkit_feedback.measuring.scores import CONFIDENCE, DIGITS, Scale
from crmkit_feedback.surveys.models import Survey


@frozen(kw_only=True)
class Impact:
    """A theme with what it does to the score of all answers.

    ``n`` answers are about it, ``total`` were given; ``value`` is the score of those about it and ``others`` that of
    the rest (-1 to 1 for NPS, shares of 0 to 1 else). ``impact`` is the score of all minus that of the rest: below
    nought where the theme costs score. ``adjusted`` is the p-value by Holm over all themes. With ``hidden`` there were
    too few answers to show more than their number.
    """

    key: str
    title: str
    n: int
    total: int
    value: float | None = None
    others: float | None = None
    impact: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    hidden: bool = False

    def document(self) -> Mapping[str, Any]:
        """Return it by the names that scripts read, to six digits."""
        base: dict[str, Any] = {"theme": self.key, "title": self.title, "n": self.n, "total": self.total}
        if self.hidden:
            return {**base, "hidden": True}
        return {
            **base,
            "score": _rounded(self.value),
            "others": _rounded(self.others),
            "impact": _rounded(self.impact),
            "standard_error": _rounded(self.error),
            "interval": None if self.low is None else [_rounded(self.low), _rounded(self.high)],
            "p_value": _rounded(self.p_value),
            "p_holm": _rounded(self.adjusted),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS) + 0.0


def impact_of(
    about: Mapping[int, int],
    everything: Mapping[int, int],
    scale: Scale,
    *,
    key: str = "",
    title: str = "",
    confidence: float = CONFIDENCE,
) -> Impact:
    """Return the impact of a theme from how many gave which score: those about it, and all of them.

    With p = n_t/N, A the score of those about it and R that of the rest, the impact is p(A − R). By the delta method
    its variance is p²(Var A + Var R) + (A − R)² p(1 − p)/N: the answers about it and the others are independent groups,
    and how many are about it varies as well. The variances are those of the adjusted Wald intervals (NPS: Rocks 2016,
    The American Statistician 70, 365-372; shares: Agresti & Coull 1998), so that a few answers that agree are not taken
    for certain. There is no impact where all answers are about the theme, or none.
    """
    one, whole = _bands(about, scale), _bands(everything, scale)
    n, total = sum(one.values()), sum(whole.values())
    rest = {name: whole[name] - one[name] for name in whole}
    base = Impact(key=key, title=title, n=n, total=total)
    if not n or n >= total:
        return evolve(base, value=_value(one, scale) if n else None)
    value, others, part = _value(one, scale), _value(rest, scale), n / total
    variance = part**2 * (_variance(one, scale) + _variance(rest, scale))
    variance += (value - others) ** 2 * part * (1 - part) / total
    error, score = math.sqrt(variance), _value(whole, scale)
    impact = n * (value - score) / (total - n)
    reach = quantile(confidence) * error
    return evolve(
        base,
        value=value,
        others=others,
        impact=impact,
        error=error,
        low=impact - reach,
        high=impact + reach,
        p_value=two_sided(impact / error),
    )


def _bands(counts: Mapping[int, int], scale: Scale) -> dict[str, int]:
    found = {"good": 0, "middling": 0, "bad": 0}
    for score, number in counts.items():
        if scale.holds(score):
            found[scale.band(score)] += number
    return found


def _value(bands: Mapping[str, int], scale: Scale) -> float:
    lost = bands["bad"] if scale.metric == "nps" else 0
    return (bands["good"] - lost) / sum(bands.values())


def _variance(bands: Mapping[str, int], scale: Scale) -> float:
    """Return the squared standard error of a group's score, from the adjusted counts."""
    n = sum(bands.values())
    if scale.metric == "nps":
        good, bad = (bands["good"] + 0.75) / (n + 3), (bands["bad"] + 0.75) / (n + 3)
        return (good + bad - (good - bad) ** 2) / (n + 3)
    good = (bands["good"] + 2) / (n + 4)
    return good * (1 - good) / (n + 4)


def impacts(
    session: CrmSession, survey: Survey, since: date | None = None, until: date | None = None
) -> tuple[Impact, ...]:
    """Return the impact of every theme on the score of a survey, what costs most first; days are those of the company's
    zone and both included. Themes with fewer answers than the survey's ``small`` are hidden, and come last."""
    scale = scale_of(session, survey)
    everything = counts_of(session, survey, since=since, until=until)[ALL]
    query = (
        select(Theme.name, Theme.title, SurveyResponse.score, func.count())
        .join(Feedback, Feedback.response_id == SurveyResponse.id)
        .join(FeedbackTheme, FeedbackTheme.feedback_id == Feedback.id)
        .join(Theme, Theme.id == FeedbackTheme.theme_id)
        .where(
            SurveyResponse.survey_id == survey.id,
            SurveyResponse.score.is_not(None),
            FeedbackTheme.state == "on",
            *between(session, since, until),
        )
        .group_by(Theme.name, Theme.title, SurveyResponse.score)
    )
    about: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for name, title, score, number in session.execute(query):
        about[name, title][score] += number
    made = [
        impact_of(counts, everything, scale, key=name, title=title) for (name, title), counts in sorted(about.items())
    ]
    shown = [each for each in made if each.n >= survey.small]
    # Too few answers on either side would say what somebody answered.
    kept = [each for each in shown if each.impact is None or each.total - each.n >= survey.small]
    tested = [each for each in kept if each.p_value is not None]
    adjusted = holm([each.p_value for each in tested if each.p_value is not None]) if tested else []
    found = [evolve(each, adjusted=p) for each, p in zip(tested, adjusted, strict=True)]
    found.sort(key=lambda each: (each.impact or 0.0, each.key))
    whole = [each for each in kept if each.p_value is None]
    rest = [
        Impact(key=each.key, title=each.title, n=each.n, total=each.total, hidden=True)
        for each in made
        if each not in kept
    ]
    return (*found, *whole, *rest)
