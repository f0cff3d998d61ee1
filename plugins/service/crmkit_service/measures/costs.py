"""The report on what service costs: the time that was spent, at what an hour cost then.

Of a case the time that was noted counts; where none was, each answer of a person counts for the usual time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import define, frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.channels.models import Handling, HandlingRate
from crmkit_service.measures.grouping import Dimension, PeriodField
from crmkit_service.measures.reading import NONE, NOTHING, labels_of, span, titles_of
from crmkit_service.measures.reports import KEY, PERMISSION

_ = texts("crmkit_service")

USUAL_SECONDS = 300
"""For an answer, where nobody has said what is usual."""
Divided = Literal["type", "channel", "team", "owner", "product", "label"]
DIVIDED: Mapping[str, str] = {
    "type": _("Type"),
    "channel": _("Channel"),
    "team": _("Team"),
    "owner": _("Person"),
    "product": _("Product"),
    "label": _("Label of the customer"),
}


@frozen(kw_only=True)
class CostParameters:
    """Over which days time was spent, and by what it is told apart."""

    period: PeriodField
    by: Annotated[Divided, Input(title=_("By"), choices=DIVIDED, classified="internal")] = "type"
    dimension: Dimension = ""


@define
class _Spent:
    noted: int = 0
    noted_cost: int = 0
    usual: int = 0
    usual_cost: int = 0

    @property
    def seconds(self) -> int:
        return self.noted or self.usual

    @property
    def cost(self) -> int:
        return self.noted_cost if self.noted else self.usual_cost


class Rates:
    """What an hour costs and an answer takes at an instant."""

    def __init__(self, session: CrmSession) -> None:
        self._rates = session.execute(
            select(HandlingRate.since_at, HandlingRate.hourly_minor, HandlingRate.usual_seconds).order_by(
                HandlingRate.since_at
            )
        ).all()

    def at(self, at: datetime) -> tuple[int, int]:
        """Return the minor units of an hour, and the usual seconds of an answer."""
        found = (0, USUAL_SECONDS)
        for since, hourly, usual in self._rates:
            if since <= at:
                found = (hourly, usual)
        return found


def cost_rows(session: CrmSession, parameters: CostParameters, moment: Moment) -> Table:
    """Return what the time came to that was spent within a period."""
    first, last = span(session, parameters.period)
    rates, spent = Rates(session), defaultdict[UUID, _Spent](_Spent)
    query = select(Handling.case_id, Handling.at, Handling.seconds).where(
        Handling.at >= first, Handling.at < last, Handling.at <= moment.as_of
    )
    for case_id, at, seconds in session.execute(query.where(Handling.recorded_at <= moment.known_at)):
        spent[case_id].noted += seconds
        spent[case_id].noted_cost += seconds * rates.at(at)[0]
    answers = select(CaseEvent.case_id, CaseEvent.at).where(
        CaseEvent.kind == "agent_message",
        CaseEvent.at >= first,
        CaseEvent.at < last,
        CaseEvent.at <= moment.as_of,
    )
    for case_id, at in session.execute(answers.where(CaseEvent.recorded_at <= moment.known_at)):
        hourly, usual = rates.at(at)
        spent[case_id].usual += usual
        spent[case_id].usual_cost += usual * hourly
    keys = _keys(session, parameters, moment, list(spent))
    groups: dict[str, list[_Spent]] = defaultdict(list)
    customers: dict[str, set[UUID]] = defaultdict(set)
    for case_id, each in spent.items():
        key, customer_id = keys.get(case_id, (NONE, None))
        groups[key].append(each)
        if customer_id is not None:
            customers[key].add(customer_id)
    titles = titles_of(session, parameters.by, groups)
    rows = []
    for key, found in sorted(groups.items(), key=lambda each: (-sum(one.cost for one in each[1]), each[0])):
        cost = round(sum(each.cost for each in found) / 3600)
        rows.append(
            {
                "key": key,
                "group": titles.get(key, NOTHING.get(parameters.by, key)),
                "cases": len(found),
                "customers": len(customers[key]),
                "hours": round(sum(each.seconds for each in found) / 3600, 1),
                "cost": cost,
                "per_case": round(cost / len(found)),
                "per_customer": round(cost / len(customers[key])) if customers[key] else None,
            }
        )
    estimated = sum(not each.noted for each in spent.values())
    text = _("Of {count} cases no time was noted: each answer counts for the usual time.")
    return Table(rows=rows, notes=[Note(text=text, values={"count": estimated})] if estimated else ())


def _keys(
    session: CrmSession, parameters: CostParameters, moment: Moment, case_ids: list[UUID]
) -> dict[UUID, tuple[str, UUID | None]]:
    column: Any = {
        "type": Case.type_id,
        "channel": Case.channel,
        "team": Case.team_id,
        "owner": Case.owner_id,
        "product": Case.product_id,
        "label": Case.customer_id,
    }[parameters.by]
    labels = labels_of(session, parameters.dimension, moment) if parameters.by == "label" else {}
    found: dict[UUID, tuple[str, UUID | None]] = {}
    for start, end in pairwise([*range(0, len(case_ids), 1000), len(case_ids)] if case_ids else []):
        query = select(Case.id, Case.customer_id, column).where(Case.id.in_(case_ids[start:end]))
        for case_id, customer_id, value in session.execute(query):
            key = labels.get(customer_id) if parameters.by == "label" else value
            found[case_id] = (str(key) if key else NONE, customer_id)
    return found


REPORTS = [
    Report(
        name="service.costs",
        title=_("Cost of service"),
        rows=cost_rows,
        parameters=CostParameters,
        defaults={"period": "last 90 days"},
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="cases", title=_("Cases"), kind="integer", total=True),
            Column(name="customers", title=_("Customers"), kind="integer"),
            Column(name="hours", title=_("Hours"), kind="number", total=True, doc=_("Of handling, noted or usual.")),
            Column(name="cost", title=_("Cost"), kind="money", total=True),
            Column(name="per_case", title=_("Cost of a case"), kind="money"),
            Column(name="per_customer", title=_("Cost of a customer"), kind="money"),
        ],
        charts=[Chart.bars("group", "cost")],
        doc=_("What the time came to that was spent on cases, at what an hour cost then."),
    )
]
