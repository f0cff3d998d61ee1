"""The reports on improvements and on what themes do to the score. Must not compute anything itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, User, texts
from crmkit_feedback.improving.impact import impacts
from crmkit_feedback.improving.models import ACTION_STATES, Improvement
from crmkit_feedback.improving.pages import VERDICTS
from crmkit_feedback.items.measuring import span
from crmkit_feedback.items.repeating import repeat_rates
from crmkit_feedback.measuring.parameters import NO_SURVEY, OfSurvey, survey_for

_ = texts("crmkit_feedback")

MOST = 1000


@frozen(kw_only=True)
class OfState:
    """Improvements of which state."""

    state: Annotated[
        Literal["", "planned", "in_progress", "released", "verified", "ineffective", "dropped"],
        Input(title=_("State"), choices={"": _("All"), **ACTION_STATES}, classified="internal"),
    ] = ""


def impact_rows(session: CrmSession, parameters: OfSurvey, moment: Moment) -> Table:
    """Return what every theme does to the score of a survey, in points, what costs most first."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    found = impacts(session, survey, parameters.period.first, parameters.period.last)
    begin, end = span(session, parameters.period.first, parameters.period.last)
    again = repeat_rates(session, begin, end, now=moment.as_of)
    rows = [
        {
            "key": each.key,
            "theme": each.title,
            "n": each.n,
            "part": None,
            "total": each.total,
            "score": _points(each.value),
            "others": _points(each.others),
            "impact": _points(each.impact),
            "low": _points(each.low),
            "high": _points(each.high),
            "p": None if each.adjusted is None else round(each.adjusted, 4),
            "again": _points(again[each.key].value) if each.key in again and not each.hidden else None,
        }
        for each in found
    ]
    notes = [] if rows else [Note(text=_("Nothing that was answered in this time was found to be about a theme."))]
    hidden = sum(each.hidden for each in found)
    if hidden:
        notes.append(
            Note(text=_("{count} themes have too few answers for a figure."), values={"count": hidden}),
        )
    return Table(rows=rows, notes=notes)


def improvement_rows(session: CrmSession, parameters: OfState, moment: Moment) -> list[dict[str, Any]]:
    """Return improvements with what came out of them; changes in points."""
    query = select(Improvement).order_by(Improvement.number.desc()).limit(MOST)
    if parameters.state:
        query = query.where(Improvement.state == parameters.state)
    items = session.scalars(query).all()
    ids = {each.owner_id for each in items if each.owner_id is not None}
    names = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(ids)))}
    rows: list[dict[str, Any]] = []
    for each in items:
        result = each.result or {}
        change = result.get(result.get("by", "")) or {}
        rows.append(
            {
                "key": str(each.id),
                "number": each.number,
                "title": each.title,
                "state": ACTION_STATES[each.state],
                "owner": names.get(each.owner_id, "") if each.owner_id is not None else "",
                "due": each.due_on,
                "released": each.released_on,
                "before": result.get("before", {}).get("n"),
                "after": result.get("after", {}).get("n"),
                "change": _points(change.get("change")),
                "low": _points(change.get("low")),
                "high": _points(change.get("high")),
                "p": change.get("p_value"),
                "verdict": VERDICTS.get(result.get("verdict", ""), ""),
            }
        )
    return rows


def _points(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1) + 0.0


KEY = Column(name="key", title=_("Key"), hidden=True)
REPORTS = [
    Report(
        name="feedback.impact",
        title=_("Impact of themes on the score"),
        rows=impact_rows,
        parameters=OfSurvey,
        defaults={"period": "last 365 days"},
        permission="feedback.score.read",
        temporal=False,
        columns=[
            KEY,
            Column(name="theme", title=_("Theme")),
            Column(name="n", title=_("Answers about it"), kind="integer"),
            Column(name="total", title=_("Of how many"), kind="integer"),
            Column(name="part", title=_("Share of answers"), kind="rate", successes="n", trials="total"),
            Column(name="score", title=_("Score of those about it"), kind="number"),
            Column(name="others", title=_("Score of the others"), kind="number"),
            Column(
                name="impact",
                title=_("Impact"),
                kind="number",
                doc=_("The score of all minus that of the answers that are not about it, in points."),
            ),
            Column(name="low", title=_("From"), kind="number", doc=_("Where the 95% interval begins.")),
            Column(name="high", title=_("To"), kind="number", doc=_("Where the 95% interval ends.")),
            Column(name="p", title=_("p (Holm)"), kind="number"),
            Column(
                name="again",
                title=_("Said again"),
                kind="number",
                doc=_("In how many of a hundred cases the same customer spoke of it again within 90 days."),
            ),
        ],
        charts=[Chart.bars("theme", "impact")],
        doc=_("How many points of the score every theme costs or brings, with intervals."),
    ),
    Report(
        name="feedback.improvements",
        title=_("Improvements"),
        rows=improvement_rows,
        parameters=OfState,
        permission="feedback.improvement.read",
        temporal=False,
        columns=[
            KEY,
            Column(name="number", title=_("Number"), kind="integer"),
            Column(name="title", title=_("Title")),
            Column(name="state", title=_("State")),
            Column(name="owner", title=_("Owner")),
            Column(name="due", title=_("Due on"), kind="date"),
            Column(name="released", title=_("Released on"), kind="date"),
            Column(name="before", title=_("Answers before"), kind="integer"),
            Column(name="after", title=_("Answers afterwards"), kind="integer"),
            Column(name="change", title=_("Change"), kind="number", doc=_("In points, after minus before.")),
            Column(name="low", title=_("From"), kind="number", doc=_("Where the 95% interval begins.")),
            Column(name="high", title=_("To"), kind="number", doc=_("Where the 95% interval ends.")),
            Column(name="p", title=_("p-value"), kind="number"),
            Column(name="verdict", title=_("What came out")),
        ],
        doc=_("What was done about problems, and whether later answers show that it helped."),
    ),
]
