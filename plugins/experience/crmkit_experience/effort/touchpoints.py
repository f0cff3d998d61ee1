"""What customers say, by touchpoint, step and segment: from the answers that feedback has.

Scores of different scales are brought to one from 0 to 100: (score - worst) / (best - worst). The step is what the
answer's attribute ``step`` says, else what kind of record it is about. Changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    Column,
    CrmSession,
    Input,
    Moment,
    Named,
    Period,
    Report,
    Table,
    catalogue_of,
    moment_of,
    texts,
    values_of,
)
from crmkit.engines.statistics.intervals import mean_interval

_ = texts("crmkit_experience")

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""The worst and the best answer, by what a survey measures."""
LEAST = 5
"""Groups with fewer answers show no figure."""


@frozen(kw_only=True)
class TouchpointParameters:
    """Answers of which days, and by which dimension customers are told apart (none: all together)."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    dimension: Annotated[
        str,
        Input(
            title=_("Dimension"), help=_("Such as value; empty: all together."), max_length=60, classified="internal"
        ),
        Named("dimension"),
    ] = ""


def touchpoint_rows(session: CrmSession, parameters: TouchpointParameters, moment: Moment) -> Table:
    """Return the mean of what customers answered, 0 to 100, by touchpoint, step and segment, with Student's interval.

    Without feedback there are no rows. Raises UnknownFact for a dimension that there is not.
    """
    if "feedback.response" not in session.gate.registry.resources:
        return Table(rows=[])
    from crmkit_feedback.api import Survey, SurveyResponse

    zone = ZoneInfo(moment.zone)
    start = datetime.combine(parameters.period.first, datetime.min.time(), zone)
    last = min(parameters.period.last, moment.today)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    query = (
        select(
            SurveyResponse.customer_id,
            SurveyResponse.touchpoint,
            SurveyResponse.attributes,
            SurveyResponse.about,
            SurveyResponse.score,
            Survey.metric,
        )
        .join(Survey, Survey.id == SurveyResponse.survey_id)
        .where(
            SurveyResponse.score.is_not(None),
            Survey.metric.in_(SCALES),
            SurveyResponse.answered_at >= start,
            SurveyResponse.answered_at < end,
        )
        .order_by(SurveyResponse.id)
    )
    answers = session.execute(query).all()
    labels = _labels(session, parameters.dimension, answers)
    groups: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in answers:
        worst, best = SCALES[row.metric]
        key = (row.touchpoint or "–", step_of(row.attributes, row.about), labels.get(row.customer_id) or "–")
        groups[key].append(100 * (row.score - worst) / (best - worst))
    return Table(rows=[_row(key, groups[key]) for key in sorted(groups)])


def step_of(attributes: Any, about: str | None) -> str:
    """Return the step at which an answer was given."""
    said = (attributes or {}).get("step")
    return str(said) if said else (about or "").rpartition(":")[0] or "–"


def _labels(session: CrmSession, dimension: str, answers: Any) -> dict[Any, str]:
    if not dimension:
        return {}
    ids = list({row.customer_id for row in answers if row.customer_id is not None})
    ref = catalogue_of(session).ref(f"label.{dimension}")
    found = values_of(session, [ref], ids, moment_of(session)) if ids else {}
    return {each: str(held[ref]) for each, held in found.items() if held.get(ref) is not None}


def _row(key: tuple[str, str, str], values: list[float]) -> dict[str, Any]:
    found = mean_interval(values)
    shown = found.n >= LEAST
    return {
        "key": " · ".join(key),
        "touchpoint": key[0],
        "step": key[1],
        "segment": key[2],
        "answers": found.n,
        "score": found.value if shown else None,
        "low": max(0.0, found.low) if shown and found.low is not None else None,
        "high": min(100.0, found.high) if shown and found.high is not None else None,
    }


REPORTS = [
    Report(
        name="experience.touchpoints",
        title=_("Experience by touchpoint"),
        rows=touchpoint_rows,
        parameters=TouchpointParameters,
        defaults={"period": "last 12 months"},
        permission="experience.effort.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="touchpoint", title=_("Touchpoint")),
            Column(name="step", title=_("Step")),
            Column(name="segment", title=_("Segment")),
            Column(name="answers", title=_("Answers"), kind="integer", total=True),
            Column(
                name="score",
                title=_("Score"),
                kind="number",
                doc=_("The mean answer, brought to 0 to 100; from 5 answers on."),
            ),
            Column(name="low", title=_("From (95%)"), kind="number"),
            Column(name="high", title=_("To (95%)"), kind="number"),
        ],
        temporal=False,
        doc=_("What customers answered, by where they were asked, at which step, and which customers they are."),
    )
]
