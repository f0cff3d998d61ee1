"""The report on the ways that customers take: variants by their share."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen

from crmkit import Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit_journey.discovery.mining import mine
from crmkit_journey.discovery.reading import events_of_log
from crmkit_journey.discovery.words import ACTIVITIES, CASES, ActivityBy, CaseBy, LogChoice

_ = texts("crmkit_journey")

_MOST = 100
_DAY = 86400


@frozen(kw_only=True)
class PathParameters:
    """The days whose interactions count, and how they are read."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[CaseBy, Input(title=_("A case is"), choices=CASES, classified="internal")] = "customer"
    activity: Annotated[ActivityBy, Input(title=_("An activity is"), choices=ACTIVITIES, classified="internal")] = (
        "auto"
    )
    kinds: Annotated[
        str,
        Input(title=_("Kinds"), help=_("Divided by commas; empty: all."), max_length=400, classified="internal"),
    ] = ""


def path_rows(session: CrmSession, parameters: PathParameters, moment: Moment) -> Table:
    """Return the most frequent ways with the cases that went them."""
    kinds = tuple(part.strip() for part in parameters.kinds.split(",") if part.strip())
    choice = LogChoice(
        by=parameters.by,
        activity=parameters.activity,
        kinds=kinds,
        since=parameters.period.first,
        until=min(parameters.period.last, moment.today),
    )
    if parameters.period.first > moment.today:
        return Table(rows=[])
    found = mine(events_of_log(session, choice))
    rows = [
        {
            "path": " → ".join(each.activities),
            "events": len(each.activities),
            "cases": each.count,
            "share": each.share,
            "days": round(each.median / _DAY, 2),
        }
        for each in found.variants[:_MOST]
    ]
    missing = len(found.variants) - len(rows)
    notes = [Note(text=_("{number} more ways are not shown."), values={"number": missing})] if missing else []
    return Table(rows=rows, notes=notes)


REPORTS = [
    Report(
        name="journey.paths",
        title=_("Ways that customers take"),
        rows=path_rows,
        parameters=PathParameters,
        defaults={"period": "last 3 months"},
        permission="journey.discovery.read",
        columns=[
            Column(name="path", title=_("Activities in their order")),
            Column(name="events", title=_("Events"), kind="integer"),
            Column(name="cases", title=_("Cases"), kind="integer", total=True),
            Column(name="share", title=_("Share"), kind="share"),
            Column(name="days", title=_("Median days"), kind="number"),
        ],
        temporal=False,
        doc=_("Each row is one sequence of activities, with how many cases went exactly so."),
    )
]
