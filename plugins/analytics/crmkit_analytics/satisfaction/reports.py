"""The report on what satisfaction has to do with staying and spending: as it was then, against what came afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from attrs import frozen

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Input,
    Moment,
    Note,
    Report,
    Table,
    catalogue_of,
    frame,
    moment_of,
    texts,
)
from crmkit.engines.statistics.intervals import mean_interval
from crmkit.errors import MissingExtra
from crmkit_analytics.satisfaction.joining import spearman
from crmkit_analytics.stream.words import KEY

_ = texts("crmkit_analytics")

CANDIDATES = (
    "feedback.satisfaction",
    "feedback.csat",
    "feedback.nps",
    "feedback.last_score",
    "service.satisfaction",
    "service.last_rating",
    "service.rating",
    "service.average_rating",
)
"""Facts that are looked for where none is named; the first that there is counts."""
GROUPS = 3
BOUGHT, SPENT = "purchase.count", "purchase.net_amount"


@frozen(kw_only=True)
class SatisfactionParameters:
    """Which fact says how satisfied somebody is, and over how many days it is looked at what came of it."""

    fact: Annotated[
        str | None,
        Input(
            title=_("Fact"),
            max_length=120,
            classified="internal",
            help=_("A number; without one, that of a plugin that asks customers, if there is one."),
        ),
    ] = None
    days: Annotated[int, Input(title=_("Days afterwards"), minimum=1, maximum=3650, classified="internal")] = 90


def satisfaction_rows(session: CrmSession, parameters: SatisfactionParameters, moment: Moment) -> Table:
    """Return, for customers by how satisfied they were, which part bought again and what they spent on average."""
    name = parameters.fact or _candidate(session)
    if name is None:
        text = _("No fact says how satisfied customers are. Name one: a custom field that is a number will do.")
        return Table(rows=[], notes=[Note(text=text)])
    before = moment_of(session, moment.as_of - timedelta(days=parameters.days), moment.known_at)
    earlier = frame(session, [name, BOUGHT, SPENT], moment=before).rows()
    then = {row[0]: row[1:] for row in earlier if row[1] is not None}
    joined: list[tuple[float, bool, float]] = []
    for customer, bought, spent in frame(session, [BOUGHT, SPENT], moment=moment).rows():
        if customer in then:
            score, had_bought, had_spent = then[customer]
            joined.append((float(score), bought > had_bought, float(spent or 0) - float(had_spent or 0)))
    joined.sort(key=lambda each: each[0])
    rows = [_row(place, group) for place, group in enumerate(_groups(joined))]
    return Table(rows=rows, notes=_notes(name, joined, before))


def _groups(joined: list[tuple[float, bool, float]]) -> list[list[tuple[float, bool, float]]]:
    """Return customers in up to three parts of about the same size; equal scores stay together."""
    found: list[list[tuple[float, bool, float]]] = []
    size = len(joined) / GROUPS
    for place, each in enumerate(joined):
        if found and (found[-1][-1][0] == each[0] or place < size * len(found)):
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _row(place: int, group: list[tuple[float, bool, float]]) -> dict[str, Any]:
    spent = [each[2] for each in group]
    low = high = None
    if len(spent) > 1:
        try:
            interval = mean_interval(spent)
            low, high = interval.low, interval.high
        except MissingExtra:
            low = high = None
    mean = sum(spent) / len(spent)
    return {
        "key": str(place),
        "title": f"{group[0][0]:g} – {group[-1][0]:g}",
        "customers": len(group),
        "came": sum(1 for each in group if each[1]),
        "kept": None,
        "spent": round(mean, 2),
        "low": None if low is None else round(low, 2),
        "high": None if high is None else round(high, 2),
    }


def _notes(name: str, joined: list[tuple[float, bool, float]], before: Moment) -> list[Note]:
    scores = [each[0] for each in joined]
    found = [
        (_("buying again"), spearman(scores, [float(each[1]) for each in joined])),
        (_("spending"), spearman(scores, [each[2] for each in joined])),
    ]
    text = _("{fact} as of {day}, of {n} customers. Rank correlation with {what}: {value} ({low} to {high}).")
    return [
        Note(
            text=text,
            values={
                "fact": name,
                "day": before.today,
                "n": each.n,
                "what": what,
                "value": "–" if each.value is None else f"{each.value:.2f}",
                "low": "–" if each.low is None else f"{each.low:.2f}",
                "high": "–" if each.high is None else f"{each.high:.2f}",
            },
        )
        for what, each in found
    ]


def _candidate(session: CrmSession) -> str | None:
    known = set(catalogue_of(session).names())
    return next((name for name in CANDIDATES if name in known), None)


REPORTS = [
    Report(
        name="analytics.satisfaction",
        title=_("Satisfaction, staying and spending"),
        doc=_("How satisfied customers were some time ago, and whether they bought again and how much since."),
        rows=satisfaction_rows,
        parameters=SatisfactionParameters,
        columns=[
            KEY,
            Column(name="title", title=_("Score then")),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="came", title=_("Bought again"), kind="integer"),
            Column(name="kept", title=_("Part that bought again"), kind="rate", successes="came", trials="customers"),
            Column(
                name="spent",
                title=_("Spent on average"),
                kind="number",
                doc=_("Net, in the base currency, in the days since."),
            ),
            Column(name="low", title=_("from"), kind="number"),
            Column(name="high", title=_("to"), kind="number"),
        ],
        charts=[Chart.intervals("title", "kept")],
        permission="analytics.report.read",
        aggregates=True,
        counts="customers",
    )
]
