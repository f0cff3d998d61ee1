"""The report on priorities: needs in the order of a formula, with the ranks that are possible and what is at stake."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Note, Report, Table, texts
from crmkit_needs.catalogue.words import KINDS, STATES
from crmkit_needs.scoring.reading import formula_named, ranked

_ = texts("crmkit_needs")


@frozen(kw_only=True)
class PriorityParameters:
    """By which formula needs are ordered, and by how many percent its numbers may be wrong."""

    formula: Annotated[
        str,
        Input(
            title=_("Formula"),
            help=_("rice, wsjf, opportunity, moscow or another one."),
            max_length=40,
            classified="internal",
        ),
    ] = "rice"
    move: Annotated[
        int, Input(title=_("Numbers may be wrong by (percent)"), minimum=0, maximum=90, classified="internal")
    ] = 20


def priority_rows(session: CrmSession, parameters: PriorityParameters, moment: object) -> Table:
    """Return the open needs in the order of a formula."""
    formula = formula_named(session, parameters.formula)
    found = ranked(session, formula, move=Decimal(parameters.move))
    rows: list[dict[str, Any]] = [
        {
            "key": str(each.need.id),
            "need": f"{each.need.number} · {each.need.title}",
            "kind": KINDS[each.need.kind],
            "state": STATES[each.need.state],
            "score": None if each.score.value is None else float(round(each.score.value, 2)),
            "rank": each.rank.rank if each.rank else None,
            "best": each.rank.best if each.rank else None,
            "worst": each.rank.worst if each.rank else None,
            "customers": each.support.customers,
            "companies": each.support.companies,
            "revenue": each.stake.revenue,
            "spent": each.stake.spent,
            "lifetime": each.stake.lifetime,
            "pipeline": each.stake.pipeline,
            "leaving": each.stake.leaving,
        }
        for each in found
    ]
    notes = [Note(text=_("{formula}: {text}"), values={"formula": formula.title, "text": formula.text})]
    lacking = sum(each.rank is None for each in found)
    if lacking:
        notes.append(Note(text=_("{count} needs have no score: numbers are missing."), values={"count": lacking}))
    return Table(rows=rows, notes=notes)


REPORTS = [
    Report(
        name="needs.priorities",
        title=_("Priorities of needs"),
        rows=priority_rows,
        parameters=PriorityParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="need", title=_("Need")),
            Column(name="kind", title=_("Kind")),
            Column(name="state", title=_("State")),
            Column(name="score", title=_("Score"), kind="number"),
            Column(name="rank", title=_("Rank"), kind="integer"),
            Column(name="best", title=_("At best"), kind="integer", doc=_("When the numbers are wrong in its favour.")),
            Column(name="worst", title=_("At worst"), kind="integer"),
            Column(name="customers", title=_("Customers"), kind="integer", doc=_("Who ask for it.")),
            Column(name="companies", title=_("Companies"), kind="integer", doc=_("Each once.")),
            Column(name="revenue", title=_("Revenue of 365 days"), kind="money"),
            Column(name="spent", title=_("Spent in all"), kind="money"),
            Column(name="lifetime", title=_("Expected lifetime value"), kind="money"),
            Column(name="pipeline", title=_("Open pipeline"), kind="money"),
            Column(
                name="leaving",
                title=_("May leave"),
                kind="money",
                doc=_("Lifetime value times the probability of leaving, added up."),
            ),
        ],
        charts=[Chart.bars("need", "score")],
        permission="needs.need.read",
        temporal=False,
        doc=_("Open needs by what they are worth, with how sure that order is."),
    )
]
