"""The reports of figures: satisfaction by a dimension, over time, and who asked whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit_feedback.measuring.benchmarking import standings
from crmkit_feedback.measuring.comparing import gaps
from crmkit_feedback.measuring.parameters import (
    NO_SURVEY,
    PERMISSION,
    By,
    BySurvey,
    PeriodField,
    SurveyName,
    survey_for,
)
from crmkit_feedback.measuring.rates import rates, weights_of
from crmkit_feedback.measuring.reading import figures
from crmkit_feedback.measuring.scores import Figure
from crmkit_feedback.measuring.trending import LEAST, STEPS, Step, trend
from crmkit_feedback.surveys.words import METRICS

_ = texts("crmkit_feedback")

ALARMS: Mapping[str, str] = {
    "value+": _("Above its limits"),
    "value-": _("Below its limits"),
    "mean+": _("Rising (weighted mean)"),
    "mean-": _("Falling (weighted mean)"),
    "bad+": _("More dissatisfied than usual"),
}
"""What lies outside its limits, in words."""
KEY = Column(name="key", title=_("Key"), hidden=True)


@frozen(kw_only=True)
class SatisfactionBy:
    """Which survey, which days, by what, and by which dimension silence is made up for."""

    period: PeriodField
    survey: SurveyName = ""
    by: By = ""
    weighted: Annotated[
        str,
        Input(
            title=_("Weighted by"),
            max_length=160,
            classified="internal",
            help=_("A label or a fact of customers: as if each part had answered as often as another."),
        ),
    ] = ""


@frozen(kw_only=True)
class TrendOf:
    """Which survey, which days, in steps of which length."""

    period: PeriodField
    survey: SurveyName = ""
    step: Annotated[Step, Input(title=_("In steps of"), choices=STEPS, classified="internal")] = "month"


def satisfaction_rows(session: CrmSession, parameters: SatisfactionBy, moment: Moment) -> Table:
    """Return the figure of each group with its interval, beside its own history, and what differs."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    first, last = parameters.period.first, parameters.period.last
    weights = weights_of(session, survey, parameters.weighted, first, last) if parameters.weighted else None
    found = figures(session, survey, parameters.by or None, first, last, weights, moment=moment)
    days = (last - first).days + 1
    past = {} if weights else {each.now.key: each for each in standings(
        session, survey, parameters.by or None, days=days, history=365, until=last
    )}  # fmt: skip
    rows = []
    for each in found:
        before = past.get(each.key)
        rows.append(
            {
                **_cells(each),
                "before": None if before is None or before.before is None else _score(before.before.value),
                "change": None if before is None or before.gap is None else _score(before.gap.delta),
                "p": None if before is None or before.gap is None else _digits(before.gap.adjusted, 4),
            }
        )
    (whole,) = found if not parameters.by and len(found) == 1 else figures(session, survey, None, first, last, weights)
    notes = [_told(whole, survey.title)]
    if any(each.hidden for each in found):
        text = _("Groups of fewer than {count} answers are not shown.")
        notes.append(Note(text=text, values={"count": survey.small}))
    for gap in gaps(found):
        if gap.adjusted is not None and gap.adjusted < 0.05:
            text = _("{one} and {other} differ by {delta} (p = {p}, Holm).")
            values = {
                "one": gap.one,
                "other": gap.other,
                "delta": f"{100 * gap.delta:+.1f}",
                "p": f"{gap.adjusted:.4f}",
            }
            notes.append(Note(text=text, values=values))
    return Table(rows=rows, notes=notes)


def _told(whole: Figure, title: str) -> Note:
    if whole.value is None:
        return Note(text=_("Nobody has answered {survey} in this time."), values={"survey": title})
    low, high = (0.0 if each is None else 100 * each for each in (whole.low, whole.high))
    values = {
        "survey": title,
        "measure": METRICS[whole.metric],
        "value": f"{100 * whole.value:.1f}",
        "low": f"{low:.1f}",
        "high": f"{high:.1f}",
        "n": whole.n,
    }
    return Note(text=_("{survey}: {value} ({low} to {high}) of {n} answers. {measure}."), values=values)


def _cells(each: Figure) -> dict[str, Any]:
    return {
        "key": each.key,
        "group": each.title,
        "n": each.n,
        "good": None if each.hidden else round(each.promoters),
        "middling": None if each.hidden else round(each.passives),
        "bad": None if each.hidden else round(each.detractors),
        "value": _score(each.value),
        "low": _score(each.low),
        "high": _score(each.high),
        "mean": _digits(each.mean, 2),
        "size": _digits(each.size, 1),
    }


def _score(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


def _digits(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def trend_rows(session: CrmSession, parameters: TrendOf, moment: Moment) -> Table:
    """Return the figure of each step, its limits and alarms, and what happened then."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    last = min(parameters.period.last, moment.today)
    found = trend(session, survey, parameters.step, min(parameters.period.first, last), last)
    rows = [
        {
            "key": each.first.isoformat(),
            "step": each.first.isoformat(),
            "n": each.figure.n,
            "value": _score(each.figure.value),
            "low": _score(each.low),
            "high": _score(each.high),
            "mean": _score(each.mean),
            "bad": _digits(each.bad, 4),
            "alarm": ALARMS.get(each.alarm, ""),
            "events": "; ".join(each.events),
        }
        for each in found.points
    ]
    known = sum(each.figure.value is not None for each in found.points)
    text = _("With {count} values limits say little; 8 are the least.")
    return Table(rows=rows, notes=[Note(text=text, values={"count": known})] if known < LEAST else [])


def rate_rows(session: CrmSession, parameters: BySurvey, moment: Moment) -> Table:
    """Return how many of those asked answered, by a label or a fact of customers."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    first, last = parameters.period.first, parameters.period.last
    rows = [
        {
            "key": each.key,
            "asked": each.asked,
            "begun": each.begun,
            "answered": min(each.answered, each.asked),
            "finished": min(each.answered, each.begun),
            "rate": None,
            "completion": None,
        }
        for each in rates(session, survey, parameters.by or None, first, last, moment=moment)
    ]
    return Table(rows=rows)


_LOW = Column(name="low", title=_("At least"), kind="number", doc=_("Adjusted Wald of NPS (Rocks 2016), else Wilson."))
REPORTS = [
    Report(
        name="feedback.satisfaction",
        title=_("Satisfaction"),
        doc=_("NPS, CSAT or CES of a survey by a dimension, with intervals, beside each group's own last year."),
        rows=satisfaction_rows,
        parameters=SatisfactionBy,
        defaults={"period": "last 365 days"},
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="n", title=_("Answers"), kind="integer"),
            Column(name="good", title=_("Satisfied"), kind="integer"),
            Column(name="middling", title=_("In between"), kind="integer"),
            Column(name="bad", title=_("Dissatisfied"), kind="integer"),
            Column(name="value", title=_("Score"), kind="number", doc=_("NPS -100 to 100; CSAT and CES 0 to 100.")),
            _LOW,
            Column(name="high", title=_("At most"), kind="number"),
            Column(name="mean", title=_("Mean"), kind="number"),
            Column(name="size", title=_("Effective number"), kind="number", hidden=True),
            Column(name="before", title=_("Year before"), kind="number"),
            Column(name="change", title=_("Change"), kind="number"),
            Column(name="p", title=_("p (Holm)"), kind="number"),
        ],
        charts=[Chart.bars("group", "value", title=_("Score"))],
    ),
    Report(
        name="feedback.trend",
        title=_("Satisfaction over time"),
        doc=_("The score of each week or month with its limits, the weighted mean, alarms, and what happened."),
        rows=trend_rows,
        parameters=TrendOf,
        defaults={"period": "last 365 days"},
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="step", title=_("From"), kind="date"),
            Column(name="n", title=_("Answers"), kind="integer"),
            Column(name="value", title=_("Score"), kind="number"),
            Column(name="low", title=_("Lower limit"), kind="number", doc=_("Three standard errors below the mean.")),
            Column(name="high", title=_("Upper limit"), kind="number"),
            Column(name="mean", title=_("Weighted mean"), kind="number", doc=_("EWMA with λ = 0.2.")),
            Column(name="bad", title=_("Dissatisfied"), kind="share"),
            Column(name="alarm", title=_("Alarm")),
            Column(name="events", title=_("What happened")),
        ],
        charts=[Chart.lines("step", "value", "low", "high", "mean", title=_("Score"))],
    ),
    Report(
        name="feedback.rates",
        title=_("Response rates"),
        doc=_("How many of those a survey asked began and answered, with intervals."),
        rows=rate_rows,
        parameters=BySurvey,
        defaults={"period": "last 365 days"},
        permission=PERMISSION,
        columns=[
            Column(name="key", title=_("Group")),
            Column(name="asked", title=_("Asked"), kind="integer"),
            Column(name="begun", title=_("Begun"), kind="integer"),
            Column(name="answered", title=_("Answered"), kind="integer"),
            Column(name="finished", title="", kind="integer", hidden=True),
            Column(name="rate", title=_("Response rate"), kind="rate", successes="answered", trials="asked"),
            Column(name="completion", title=_("Completion"), kind="rate", successes="finished", trials="begun"),
        ],
    ),
]
