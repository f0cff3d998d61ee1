"""The reports on funnels: how many came to each step and how long it took; and whether groups of customers differ."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Figure, Input, Moment, Note, NotFound, Report, Table, frame, texts
from crmkit.engines.statistics.comparing import benjamini_hochberg, two_proportions
from crmkit_analytics.definitions.keeping import content_of, find
from crmkit_analytics.funnels.reading import courses_of
from crmkit_analytics.funnels.steps import Course, Funnel, days_to, nearest
from crmkit_analytics.stream.words import KEY, DimensionField, PeriodField

_ = texts("crmkit_analytics")

FEWEST = 5
MOST = 1000
DAY = 86_400

_Name = Annotated[str, Input(title=_("Funnel"), max_length=60, classified="internal")]
_Version = Annotated[int | None, Input(title=_("Version"), minimum=1, classified="internal")]


@frozen(kw_only=True)
class FunnelParameters:
    """Which funnel, entered when; without a version it is the one that counts."""

    funnel: _Name
    period: PeriodField
    version: _Version = None


@frozen(kw_only=True)
class CompareParameters:
    """The same, by the labels of a dimension as they are at the report's moment."""

    funnel: _Name
    dimension: DimensionField
    period: PeriodField
    version: _Version = None


def found_of(session: CrmSession, parameters: Any, moment: Moment) -> tuple[Funnel, list[Course], str]:
    """Return a funnel, the courses through it, and how its version is called. Raises NotFound."""
    definition = find(session, "funnel", parameters.funnel, parameters.version)
    funnel = content_of(definition, Funnel)
    courses = courses_of(session, funnel, parameters.period, moment)
    return funnel, courses, f"{definition.title} · {definition.number}"


def funnel_rows(session: CrmSession, parameters: FunnelParameters, moment: Moment) -> Table:
    """Return for each step how many came so far, from the step before and from the first, and in how many days."""
    try:
        funnel, courses, title = found_of(session, parameters, moment)
    except NotFound as error:
        return _none(error)
    counts = [sum(1 for each in courses if len(each.reached) > number) for number in range(len(funnel.steps))]
    rows: list[dict[str, Any]] = []
    for number, step in enumerate(funnel.steps):
        days = days_to(courses, number)
        quantiles = {f"p{round(share * 100)}": nearest(days, share) for share in (0.5, 0.9)}
        rows.append(
            {
                "key": str(number),
                "title": f"{number + 1}. {step.title}",
                "reached": counts[number],
                "before": counts[number - 1] if number else counts[0],
                "first": counts[0],
                "conversion": None,
                "through": None,
                **{name: None if value is None else round(value, 2) for name, value in quantiles.items()},
            }
        )
    text = _("{funnel}, within {days} days of the first step.")
    return Table(rows=rows, notes=[Note(text=text, values={"funnel": title, "days": funnel.window_days})])


def compare_rows(session: CrmSession, parameters: CompareParameters, moment: Moment) -> Table:
    """Return for each label which part came through, and whether that differs from all others by more than chance."""
    try:
        funnel, courses, title = found_of(session, parameters, moment)
    except NotFound as error:
        return _none(error)
    labels = {row[0]: row[1] for row in frame(session, [f"label.{parameters.dimension}"], moment=moment).rows()}
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in courses:
        group = sums[str(labels.get(each.customer_id) or "–")]
        group[0] += len(each.reached) == len(funnel.steps)
        group[1] += 1
    whole = [sum(each[place] for each in sums.values()) for place in (0, 1)]
    tested = [name for name in sorted(sums) if sums[name][1] >= FEWEST and whole[1] - sums[name][1] >= FEWEST]
    tests = {name: two_proportions(*sums[name], whole[0] - sums[name][0], whole[1] - sums[name][1]) for name in tested}
    adjusted = dict(zip(tested, benjamini_hochberg([tests[name].test.p_value for name in tested]), strict=True))
    rows: list[dict[str, Any]] = []
    for name in sorted(sums):
        test = tests.get(name)
        rows.append(
            {
                "key": name,
                "label": name,
                "entered": sums[name][1],
                "came": sums[name][0],
                "rate": None,
                "difference": None if test is None else test.estimate.value,
                "low": None if test is None else test.estimate.low,
                "high": None if test is None else test.estimate.high,
                "p": None if test is None else round(adjusted[name], 4),
            }
        )
    text = _("{funnel}. Each label is held against all others (two-proportion test, p by Benjamini and Hochberg).")
    return Table(rows=rows, notes=[Note(text=text, values={"funnel": title})])


def behind(session: CrmSession, parameters: FunnelParameters, moment: Moment, figure: Figure) -> Table:
    """Return the customers who came to a step, or those who came to the one before and no further."""
    _funnel, courses, _title = found_of(session, parameters, moment)
    number = int(figure.row)
    if figure.column == "conversion" and number:
        found = [each for each in courses if len(each.reached) == number]
    else:
        found = [each for each in courses if len(each.reached) > number]
    rows = [
        {
            "customer": str(each.customer_id),
            "steps": len(each.reached),
            "entered": each.reached[0],
            "last": each.reached[-1],
            "longest": _longest(each),
        }
        for each in found[:MOST]
    ]
    return Table(
        rows=rows,
        columns=[
            Column(name="customer", title=_("Customer")),
            Column(name="steps", title=_("Steps"), kind="integer"),
            Column(name="entered", title=_("Entered"), kind="instant"),
            Column(name="last", title=_("Last step"), kind="instant"),
            Column(name="longest", title=_("Longest wait (days)"), kind="number"),
        ],
    )


def _none(error: NotFound) -> Table:
    """Return nothing, with what there is not: a report on a schedule goes on when a definition was withdrawn."""
    return Table(rows=[], notes=[Note(text=error.message, values=error.values)])


def _longest(course: Course) -> float | None:
    waits = [(after - before).total_seconds() / DAY for before, after in pairwise(course.reached)]
    return round(max(waits), 2) if waits else None


def _number(name: str, title: str, doc: str = "") -> Column:
    return Column(name=name, title=title, kind="number", doc=doc)


REPORTS = [
    Report(
        name="analytics.funnel",
        title=_("Steps of a funnel"),
        doc=_("Of those who took the first step in a period: how many took each further one, and in how many days."),
        rows=funnel_rows,
        behind=behind,
        parameters=FunnelParameters,
        defaults={"period": "last 90 days"},
        columns=[
            KEY,
            Column(name="title", title=_("Step")),
            Column(name="reached", title=_("Came so far"), kind="integer", drills=True),
            Column(name="before", title=_("Step before"), kind="integer", hidden=True),
            Column(name="first", title=_("First step"), kind="integer", hidden=True),
            Column(
                name="conversion",
                title=_("Of the step before"),
                kind="rate",
                successes="reached",
                trials="before",
                drills=True,
                doc=_("The customers behind it are those who came no further."),
            ),
            Column(name="through", title=_("Of the first"), kind="rate", successes="reached", trials="first"),
            _number("p50", _("Median days"), _("From the first step on, of those who came so far.")),
            _number("p90", _("Nine in ten"), _("Days that nine in ten of them did not exceed.")),
        ],
        charts=[Chart.bars("title", "reached"), Chart.intervals("title", "conversion")],
        permission="analytics.report.read",
        aggregates=True,
        counts="reached",
    ),
    Report(
        name="analytics.funnel_by_label",
        title=_("A funnel by label"),
        doc=_("Which part of each label comes through a funnel, and whether that is more than chance."),
        rows=compare_rows,
        parameters=CompareParameters,
        defaults={"period": "last 90 days"},
        columns=[
            KEY,
            Column(name="label", title=_("Label")),
            Column(name="entered", title=_("Entered"), kind="integer", total=True),
            Column(name="came", title=_("Came through"), kind="integer", total=True),
            Column(name="rate", title=_("Part"), kind="rate", successes="came", trials="entered"),
            Column(name="difference", title=_("More than others"), kind="share"),
            Column(name="low", title=_("from"), kind="share"),
            Column(name="high", title=_("to"), kind="share"),
            _number("p", _("p, adjusted"), _("Probability of such a difference by chance, for all comparisons.")),
        ],
        charts=[Chart.intervals("label", "rate")],
        permission="analytics.report.read",
        aggregates=True,
        counts="entered",
    ),
]
