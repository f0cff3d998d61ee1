"""Whether an improvement has helped: the answers before it and after it compared, with interval and test.

Must not know who asks, nor change anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import Select, func, select

from crmkit import CrmSession, customers_where
from crmkit.engines.statistics.comparing import two_proportions
from crmkit.engines.statistics.intervals import newcombe
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.classifying.models import FeedbackTheme
from crmkit_feedback.improving.models import Improvement
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.measuring.comparing import gap
from crmkit_feedback.measuring.reading import day_start, scale_of
from crmkit_feedback.measuring.scores import DIGITS, Scale, figure_of
from crmkit_feedback.surveys.models import Survey

LEVEL = 0.05
"""A difference counts that chance alone makes less often than this."""
LEAST = 5
"""So many answers before are needed."""
TIMES = 3
"""So many times as many answers before are compared with those after: the more, the narrower the interval, and beyond
this hardly any more."""
EARLIEST = timedelta(days=365)
"""Answers longer before than this do not count."""
CHUNK = 500


@frozen(kw_only=True)
class Side:
    """The answers of one side: how many gave which score, how many of them were bad and about the theme, and when."""

    scores: Mapping[int, int]
    about: Mapping[int, int]
    bad_about: int
    first: date | None
    last: date | None
    waiting: int = 0

    @property
    def n(self) -> int:
        """Return how many answers there are."""
        return sum(self.scores.values())


@frozen(kw_only=True)
class Comparison:
    """Both sides of an improvement, on the scale of its survey."""

    scale: Scale
    before: Side
    after: Side
    themed: bool
    needed: int

    @property
    def enough(self) -> bool:
        """Say whether there are enough answers on both sides, all of them looked at for themes."""
        return self.after.n >= self.needed and self.before.n >= LEAST and not self.after.waiting


def compared(session: CrmSession, improvement: Improvement) -> Comparison | None:
    """Return the answers before and after an improvement; None where it is not released or no survey measures it.

    Those after are the first ``verify_after`` with a score from the day after the release on, those before the last
    three times as many within a year before it; what was answered on the day itself is of neither. With a condition
    only those of customers count for whom it holds now. Raises ExpressionError, UnknownFact.
    """
    survey = session.get(Survey, improvement.survey_id) if improvement.survey_id is not None else None
    if survey is None or improvement.released_on is None:
        return None
    zone = ZoneInfo(session.crm.config.get(session).zone)
    released, needed = improvement.released_on, improvement.verify_after
    begin, end = day_start(released, zone), day_start(released + timedelta(days=1), zone)
    base = select(SurveyResponse.id, SurveyResponse.score, SurveyResponse.answered_at).where(
        SurveyResponse.survey_id == survey.id, SurveyResponse.score.is_not(None)
    )
    if improvement.condition:
        base = base.where(SurveyResponse.customer_id.in_(customers_where(session, improvement.condition)))
    earliest = day_start(released - EARLIEST, zone)
    at = SurveyResponse.answered_at
    before = base.where(at < begin, at >= earliest).order_by(at.desc(), SurveyResponse.id.desc()).limit(TIMES * needed)
    after = base.where(at >= end).order_by(at, SurveyResponse.id).limit(needed)
    scale = scale_of(session, survey)
    return Comparison(
        scale=scale,
        before=_side(session, before, scale, improvement.theme_id, zone),
        after=_side(session, after, scale, improvement.theme_id, zone),
        themed=improvement.theme_id is not None,
        needed=needed,
    )


def _side(session: CrmSession, query: Select[Any], scale: Scale, theme_id: UUID | None, zone: ZoneInfo) -> Side:
    rows = [row for row in session.execute(query) if scale.holds(row.score)]
    about, waiting = _about(session, [row.id for row in rows], theme_id)
    days = [row.answered_at.astimezone(zone).date() for row in rows]
    themed = [row.score for row in rows if row.id in about]
    return Side(
        scores=Counter(row.score for row in rows),
        about=Counter(themed),
        bad_about=sum(scale.band(score) == "bad" for score in themed),
        first=min(days, default=None),
        last=max(days, default=None),
        waiting=waiting,
    )


def _about(session: CrmSession, ids: Sequence[UUID], theme_id: UUID | None) -> tuple[set[UUID], int]:
    """Return which responses are about a theme, and how many nobody has looked at for themes yet."""
    found: set[UUID] = set()
    waiting = 0
    if theme_id is None:
        return found, waiting
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        named = select(Feedback.response_id).join(FeedbackTheme, FeedbackTheme.feedback_id == Feedback.id)
        named = named.where(
            Feedback.response_id.in_(some), FeedbackTheme.theme_id == theme_id, FeedbackTheme.state == "on"
        )
        found.update(each for each in session.scalars(named) if each is not None)
        query = select(func.count(Feedback.id)).where(Feedback.response_id.in_(some), Feedback.judged.is_(False))
        waiting += session.scalar(query) or 0
    return found, waiting


def result_of(comparison: Comparison) -> dict[str, Any]:
    """Return what came out, as plain values: both sides, the differences (after minus before) with intervals of 95 %
    and p-values, and the ``verdict``: "helped", "worse" or "not_shown".

    Without a theme the score decides: of NPS the difference of two independent scores (Rocks 2016), else that of two
    shares (Newcombe 1998, method 10; pooled test). With a theme it is the share of all answers that are bad and about
    it; the scores of all answers and of those about the theme are given beside it. Raises InvalidInput for an empty
    side.
    """
    scale, before, after = comparison.scale, comparison.before, comparison.after
    sides = {name: _document(side, scale) for name, side in (("before", before), ("after", after))}
    found: dict[str, Any] = {
        "metric": scale.metric,
        **sides,
        "score": _difference(before.scores, after.scores, scale),
        "by": "score",
    }
    decides, better = found["score"], 1
    if comparison.themed:
        found["theme"] = _shares(before.bad_about, before.n, after.bad_about, after.n)
        found["theme_score"] = _difference(before.about, after.about, scale)
        found["by"], decides, better = "theme", found["theme"], -1
    return {**found, "verdict": _verdict(decides, better)}


def _verdict(difference: Mapping[str, Any] | None, better: int) -> str:
    if difference is None or difference["p_value"] >= LEVEL:
        return "not_shown"
    return "helped" if difference["change"] * better > 0 else "worse"


def _document(side: Side, scale: Scale) -> dict[str, Any]:
    figure = figure_of(side.scores, scale)
    return {
        "n": side.n,
        "value": _rounded(figure.value),
        "low": _rounded(figure.low),
        "high": _rounded(figure.high),
        "good": int(figure.promoters),
        "bad": int(figure.detractors),
        "about": sum(side.about.values()),
        "bad_about": side.bad_about,
        "first": side.first.isoformat() if side.first is not None else None,
        "last": side.last.isoformat() if side.last is not None else None,
    }


def _difference(before: Mapping[int, int], after: Mapping[int, int], scale: Scale) -> dict[str, Any] | None:
    """Return how the score changed, None where one side has no answers."""
    one, other = figure_of(after, scale), figure_of(before, scale)
    if not one.n or not other.n:
        return None
    if scale.metric != "nps":
        return _shares(int(other.promoters), other.n, int(one.promoters), one.n)
    found = gap(one, other)
    if found is None:
        return None
    return {
        "change": _rounded(found.delta),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "p_value": _rounded(found.p_value),
    }


def _shares(before: int, before_n: int, after: int, after_n: int) -> dict[str, Any]:
    interval = newcombe(after, after_n, before, before_n)
    test = two_proportions(after, after_n, before, before_n).test
    return {
        "change": _rounded(interval.value),
        "low": _rounded(interval.low),
        "high": _rounded(interval.high),
        "p_value": _rounded(test.p_value),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS) + 0.0
