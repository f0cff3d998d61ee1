"""Figures by week or month with the limits within which chance alone keeps them, what happened then, and alarms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import case, or_, select

from crmkit import CrmSession, texts
from crmkit.engines.statistics.control import p_chart
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.improving.models import Annotation
from crmkit_feedback.measuring.ewma import ewma_chart
from crmkit_feedback.measuring.reading import between, counted, day_start, scale_of
from crmkit_feedback.measuring.scores import Figure, figure_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

Step = Literal["week", "month"]
STEPS = {"week": _("Week"), "month": _("Month")}
MOST_STEPS = 120
LEAST = 8
"""With fewer steps limits say little."""


@frozen(kw_only=True)
class Point:
    """A step of the trend: its figure, the limits of the value, the weighted mean with its limits, what happened.

    ``low`` and ``high`` are those of the value (three standard errors around the centre), ``bad`` the share of the
    worst band with ``bad_low`` and ``bad_high`` by a p chart. ``alarm`` says what lies outside: "value", "mean" or
    "bad", with "+" for above and "-" for below; empty where nothing does.
    """

    first: date
    last: date
    figure: Figure
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    bad: float | None = None
    bad_low: float | None = None
    bad_high: float | None = None
    alarm: str = ""
    events: tuple[str, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Trend:
    """The steps in order, and the centre: the value over the steps before ``base`` (all of them where it is 0)."""

    points: tuple[Point, ...] = field(converter=tuple)
    centre: float | None
    metric: str

    @property
    def alarms(self) -> tuple[Point, ...]:
        """Return the steps that lie outside their limits."""
        return tuple(each for each in self.points if each.alarm)


def trend(
    session: CrmSession,
    survey: Survey,
    step: Step = "month",
    since: date | None = None,
    until: date | None = None,
    *,
    question: str = "",
    base: int = 0,
) -> Trend:
    """Return the figures of a survey by week (from Monday) or month, of the days of the company's zone.

    The limits are those of a process that stays as it was over the first ``base`` steps, or over all. Steps without
    answers have no values, and the limits pass over them.
    """
    scale = scale_of(session, survey, question)
    last = until or session.today()
    first = since or _first(session, survey) or last
    spans = spans_of(first, last, step)[-MOST_STEPS:]
    zone = ZoneInfo(session.crm.config.get(session).zone)
    bounds = [day_start(each[0], zone) for each in spans[1:]]
    moment = SurveyResponse.answered_at
    bucket: Any = case(*((moment < bound, place) for place, bound in enumerate(bounds)), else_=len(bounds))
    if not bounds:
        bucket = case((moment.is_(None), 1), else_=0)
    bucket = bucket.label("step")
    query = counted(session, survey, bucket, question=question, where=between(session, spans[0][0], spans[-1][1]))
    tallies: list[Counter[int]] = [Counter() for _span in spans]
    for place, score, number in session.execute(query):
        tallies[place][score] += number
    figures = [
        figure_of(each, scale, key=span[0].isoformat(), title=span[0].isoformat())
        for span, each in zip(spans, tallies, strict=True)
    ]
    learnt = tallies[:base] if base else tallies
    whole = figure_of(sum(learnt, Counter()), scale)
    happened = annotations(session, survey, spans[0][0], spans[-1][1])
    return Trend(points=_points(spans, figures, whole, happened), centre=whole.value, metric=scale.metric)


def _points(
    spans: Sequence[tuple[date, date]],
    figures: Sequence[Figure],
    whole: Figure,
    happened: Sequence[tuple[date, str]],
) -> list[Point]:
    known = [each for each in figures if each.value is not None]
    if whole.value is None or not known:
        return [
            Point(first=span[0], last=span[1], figure=each, events=_within(happened, span))
            for span, each in zip(spans, figures, strict=True)
        ]
    errors = [math.sqrt((whole.variance or 0.0) / each.n) for each in known]
    means = iter(ewma_chart([each.value or 0.0 for each in known], errors, centre=whole.value).points)
    shares = iter(p_chart([each.detractors for each in known], [each.n for each in known]).points)
    reaches = iter(errors)
    points: list[Point] = []
    for span, each in zip(spans, figures, strict=True):
        events = _within(happened, span)
        if each.value is None:
            points.append(Point(first=span[0], last=span[1], figure=each, events=events))
            continue
        reach, mean, share = 3 * next(reaches), next(means), next(shares)
        low, high = whole.value - reach, whole.value + reach
        # Above its limit a share of the worst band is an alarm; below it the value says so already.
        alarms = (
            _side("value", each.value, low, high) or _side("mean", mean.value, mean.low, mean.high),
            "bad+" if share.value > share.high else "",
        )
        points.append(
            Point(
                first=span[0],
                last=span[1],
                figure=each,
                low=low,
                high=high,
                mean=mean.value,
                mean_low=mean.low,
                mean_high=mean.high,
                bad=share.value,
                bad_low=share.low,
                bad_high=share.high,
                alarm=next((alarm for alarm in alarms if alarm), ""),
                events=events,
            )
        )
    return points


def _side(name: str, value: float, low: float, high: float) -> str:
    return f"{name}+" if value > high + 1e-12 else f"{name}-" if value < low - 1e-12 else ""


def _within(happened: Sequence[tuple[date, str]], span: tuple[date, date]) -> list[str]:
    return [title for day, title in happened if span[0] <= day <= span[1]]


def annotations(session: CrmSession, survey: Survey, first: date, last: date) -> list[tuple[date, str]]:
    """Return what happened on the days of a span, to the survey or to all, in order."""
    query = select(Annotation.day, Annotation.title).where(
        Annotation.day >= first,
        Annotation.day <= last,
        or_(Annotation.survey_id == survey.id, Annotation.survey_id.is_(None)),
    )
    return [(day, title) for day, title in session.execute(query.order_by(Annotation.day, Annotation.title))]


def spans_of(first: date, last: date, step: Step) -> list[tuple[date, date]]:
    """Return the first and the last day of each week or month that a span touches; one at least."""
    day = first - timedelta(days=first.weekday()) if step == "week" else first.replace(day=1)
    found: list[tuple[date, date]] = []
    while day <= last or not found:
        after = day + timedelta(days=7) if step == "week" else (day + timedelta(days=32)).replace(day=1)
        found.append((day, after - timedelta(days=1)))
        day = after
    return found


def _first(session: CrmSession, survey: Survey) -> date | None:
    query = (
        select(SurveyResponse.answered_at)
        .where(SurveyResponse.survey_id == survey.id, SurveyResponse.score.is_not(None))
        .order_by(SurveyResponse.answered_at)
        .limit(1)
    )
    found = session.scalar(query)
    return None if found is None else found.astimezone(ZoneInfo(session.crm.config.get(session).zone)).date()
