"""The reports on how long customers stay: the curve by group with a test, and the danger of leaving by tenure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, InvalidInput, Moment, Note, Report, Table, texts
from crmkit.engines.statistics.survival import Survival, kaplan_meier, log_rank
from crmkit.errors import MissingExtra
from crmkit_analytics.stream.words import KEY, WhereField
from crmkit_analytics.survival.lives import Lives, lives_of

_ = texts("crmkit_analytics")

STEPS = (7, 30, 91, 182, 365)
ROWS = 24
GROUPS = 6
"""So many groups are shown, the largest ones."""
FEWEST = 5
"""A group of fewer lives is not shown by itself."""


@frozen(kw_only=True)
class SurvivalParameters:
    """When a life begins and ends: by facts that are instants or days; and by which dimension it is told."""

    start: Annotated[str, Input(title=_("Begins at the fact"), max_length=120, classified="internal")] = (
        "purchase.first_at"
    )
    last: Annotated[str, Input(title=_("Last seen at the fact"), max_length=120, classified="internal")] = (
        "purchase.last_at"
    )
    end: Annotated[
        str | None,
        Input(
            title=_("Ends at the fact"),
            max_length=120,
            classified="internal",
            help=_("For contracts: such as custom.cancelled_on. Without it, who was silent for too long has left."),
        ),
    ] = None
    silent_days: Annotated[
        int, Input(title=_("Left after days of silence"), minimum=1, maximum=3650, classified="internal")
    ] = 180
    dimension: Annotated[str | None, Input(title=_("By dimension"), max_length=80, classified="internal")] = None
    where: WhereField = None


def found_of(session: CrmSession, parameters: SurvivalParameters, moment: Moment) -> dict[str, Lives]:
    """Return the lives that are asked for, of the largest groups."""
    found = lives_of(
        session,
        moment,
        start=parameters.start,
        last=parameters.last,
        end=parameters.end,
        silent_days=parameters.silent_days,
        dimension=parameters.dimension,
        where=parameters.where,
    )
    large = sorted((name for name in found if found[name].n >= FEWEST), key=lambda name: (-found[name].n, name))
    return {name: found[name] for name in sorted(large[:GROUPS])}


def curve_rows(session: CrmSession, parameters: SurvivalParameters, moment: Moment) -> Table:
    """Return which part of each group is left after so many days, with its bounds."""
    found = found_of(session, parameters, moment)
    if not found:
        return Table(rows=[], notes=[Note(text=_("There are no groups of five customers or more."))])
    curves = {name: kaplan_meier(each.days, each.left) for name, each in found.items()}
    step = step_of(found)
    longest = max(max(each.days) for each in found.values())
    columns = [KEY, Column(name="day", title=_("Days"), kind="integer")]
    names = list(found)
    for place, name in enumerate(names):
        title = name or _("Left")
        columns += [
            Column(name=f"s{place}", title=title, kind="share", doc=_("Part that is left (Kaplan & Meier 1958).")),
            Column(name=f"low{place}", title=_("from"), kind="share", doc=_("Lower bound at 95%.")),
            Column(name=f"high{place}", title=_("to"), kind="share", doc=_("Upper bound at 95%.")),
            Column(name=f"risk{place}", title=_("At risk"), kind="integer", doc=_("Who has stayed so long.")),
        ]
    rows: list[dict[str, Any]] = []
    for number in range(ROWS):
        day = number * step
        if day > longest:
            break
        row: dict[str, Any] = {"key": str(day), "day": day}
        for place, name in enumerate(names):
            share, low, high = at(curves[name], day)
            row |= {f"s{place}": share, f"low{place}": low, f"high{place}": high}
            row[f"risk{place}"] = sum(1 for each in found[name].days if each >= day)
        rows.append(row)
    chart = Chart.lines("day", *(f"s{place}" for place in range(len(names))), title=_("Share that is left"))
    return Table(rows=rows, columns=columns, charts=[chart], notes=notes_of(found, curves))


def hazard_rows(session: CrmSession, parameters: SurvivalParameters, moment: Moment) -> Table:
    """Return for each span of tenure how many were there at its beginning and which part of them left within it."""
    found = found_of(session, parameters, moment)
    days = [each for one in found.values() for each in one.days]
    left = [each for one in found.values() for each in one.left]
    if not days:
        return Table(rows=[])
    step = step_of(found)
    rows: list[dict[str, Any]] = []
    for number in range(ROWS):
        first, last = number * step, (number + 1) * step
        # Who was only seen for part of the span cannot be said to have stayed through it.
        ended = sum(1 for day, gone in zip(days, left, strict=True) if gone and first <= day < last)
        stayed = sum(1 for day in days if day >= last)
        if not ended + stayed:
            break
        title = f"{first}–{last - 1}"
        rows.append({"key": str(first), "title": title, "ended": ended, "risk": ended + stayed, "hazard": None})
    return Table(rows=rows)


def at(curve: Survival, day: float) -> tuple[float, float | None, float | None]:
    """Return which part is left after so many days, with its bounds at 95%."""
    place = bisect_right([each.time for each in curve.points], day)
    if not place:
        return 1.0, 1.0, 1.0
    point = curve.points[place - 1]
    return point.survival, point.low, point.high


def step_of(found: Mapping[str, Lives]) -> int:
    """Return by how many days the rows of a table are apart, so that all fit."""
    longest = max((max(each.days) for each in found.values() if each.days), default=0.0)
    return next((step for step in STEPS if longest <= step * (ROWS - 1)), STEPS[-1])


def notes_of(found: Mapping[str, Lives], curves: Mapping[str, Survival]) -> list[Note]:
    """Return for each group how long half of it stays, and whether groups differ by more than chance."""
    notes = [
        Note(
            text=_("{group}: {n} customers, {ended} have left; half of them after {median} days."),
            values={
                "group": name or "∑",
                "n": each.n,
                "ended": each.ended,
                "median": "–" if curves[name].median is None else round(float(curves[name].median or 0)),
            },
        )
        for name, each in found.items()
    ]
    if len(found) < 2:
        return notes
    try:
        test = log_rank(*((each.days, each.left) for each in found.values()))
    except MissingExtra:
        return [*notes, Note(text=_("To compare more than two groups install crmkit[statistics]."))]
    except InvalidInput:
        return notes
    text = _("Groups differ by chance alone with probability {p} (log-rank test, {statistic} at {degrees} degrees).")
    values = {"p": f"{test.p_value:.4f}", "statistic": f"{test.statistic:.2f}", "degrees": test.degrees}
    return [*notes, Note(text=text, values=values)]


REPORTS = [
    Report(
        name="analytics.survival",
        title=_("How long customers stay"),
        doc=_("Which part of customers is left after so many days, by group, with a test whether groups differ."),
        rows=curve_rows,
        parameters=SurvivalParameters,
        columns=[KEY, Column(name="day", title=_("Days"), kind="integer")],
        key="key",
        permission="analytics.report.read",
        aggregates=True,
    ),
    Report(
        name="analytics.hazard",
        title=_("When customers leave"),
        doc=_("Of those who have stayed so long: which part leaves in the next days."),
        rows=hazard_rows,
        parameters=SurvivalParameters,
        columns=[
            KEY,
            Column(name="title", title=_("Days")),
            Column(name="risk", title=_("At risk"), kind="integer", doc=_("Left in this time, or stayed through it.")),
            Column(name="ended", title=_("Left"), kind="integer"),
            Column(name="hazard", title=_("Part that left"), kind="rate", successes="ended", trials="risk"),
        ],
        charts=[Chart.intervals("title", "hazard")],
        permission="analytics.report.read",
        aggregates=True,
        counts="risk",
    ),
]
