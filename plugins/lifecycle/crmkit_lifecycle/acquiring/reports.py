"""What sources bring: how many begin, are qualified, accepted and become customers, how soon, at what cost."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from statistics import median
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Customer,
    Input,
    Moment,
    Money,
    Note,
    Period,
    Report,
    Table,
    catalogue_of,
    convert,
    texts,
    values_of,
)
from crmkit.errors import RateMissing
from crmkit_lifecycle.acquiring.models import SourceCost
from crmkit_lifecycle.measuring.reading import Span, ways_of
from crmkit_lifecycle.measuring.reports import ModelName

_ = texts("crmkit_lifecycle")

UNKNOWN = _("Source not known")


@frozen(kw_only=True)
class AcquisitionParameters:
    """In which days passages began, and of which model."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    model: ModelName = ""


@define
class _Source:
    begun: int = 0
    mql: int = 0
    sql: int = 0
    customer: int = 0
    declined: int = 0
    days: list[float] = field(factory=list)


def acquisition_rows(session: CrmSession, parameters: AcquisitionParameters, moment: Moment) -> Table:
    """Return by source how many passages began in a period, how far they have come since, and what a customer cost.

    Somebody counts as qualified, as accepted and as a customer who has come to a stage that stands for it; as accepted
    and declined also by the answer to a hand-over, and by sales where that plugin knows.
    """
    ways = ways_of(session, parameters.model, moment=moment)
    marks = {each.key: each.mark for each in ways.stages}
    zone = ZoneInfo(moment.zone)
    start = datetime.combine(parameters.period.first, time(), zone)
    end = datetime.combine(parameters.period.last + timedelta(days=1), time(), zone)
    mine = [spans for spans in ways.by_passage.values() if start <= spans[0].entered_at < end]
    sources = _sources(session, [spans[0].customer_id for spans in mine])
    by_sales = _by_sales(session, [spans[0].customer_id for spans in mine], moment)
    found: dict[str, _Source] = defaultdict(_Source)
    for spans in mine:
        _count(found[sources.get(spans[0].customer_id) or ""], spans, marks, by_sales.get(spans[0].customer_id, set()))
    costs, missing = _costs(session, parameters.period)
    rows: list[dict[str, Any]] = []
    for source in sorted({*found, *costs}, key=lambda name: (-found[name].begun, name)):
        each, cost = found[source], costs.get(source)
        rows.append(
            {
                "key": source or "–",
                "source": source or UNKNOWN,
                "begun": each.begun,
                "mql": each.mql,
                "sql": each.sql,
                "declined": each.declined,
                "customer": each.customer,
                "qualified": None,
                "became": None,
                "days": round(median(each.days), 1) if each.days else None,
                "cost": cost,
                "per_customer": round(cost / each.customer) if cost is not None and each.customer else None,
            }
        )
    notes = [Note(text=_("{count} costs could not be converted."), values={"count": missing})] if missing else []
    return Table(rows=rows, notes=notes)


def _count(source: _Source, spans: Any, marks: dict[UUID, str], sales: set[str]) -> None:
    reached = {marks.get(each.key, "none") for each in spans} | sales
    answers = {each.answer for each in spans}
    source.begun += 1
    customer = "customer" in reached
    source.sql += int(customer or "sql" in reached or "accepted" in answers)
    source.mql += int(customer or bool(reached & {"mql", "sql"}) or bool(answers - {None}))
    source.customer += int(customer)
    source.declined += int("declined" in answers or "declined" in sales)
    hit: Span | None = next((each for each in spans if marks.get(each.key) == "customer"), None)
    if hit is not None:
        source.days.append((hit.entered_at - spans[0].entered_at).total_seconds() / 86_400)


def _sources(session: CrmSession, ids: list[UUID]) -> dict[UUID, str | None]:
    found: dict[UUID, str | None] = {}
    for start in range(0, len(ids), 2000):
        query = select(Customer.id, Customer.source).where(Customer.id.in_(ids[start : start + 2000]))
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


_SALES = {"sales.qualified_at": "mql", "sales.accepted_at": "sql", "sales.lead_rejections": "declined"}


def _by_sales(session: CrmSession, ids: list[UUID], moment: Moment) -> dict[UUID, set[str]]:
    """Return what sales knows of leads, where it is there."""
    catalogue = catalogue_of(session)
    known = [name for name in _SALES if catalogue.find(name) is not None]
    if not known:
        return {}
    refs = [catalogue.ref(name) for name in known]
    found: dict[UUID, set[str]] = {}
    for customer_id, values in values_of(session, refs, ids, moment).items():
        found[customer_id] = {_SALES[ref.name] for ref, value in values.items() if value}
    return found


def _costs(session: CrmSession, period: Period) -> tuple[dict[str, int], int]:
    """Return what sources cost in a period, by days, in minor units of the base currency, and how many could not be
    converted."""
    base = session.crm.config.get(session).base_currency
    found: dict[str, int] = defaultdict(int)
    missing = 0
    query = select(SourceCost).where(SourceCost.first <= period.last, SourceCost.last >= period.first)
    for each in session.scalars(query.order_by(SourceCost.source, SourceCost.first, SourceCost.id)):
        days = (each.last - each.first).days + 1
        within = (min(each.last, period.last) - max(each.first, period.first)).days + 1
        amount = round(each.amount_minor * within / days)
        try:
            money = Money(amount, each.currency)
            found[each.source] += (
                amount if each.currency == base else convert(session, money, base or each.currency, each.last).amount
            )
        except RateMissing:
            missing += 1
    return dict(found), missing


REPORTS = [
    Report(
        name="lifecycle.acquisition",
        title=_("Lifecycle: acquisition by source"),
        doc=_("How many passages each source has brought in a period, how far they came, and what a customer cost."),
        rows=acquisition_rows,
        parameters=AcquisitionParameters,
        defaults={"period": "last 12 months"},
        permission="lifecycle.passage.read",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="source", title=_("Source")),
            Column(name="begun", title=_("Begun"), kind="integer", total=True),
            Column(name="mql", title=_("Qualified by marketing"), kind="integer", total=True),
            Column(name="sql", title=_("Accepted by sales"), kind="integer", total=True),
            Column(name="declined", title=_("Declined by sales"), kind="integer", total=True),
            Column(name="customer", title=_("Customers"), kind="integer", total=True),
            Column(name="qualified", title=_("Qualified"), kind="rate", successes="mql", trials="begun"),
            Column(name="became", title=_("Became customers"), kind="rate", successes="customer", trials="begun"),
            Column(name="days", title=_("Median days until then"), kind="number"),
            Column(name="cost", title=_("Cost"), kind="money", total=True),
            Column(name="per_customer", title=_("Cost of a customer"), kind="money"),
        ],
        charts=[Chart.bars("source", "begun", "mql", "sql", "customer"), Chart.intervals("source", "became")],
    )
]
