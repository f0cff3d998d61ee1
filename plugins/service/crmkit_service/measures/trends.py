"""The measures over time, with the limits within which chance alone keeps them: what lies outside has a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit.engines.statistics.control import ControlPoint, p_chart, xmr_chart
from crmkit_service.measures.figures import Tally, middle
from crmkit_service.measures.grouping import STEPS, HoldDays, PeriodField, Step, stepped, steps
from crmkit_service.measures.reports import KEY, PERMISSION, hours

_ = texts("crmkit_service")

Measure = Literal["opened", "solved", "backlog", "first", "time", "reopen_rate", "fcr", "csat"]
MEASURES: Mapping[str, str] = {
    "opened": _("Opened"),
    "solved": _("Solved"),
    "backlog": _("Open at the end"),
    "first": _("First answer, median hours"),
    "time": _("Time to solve, median hours"),
    "reopen_rate": _("Reopened"),
    "fcr": _("Solved at first contact"),
    "csat": _("Satisfied (CSAT)"),
}
"""What can be followed over time, with titles."""
SHARES: Mapping[str, tuple[str, str]] = {
    "reopen_rate": ("reopened", "solved"),
    "fcr": ("once", "settled"),
    "csat": ("satisfied", "ratings"),
}
"""Shares, each as part and whole."""
LEAST = 8
"""With fewer values limits say little."""


@frozen(kw_only=True)
class TrendParameters:
    """Which measure, over which days, in steps of which length."""

    period: PeriodField
    measure: Annotated[Measure, Input(title=_("Measure"), choices=MEASURES, classified="internal")] = "opened"
    step: Annotated[Step, Input(title=_("In steps of"), choices=STEPS, classified="internal")] = "week"
    holds: HoldDays = 7


def trend_rows(session: CrmSession, parameters: TrendParameters, moment: Moment) -> Table:
    """Return a measure for each step of a period, with its limits."""
    periods = [each for each in steps(parameters.period, parameters.step) if each.first <= moment.today]
    tallies = stepped(session, periods, moment, holds=parameters.holds)
    values, sizes = [_value(parameters.measure, each) for each in tallies], _sizes(parameters.measure, tallies)
    points = iter(limits(parameters.measure, values, tallies))
    rows: list[Mapping[str, Any]] = []
    for period, value, size in zip(periods, values, sizes, strict=True):
        point = next(points, None) if value is not None else None
        rows.append(
            {
                "key": period.first.isoformat(),
                "step": period.first.isoformat(),
                "value": value,
                "n": size,
                "low": None if point is None else round(point.low, 4),
                "high": None if point is None else round(point.high, 4),
                "signal": _("Outside") if point is not None and point.signals else "",
            }
        )
    notes: list[Note] = []
    known = sum(value is not None for value in values)
    if known < LEAST:
        notes.append(Note(text=_("With {count} values limits say little; 8 are the least."), values={"count": known}))
    return Table(rows=rows, notes=notes)


def limits(measure: str, values: Sequence[float | None], tallies: Sequence[Tally]) -> list[ControlPoint]:
    """Return the limits of each value that there is: of a p chart for shares, else of an XmR chart; nothing for fewer
    than two values."""
    if sum(value is not None for value in values) < 2:
        return []
    if measure in SHARES:
        part, whole = SHARES[measure]
        counts = [_number(tally, part) for tally in tallies]
        sizes = [_number(tally, whole) for tally in tallies]
        return list(p_chart(counts, sizes).points)
    return list(xmr_chart([value for value in values if value is not None]).points)


def _value(measure: str, tally: Tally) -> float | None:
    if measure in SHARES:
        part, whole = SHARES[measure]
        size = _number(tally, whole)
        return round(_number(tally, part) / size, 4) if size else None
    if measure == "first":
        return hours(middle(tally.first_worked))
    if measure == "time":
        return hours(middle(tally.solving_worked))
    return _number(tally, measure)


def _sizes(measure: str, tallies: Sequence[Tally]) -> list[int]:
    if measure in SHARES:
        return [_number(tally, SHARES[measure][1]) for tally in tallies]
    if measure == "first":
        return [tally.answered for tally in tallies]
    return [tally.solved if measure == "time" else _number(tally, measure) for tally in tallies]


def _number(tally: Tally, name: str) -> int:
    found: int = getattr(tally, name)
    return found


REPORTS = [
    Report(
        name="service.trend",
        title=_("Service over time"),
        rows=trend_rows,
        parameters=TrendParameters,
        defaults={"period": "last 12 weeks"},
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="step", title=_("From"), kind="date"),
            Column(name="value", title=_("Value"), kind="number"),
            Column(name="n", title=_("Of"), kind="integer", doc=_("How many cases or ratings the value is made of.")),
            Column(
                name="low",
                title=_("Lower limit"),
                kind="number",
                doc=_("Three standard errors below the mean: of shares a p chart, else an XmR chart (Shewhart)."),
            ),
            Column(name="high", title=_("Upper limit"), kind="number"),
            Column(
                name="signal",
                title=_("Limits"),
                doc=_("Outside: chance alone rarely does that, so there is a cause worth finding."),
            ),
        ],
        charts=[Chart.lines("step", "value", "low", "high")],
        doc=_("A measure over time, with the limits within which chance alone keeps it."),
    )
]
