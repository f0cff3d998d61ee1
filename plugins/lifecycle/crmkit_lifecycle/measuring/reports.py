"""The reports of measures: stages, conversion, leaks, cohorts by entry month, and what is ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit_lifecycle.errors import TooFew
from crmkit_lifecycle.measuring.chain import estimate
from crmkit_lifecycle.measuring.counting import cohorts, leaks, matrix, stage_figures
from crmkit_lifecycle.measuring.reading import Ways, visits_of, ways_of
from crmkit_lifecycle.words import LEFT, OUTCOMES

_ = texts("crmkit_lifecycle")

ModelName = Annotated[
    str, Input(title=_("Model"), max_length=60, classified="public", help=_("By its name; nothing: the usual one."))
]
Goal = Annotated[
    str, Input(title=_("Goal"), max_length=60, classified="public", help=_("A stage by its name; nothing: a good end."))
]


@frozen(kw_only=True)
class OfModel:
    """Which model is told of."""

    model: ModelName = ""


@frozen(kw_only=True)
class ToGoal:
    """Which model is told of, and which stage counts as reached."""

    model: ModelName = ""
    goal: Goal = ""


def stage_rows(session: CrmSession, parameters: OfModel, moment: Moment) -> Table:
    """Return for each stage how many came, are there, went on, went back and were lost, and how long they stay."""
    ways = ways_of(session, parameters.model, moment=moment)
    rows = [
        {
            "name": each.stage.name,
            "stage": each.stage.title,
            "entered": each.entered,
            "there": each.there,
            "forward": each.forward,
            "back": each.back,
            "lost": each.lost + each.left,
            "over": each.entered - each.there,
            "on": None,
            "median_days": None if each.median_days is None else round(each.median_days, 1),
            "usual_days": None if each.usual_days is None else round(each.usual_days, 1),
            "ageing": each.ageing,
        }
        for each in stage_figures(ways)
    ]
    return Table(rows=rows, notes=_notes(ways))


def conversion_rows(session: CrmSession, parameters: OfModel, moment: Moment) -> Table:
    """Return from which stage how many went to which other one, with the interval of the share."""
    ways = ways_of(session, parameters.model, moment=moment)
    titles: dict[Any, Any] = {**ways.titles, None: OUTCOMES[LEFT]}
    order = {each.key: place for place, each in enumerate(ways.stages)}
    rows = [
        {
            "way": f"{source}:{target or LEFT}",
            "from": titles.get(source, "–"),
            "to": titles.get(target, "–"),
            "count": cell.count,
            "of": cell.of,
            "share": None,
        }
        for (source, target), cell in sorted(
            matrix(ways).items(), key=lambda item: (order.get(item[0][0], 99), order.get(item[0][1], 99))
        )
    ]
    return Table(rows=rows, notes=_notes(ways))


def leak_rows(session: CrmSession, parameters: OfModel, moment: Moment) -> Table:
    """Return at which stages customers are lost, the worst first."""
    ways = ways_of(session, parameters.model, moment=moment)
    rows = [
        {
            "name": each.stage.name,
            "stage": each.stage.title,
            "lost": each.lost,
            "of": each.of,
            "share": None,
            "part": each.part,
        }
        for each in leaks(ways)
    ]
    return Table(rows=rows, notes=_notes(ways))


def cohort_rows(session: CrmSession, parameters: ToGoal, moment: Moment) -> Table:
    """Return by month of entry what part has come to the goal within 1, 3, 6 and 12 months."""
    ways = ways_of(session, parameters.model, moment=moment)
    rows: list[Mapping[str, Any]] = []
    for each in cohorts(ways, goal=parameters.goal):
        reached = {
            f"after_{month}": None if (part := each.reached[month]) is None else round(part * each.size)
            for month in (1, 3, 6, 12)
        }
        rows.append(
            {
                "month": each.month.isoformat()[:7],
                "size": each.size,
                **reached,
                **{f"share_{month}": None for month in (1, 3, 6, 12)},
                "lost": each.lost,
                "median_days": None if each.median_days is None else round(each.median_days, 1),
            }
        )
    return Table(rows=rows, notes=_notes(ways))


def chain_rows(session: CrmSession, parameters: ToGoal, moment: Moment) -> Table:
    """Return from each stage the chance of each end and the days until then, with intervals; where nobody has reached
    an end, that is said. Raises MissingExtra."""
    ways = ways_of(session, parameters.model, moment=moment)
    visits, states, ends = visits_of(ways, goal=parameters.goal)
    try:
        chain = estimate(visits, states, ends)
    except TooFew as error:
        return Table(rows=[], notes=[Note(text=error.message)])
    titles: dict[str, Any] = {each.name: each.title for each in ways.stages} | {LEFT: OUTCOMES[LEFT]}
    rows = [
        {
            "key": f"{name}:{end}",
            "stage": titles[name],
            "end": titles[end],
            "observed": row.observed,
            "chance": row.chances[end].value,
            "low": row.chances[end].low,
            "high": row.chances[end].high,
            "days": _rounded(row.days_to[end].value),
            "days_low": _rounded(row.days_to[end].low),
            "days_high": _rounded(row.days_to[end].high),
        }
        for name, row in chain.from_state.items()
        for end in chain.ends
    ]
    text = _("From {customers} customers and {moves} moves; intervals of {confidence} % by {resamples} resamples.")
    values = {
        "customers": chain.customers,
        "moves": chain.moves,
        "confidence": round(chain.confidence * 100),
        "resamples": chain.resamples,
    }
    return Table(rows=rows, notes=[Note(text=text, values=values)])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _notes(ways: Ways) -> list[Note]:
    text = _("{model}: {count} passages, by the stages as they are called now.")
    return [Note(text=text, values={"model": ways.model.title, "count": len(ways.by_passage)})]


def _share(name: str, title: str, successes: str, trials: str, doc: str = "") -> Column:
    return Column(name=name, title=title, kind="rate", successes=successes, trials=trials, doc=doc)


REPORTS = [
    Report(
        name="lifecycle.stages",
        title=_("Lifecycle: stages"),
        doc=_("How many came to each stage of a model, are there, went on and were lost, and how long they stay."),
        rows=stage_rows,
        parameters=OfModel,
        permission="lifecycle.passage.read",
        columns=[
            Column(name="name", title=_("Name"), hidden=True),
            Column(name="stage", title=_("Stage")),
            Column(name="entered", title=_("Came"), kind="integer"),
            Column(name="there", title=_("Are there"), kind="integer"),
            Column(name="forward", title=_("Went on"), kind="integer"),
            Column(name="back", title=_("Went back"), kind="integer"),
            Column(name="lost", title=_("Lost"), kind="integer"),
            Column(name="over", title=_("Have gone"), kind="integer", hidden=True),
            _share("on", _("Of those gone, on"), "forward", "over"),
            Column(
                name="median_days",
                title=_("Median days"),
                kind="number",
                doc=_("Who is still there counts as not over yet (Kaplan-Meier)."),
            ),
            Column(name="usual_days", title=_("Nine in ten within days"), kind="number"),
            Column(name="ageing", title=_("Longer than that"), kind="integer"),
        ],
        charts=[Chart.bars("stage", "entered", "there"), Chart.intervals("stage", "on")],
    ),
    Report(
        name="lifecycle.conversion",
        title=_("Lifecycle: conversion"),
        doc=_("From which stage how many of those who have gone went where, with intervals."),
        rows=conversion_rows,
        parameters=OfModel,
        permission="lifecycle.passage.read",
        columns=[
            Column(name="way", title=_("Way"), hidden=True),
            Column(name="from", title=_("From")),
            Column(name="to", title=_("To")),
            Column(name="count", title=_("Went"), kind="integer"),
            Column(name="of", title=_("Out of"), kind="integer"),
            _share("share", _("Share"), "count", "of"),
        ],
    ),
    Report(
        name="lifecycle.leaks",
        title=_("Lifecycle: leaks"),
        doc=_("At which stages customers are lost, the worst first."),
        rows=leak_rows,
        parameters=OfModel,
        permission="lifecycle.passage.read",
        columns=[
            Column(name="name", title=_("Name"), hidden=True),
            Column(name="stage", title=_("Stage")),
            Column(name="lost", title=_("Lost"), kind="integer", total=True),
            Column(name="of", title=_("Have gone"), kind="integer"),
            _share("share", _("Share"), "lost", "of"),
            Column(name="part", title=_("Part of all that is lost"), kind="share"),
        ],
        charts=[Chart.bars("stage", "lost")],
    ),
    Report(
        name="lifecycle.cohorts",
        title=_("Lifecycle: cohorts by month of entry"),
        doc=_("What part of the passages that began in a month has come to the goal by when."),
        rows=cohort_rows,
        parameters=ToGoal,
        permission="lifecycle.passage.read",
        columns=[
            Column(name="month", title=_("Month of entry")),
            Column(name="size", title=_("Passages"), kind="integer", total=True),
            *(Column(name=f"after_{month}", title="", kind="integer", hidden=True) for month in (1, 3, 6, 12)),
            _share("share_1", _("Within 1 month"), "after_1", "size"),
            _share("share_3", _("Within 3 months"), "after_3", "size"),
            _share("share_6", _("Within 6 months"), "after_6", "size"),
            _share("share_12", _("Within 12 months"), "after_12", "size"),
            Column(name="lost", title=_("Lost"), kind="integer"),
            Column(name="median_days", title=_("Median days to the goal"), kind="number"),
        ],
        charts=[Chart.lines("month", "share_1", "share_3", "share_6")],
    ),
    Report(
        name="lifecycle.ahead",
        title=_("Lifecycle: what is ahead"),
        doc=_("The chance of each end and the days until then from each stage, by the absorbing chain of the stages."),
        rows=chain_rows,
        parameters=ToGoal,
        permission="lifecycle.passage.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="stage", title=_("From")),
            Column(name="end", title=_("To")),
            Column(name="observed", title=_("Visits seen"), kind="integer"),
            Column(name="chance", title=_("Chance"), kind="share"),
            Column(name="low", title=_("At least"), kind="share"),
            Column(name="high", title=_("At most"), kind="share"),
            Column(name="days", title=_("Days until then"), kind="number"),
            Column(name="days_low", title=_("Days, at least"), kind="number"),
            Column(name="days_high", title=_("Days, at most"), kind="number"),
        ],
    ),
]
