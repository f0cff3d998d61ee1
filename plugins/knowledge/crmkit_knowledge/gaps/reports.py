"""The report on what no article answers."""

from __future__ import annotations

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Moment, Report, Table, texts
from crmkit_knowledge.gaps.showing import shown_gaps
from crmkit_knowledge.gaps.words import STATES

_ = texts("crmkit_knowledge")


@frozen(kw_only=True)
class GapParameters:
    """Nothing is asked."""


def gap_rows(session: CrmSession, parameters: GapParameters, moment: Moment) -> Table:
    """Return the gaps that the reader sees, those that cost most first."""
    rows = [
        {
            "key": str(each.gap.id),
            "words": each.title,
            "state": STATES[each.gap.state],
            "volume": each.volume,
            "customers": each.customers,
            "minutes": round(each.seconds / 60, 1) if each.seconds is not None else None,
            "hours": round(each.hours, 2),
        }
        for each in shown_gaps(session)
    ]
    return Table(rows=rows)


REPORTS = [
    Report(
        name="knowledge.gaps",
        title=_("What no article answers"),
        rows=gap_rows,
        parameters=GapParameters,
        permission="knowledge.gap.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="words", title=_("Words")),
            Column(name="state", title=_("State")),
            Column(name="volume", title=_("Records"), kind="integer", total=True),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="minutes", title=_("Minutes (median)"), kind="number"),
            Column(name="hours", title=_("Hours in all"), kind="number", total=True),
        ],
        charts=[Chart.bars("words", "hours")],
        temporal=False,
        doc=_("Solved cases and feedback without an article, by what they are about: number × median handling time."),
    )
]
