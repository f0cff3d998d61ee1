"""The reports on the loop: the funnel, its figures, and where feedback comes from. Must not compute anything itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, Team, User, texts
from crmkit_feedback.items.measuring import STAGES, cohort_of, figures, funnel, span
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.ticking import late
from crmkit_feedback.items.words import OPEN, SOURCES

_ = texts("crmkit_feedback")

READ = "feedback.feedback.read"
LAST = {"period": "last 90 days"}
FIGURES = {
    "closed": (_("Close rate"), "%"),
    "in_time": (_("Contacted within the deadline"), "%"),
    "hours": (_("Median time to the first contact"), "h"),
    "verified": (_("Verified by the customer, of what is resolved"), "%"),
    "reopened": (_("Opened again"), "%"),
    "recovered": (_("Recovered, of those who were asked again"), "%"),
    "repeated": (_("The same theme again within 90 days, of what is resolved"), "%"),
}
BY = {
    "source": _("Source"),
    "channel": _("Channel"),
    "item": _("About what"),
    "touchpoint": _("Touchpoint"),
    "owner": _("Owner"),
    "team": _("Team"),
}
MOST = 200


@frozen(kw_only=True)
class LoopParameters:
    """When feedback came in, and where from."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    source: Annotated[
        Literal["", "survey", "call", "case", "review", "social", "mail", "note", "api"],
        Input(title=_("Source"), choices={"": _("All"), **SOURCES}, classified="internal"),
    ] = ""


@frozen(kw_only=True)
class GroupParameters:
    """When feedback came in, and by what it is told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["source", "channel", "item", "touchpoint", "owner", "team"],
        Input(title=_("By"), choices=BY, classified="internal"),
    ] = "source"


def funnel_rows(session: CrmSession, parameters: LoopParameters, moment: Moment) -> Table:
    """Return the stages of the loop."""
    begin, end = span(session, parameters.period.first, parameters.period.last)
    cohort = cohort_of(session, begin, end, parameters.source, now=moment.as_of)
    stages = funnel(cohort)
    beside = sum(each.band != "bad" for each in cohort.items)
    rows = [
        {
            "key": each.name,
            "stage": STAGES[each.name],
            "count": each.count,
            "share": None,
            "before": each.before,
            "waiting": each.waiting,
            "otherwise": each.otherwise,
        }
        for each in stages
    ]
    notes = [Note(text=_("Each stage is a part of the one before: reached, waiting and otherwise add up to it."))]
    if beside:
        text = _("{count} pieces of feedback without a bad score are seen to as well; they are not counted here.")
        notes.append(Note(text=text, values={"count": beside}))
    return Table(rows=rows, notes=notes)


def figure_rows(session: CrmSession, parameters: LoopParameters, moment: Moment) -> list[dict[str, Any]]:
    """Return the figures of the loop with their intervals; shares in per cent."""
    begin, end = span(session, parameters.period.first, parameters.period.last)
    found = figures(session, cohort_of(session, begin, end, parameters.source, now=moment.as_of), moment.as_of)
    rows: list[dict[str, Any]] = []
    for name, (title, unit) in FIGURES.items():
        figure, times = found[name], 100 if unit == "%" else 1
        value, low, high = (
            None if each is None or figure.n == 0 else round(each * times, 1)
            for each in (figure.value, figure.low, figure.high)
        )
        rows.append(
            {"key": name, "figure": title, "value": value, "low": low, "high": high, "unit": unit, "n": figure.n}
        )
    return rows


def group_rows(session: CrmSession, parameters: GroupParameters, moment: Moment) -> Table:
    """Return how much feedback came in, how bad it was and what of it is open, told apart as asked."""
    begin, end = span(session, parameters.period.first, parameters.period.last)
    columns: dict[str, Any] = {
        "source": Feedback.source,
        "channel": Feedback.channel,
        "item": Feedback.item,
        "touchpoint": Feedback.touchpoint,
        "owner": Feedback.owner_id,
        "team": Feedback.team_id,
    }
    column = columns[parameters.by]
    is_late = late(session.gate.clock.business_now())
    query = (
        select(
            column.label("group"),
            func.count(Feedback.id).label("count"),
            func.count(Feedback.band).label("scored"),
            func.count(case((Feedback.band == "bad", 1))).label("bad"),
            func.count(case((Feedback.loop.is_(True), 1))).label("loop"),
            func.count(case(((Feedback.loop.is_(True)) & Feedback.state.in_(OPEN), 1))).label("open"),
            func.count(case((is_late, 1))).label("late"),
        )
        .where(Feedback.received_at >= begin, Feedback.received_at < end)
        .group_by(column)
        .order_by(func.count(Feedback.id).desc(), column)
    )
    found = session.execute(query.limit(MOST)).mappings().all()
    titles = _titles(session, parameters.by, [each["group"] for each in found])
    return Table(
        rows=[
            {
                **each,
                "key": str(each["group"] or "none"),
                "group": titles.get(each["group"], each["group"]) if each["group"] is not None else _("None"),
                "rate": None,
            }
            for each in found
        ]
    )


def _titles(session: CrmSession, by: str, keys: list[Any]) -> dict[Any, Any]:
    if by == "source":
        return dict(SOURCES)
    ids = [each for each in keys if isinstance(each, UUID)]
    if by == "owner":
        return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(ids)))}
    if by == "team":
        return {each.id: each.name for each in session.scalars(select(Team).where(Team.id.in_(ids)))}
    return {}


KEY = Column(name="key", title=_("Key"), hidden=True)
REPORTS = [
    Report(
        name="feedback.loop",
        title=_("Closed loop"),
        rows=funnel_rows,
        parameters=LoopParameters,
        defaults=LAST,
        permission=READ,
        temporal=False,
        columns=[
            KEY,
            Column(name="stage", title=_("Stage")),
            Column(name="count", title=_("Reached"), kind="integer"),
            Column(name="before", title=_("Of"), kind="integer", doc=_("Those of the stage before.")),
            Column(
                name="share",
                title=_("Share"),
                kind="rate",
                successes="count",
                trials="before",
                doc=_("Of those before."),
            ),
            Column(name="waiting", title=_("Waiting"), kind="integer", doc=_("May still come to it.")),
            Column(name="otherwise", title=_("Otherwise"), kind="integer", doc=_("Went another way.")),
        ],
        charts=[Chart.bars("stage", "count")],
        doc=_(
            "What became of the feedback of a period: who was bad, seen to, contacted, resolved, verified, won back."
        ),
    ),
    Report(
        name="feedback.loop_figures",
        title=_("Figures of the closed loop"),
        rows=figure_rows,
        parameters=LoopParameters,
        defaults=LAST,
        permission=READ,
        temporal=False,
        columns=[
            KEY,
            Column(name="figure", title=_("Figure")),
            Column(name="value", title=_("Value"), kind="number"),
            Column(name="low", title=_("From"), kind="number", doc=_("Where the 95% interval begins.")),
            Column(name="high", title=_("To"), kind="number", doc=_("Where the 95% interval ends.")),
            Column(name="unit", title=_("Unit")),
            Column(name="n", title=_("Of how many"), kind="integer"),
        ],
        doc=_("How well the loop is closed: how often, how soon, and whether it holds."),
    ),
    Report(
        name="feedback.by",
        title=_("Feedback by source, item or owner"),
        rows=group_rows,
        parameters=GroupParameters,
        defaults=LAST,
        permission=READ,
        temporal=False,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="count", title=_("Feedback"), kind="integer", total=True),
            Column(name="scored", title=_("With a score"), kind="integer", total=True),
            Column(name="bad", title=_("Bad"), kind="integer", total=True),
            Column(name="rate", title=_("Share of bad ones"), kind="rate", successes="bad", trials="scored"),
            Column(name="loop", title=_("To be seen to"), kind="integer", total=True),
            Column(name="open", title=_("Still open"), kind="integer", total=True),
            Column(name="late", title=_("Late"), kind="integer", total=True),
        ],
        charts=[Chart.bars("group", "count")],
        doc=_("Where feedback comes from, how bad it is, and what of it is open."),
    ),
]
