"""The report on a map: how many customers are at each stage, go on, and after how long."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, NotFound, Period, Report, Table, texts
from crmkit_journey.maps.figures import figures
from crmkit_journey.maps.finding import content, map_named

_ = texts("crmkit_journey")


@frozen(kw_only=True)
class MapParameters:
    """Which map, and the days of which the report speaks."""

    map: Annotated[str, Input(title=_("Map"), max_length=60, classified="internal")]
    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def rows(session: CrmSession, parameters: MapParameters, moment: Moment) -> Table:
    """Return a row for each stage of a map; none, and a note, for a map that there is not."""
    try:
        shown = content(session, map_named(session, parameters.map))
    except NotFound:
        return Table(rows=(), notes=[Note(text=_('There is no map "{name}".'), values={"name": parameters.map})])
    first, last = parameters.period.first, min(parameters.period.last, moment.today)
    found = figures(session, shown, first, last)
    titles = {each.name: each.title or each.name for each in shown.stages}
    return Table(
        rows=[
            {
                "key": each.name,
                "stage": titles[each.name],
                "customers": each.customers,
                "went_on": each.went_on,
                "days": None if each.days is None else round(each.days, 1),
            }
            for each in found.stages
        ]
    )


REPORTS = [
    Report(
        name="journey.map",
        title=_("Stages of a map"),
        rows=rows,
        parameters=MapParameters,
        defaults={"map": "buying", "period": "last 3 months"},
        permission="journey.map.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="stage", title=_("Stage")),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(
                name="went_on",
                title=_("Went on"),
                kind="integer",
                doc=_("Were in the next stage within 90 days."),
            ),
            Column(name="rate", title=_("Share that went on"), kind="rate", successes="went_on", trials="customers"),
            Column(name="days", title=_("Days until then (median)"), kind="number"),
        ],
        charts=[Chart.bars("stage", "customers", "went_on")],
        temporal=False,
        doc=_("How many customers are at each stage of a map, how many go on, and after how long."),
    )
]
