"""The funnel: of the deals that were opened in a period, how many came to each stage, how far, and how long it took."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Report, Table, texts
from crmkit_sales.pipelines.choosing import pipeline_named, published, stages_of
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.reporting.shared import KEY, PeriodField, group_column, span

_ = texts("crmkit_sales")

DAY = timedelta(days=1)
CHUNK = 1000


@frozen(kw_only=True)
class FunnelParameters:
    """When deals were opened, and in which pipeline; without a name it is the usual one."""

    period: PeriodField
    pipeline: Annotated[str, Input(title=_("Pipeline"), max_length=60, classified="internal")] = ""


@frozen(kw_only=True)
class Course:
    """Which open stages a deal came to, in how many days it left each, and how it stands: open, won or lost."""

    reached: frozenset[str]
    days: tuple[tuple[str, float], ...]
    kind: str


def course_of(states: list[tuple[datetime, str, str]]) -> Course:
    """Return the course of a deal from its states, each an instant, the name of a stage and its kind.

    Time in a stage is told once it was left; visits of one stage are told apart.
    """
    visits: list[tuple[datetime, str, str]] = []
    for state in states:
        if not visits or visits[-1][1:] != state[1:]:
            visits.append(state)
    days = [(stage, (after[0] - at) / DAY) for (at, stage, kind), after in pairwise(visits) if kind == "open"]
    reached = frozenset(stage for _at, stage, kind in visits if kind == "open")
    return Course(reached=reached, days=tuple(days), kind=visits[-1][2])


def funnel_rows(session: CrmSession, parameters: FunnelParameters, moment: Moment) -> Table:
    """Return for each stage how many of the deals that were opened in a period came so far, and what became of them.

    Who came to a later stage, or was won, counts as having come through those before it.
    """
    pipeline = pipeline_named(session, parameters.pipeline or None)
    stages = [each for each in stages_of(session, published(session, pipeline.id).id) if each.kind == "open"]
    courses = _courses(session, parameters, pipeline.id, moment)
    place = {stage.name: number for number, stage in enumerate(stages)}
    depths = [
        len(stages) if each.kind == "won" else max([place.get(name, 0) for name in each.reached], default=0)
        for each in courses
    ]
    days: dict[str, list[float]] = defaultdict(list)
    for each in courses:
        for name, spent in each.days:
            days[name].append(spent)
    won = sum(1 for each in courses if each.kind == "won")
    counts = [sum(1 for depth in depths if depth >= number) for number in range(len(stages))] + [won]
    rows: list[dict[str, Any]] = [
        {
            "key": stage.name,
            "group": stage.title,
            "reached": counts[number],
            "among": counts[number],
            "next": counts[number + 1],
            "won": won,
            "days": round(median(days[stage.name]), 1) if days[stage.name] else None,
        }
        for number, stage in enumerate(stages)
    ]
    rows.append({"key": "won", "group": _("Won"), "reached": won, "among": 0, "next": 0, "won": 0, "days": None})
    return Table(rows=[{**row, "conversion": None, "through": None} for row in rows])


def _courses(session: CrmSession, parameters: FunnelParameters, pipeline_id: UUID, moment: Moment) -> list[Course]:
    first, last = span(session, parameters.period)
    query = select(Opportunity.id).where(
        Opportunity.opened_at >= first,
        Opportunity.opened_at < last,
        Opportunity.opened_at <= moment.as_of,
        Opportunity.pipeline_id == pipeline_id,
    )
    ids = sorted(session.scalars(query))
    found: list[Course] = []
    for start in range(0, len(ids), CHUNK):
        states = (
            select(
                OpportunityState.opportunity_id,
                OpportunityState.since,
                OpportunityState.stage,
                OpportunityState.stage_kind,
            )
            .where(
                OpportunityState.opportunity_id.in_(ids[start : start + CHUNK]),
                OpportunityState.since <= moment.as_of,
                OpportunityState.recorded_at <= moment.known_at,
            )
            .order_by(OpportunityState.opportunity_id, OpportunityState.since, OpportunityState.id)
        )
        for _id, rows in groupby(session.execute(states), key=lambda row: row.opportunity_id):
            found.append(course_of([(row.since, row.stage, row.stage_kind) for row in rows]))
    return found


REPORTS = [
    Report(
        name="sales.funnel",
        title=_("Funnel"),
        doc=_("Of the deals opened in a period: how many came to each stage, how many came on, and how long it took."),
        rows=funnel_rows,
        parameters=FunnelParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            group_column(_("Stage")),
            Column(name="reached", title=_("Came so far"), kind="integer", doc=_("To this stage or beyond it.")),
            Column(name="among", title=_("Came so far"), kind="integer", hidden=True),
            Column(name="next", title=_("Came on"), kind="integer", hidden=True),
            Column(
                name="conversion",
                title=_("Came on"),
                kind="rate",
                successes="next",
                trials="among",
                doc=_("Of those who came so far, those who came to the next stage, with a 95 per cent interval."),
            ),
            Column(name="won", title=_("Won"), kind="integer", hidden=True),
            Column(
                name="through",
                title=_("Won of these"),
                kind="rate",
                successes="won",
                trials="among",
                doc=_("Of those who came so far, those who were won by now."),
            ),
            Column(name="days", title=_("Median days"), kind="number", doc=_("In the stage, until it was left.")),
        ],
        charts=[Chart.bars("group", "reached"), Chart.intervals("group", "conversion")],
        permission="sales.opportunity.read",
    )
]
