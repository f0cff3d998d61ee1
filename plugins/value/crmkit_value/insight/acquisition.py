"""The report on what winning customers costs and brings, by source and by cohort: value against cost, and payback."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import define, field, frozen
from crmkit_analytics.api import purchases
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
from crmkit.errors import RateMissing, UnknownFact
from crmkit_value.contribution.models import AcquisitionCost
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.policy.operations import policy_of
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")

CHUNK = 2000
COHORTS = {"all": _("All together"), "month": _("By month"), "quarter": _("By quarter"), "year": _("By year")}
"""How customers are put together, with titles."""
Key = tuple[str, str]
"""A source and a cohort."""


@frozen(kw_only=True)
class AcquisitionParameters:
    """Customers who bought first in which period, all together or in cohorts of when that was."""

    period: Annotated[Period, Input(title=_("First bought in"), classified="internal")]
    cohorts: Annotated[
        Literal["all", "month", "quarter", "year"],
        Input(title=_("Cohorts"), choices=COHORTS, classified="internal"),
    ] = "all"


@define
class _Won:
    customers: int = 0
    cost: int = 0
    revenue: int = 0
    clv: int = 0
    scored: int = 0
    by_month: dict[int, int] = field(factory=dict[int, int])


def acquisition_rows(session: CrmSession, parameters: AcquisitionParameters, moment: Moment) -> Table:
    """Return for each source, and each cohort of it, what winning customers cost, what they have brought since, what is
    expected of them, and when they had paid for themselves.

    A customer without a source of their own has that of their last lead, where sales knows it.
    """
    period, policy = parameters.period, policy_of(session)
    margin = float(policy.margin_percent) / 100
    sources = _sources(session, moment)
    found: dict[Key, _Won] = defaultdict(_Won)
    won: dict[UUID, Key] = {}
    first: dict[UUID, date] = {}
    for each in purchases(session, moment.as_of, moment.known_at):
        start = first.setdefault(each.customer_id, each.day)
        if not period.first <= start <= period.last or each.customer_id not in sources:
            continue
        key = sources[each.customer_id], cohort_of(start, parameters.cohorts)
        own = found[key]
        if each.customer_id not in won:
            won[each.customer_id] = key
            own.customers += 1
        month = (each.day - start).days * 12 // 365
        own.revenue += each.net
        own.by_month[month] = own.by_month.get(month, 0) + each.net
    missing = _costs(session, parameters, moment, found)
    scoring = latest(session, "lifetime", moment.as_of, moment.known_at)
    if scoring is not None:
        rows = select(LifetimeScore.customer_id, LifetimeScore.clv_minor)
        for customer_id, clv in session.execute(rows.where(LifetimeScore.scoring_id == scoring.id)):
            if customer_id in won:
                found[won[customer_id]].clv += clv
                found[won[customer_id]].scored += 1
    notes = [Note(text=_("Value is what they have brought, by the policy's margin, and what is expected of them yet."))]
    if missing:
        notes.append(Note(text=_("{count} costs are left out: there is no rate for them."), values={"count": missing}))
    return Table(rows=[_won_row(key, own, margin) for key, own in sorted(found.items())], notes=notes)


def _won_row(key: Key, own: _Won, margin: float) -> dict[str, Any]:
    source, cohort = key
    brought = round(own.revenue * margin)
    cac = round(own.cost / own.customers) if own.customers and own.cost else None
    value = round((brought + own.clv) / own.customers) if own.customers else None
    sofar, payback = 0.0, None
    for month in range(max(own.by_month, default=-1) + 1):
        sofar += own.by_month.get(month, 0) * margin
        if own.cost and sofar >= own.cost:
            payback = month + 1
            break
    return {
        "key": f"{source or 'none'}:{cohort}" if cohort else source or "none",
        "source": source or "–",
        "cohort": cohort or "–",
        "customers": own.customers,
        "cost": own.cost,
        "cac": cac,
        "brought": brought,
        "expected": own.clv if own.scored else None,
        "value": value,
        "ratio": round(value / cac, 2) if value is not None and cac else None,
        "payback": payback,
    }


def _costs(session: CrmSession, parameters: AcquisitionParameters, moment: Moment, found: dict[Key, _Won]) -> int:
    """Add to each source and cohort the part of its costs that falls into it, by days; return how many have no rate."""
    period, missing = parameters.period, 0
    query = select(AcquisitionCost).where(AcquisitionCost.first <= period.last, AcquisitionCost.last >= period.first)
    for cost in session.scalars(query.order_by(AcquisitionCost.first, AcquisitionCost.id)):
        first, whole = max(cost.first, period.first), (cost.last - cost.first).days + 1
        days = [first + timedelta(days=place) for place in range((min(cost.last, period.last) - first).days + 1)]
        try:
            for cohort, count in Counter(cohort_of(day, parameters.cohorts) for day in days).items():
                part = Money(round(cost.amount_minor * count / whole), cost.currency)
                based = convert(session, part, moment.base_currency or cost.currency, cost.first)
                found[cost.source, cohort].cost += based.amount
        except RateMissing:
            missing += 1
    return missing


def cohort_of(day: date, unit: str) -> str:
    """Return the month, quarter or year of a day, such as 2026-07, 2026-Q3 and 2026; of all together nothing."""
    if unit == "month":
        return f"{day:%Y-%m}"
    if unit == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return str(day.year) if unit == "year" else ""


def _sources(session: CrmSession, moment: Moment) -> dict[UUID, str]:
    found = {row[0]: row[1] or "" for row in session.execute(select(Customer.id, Customer.source))}
    without = [id_ for id_, source in found.items() if not source]
    try:
        ref = catalogue_of(session).ref("sales.lead_source")
        for start in range(0, len(without), CHUNK):
            known = values_of(session, [ref], without[start : start + CHUNK], moment)
            found |= {id_: values[ref] or "" for id_, values in known.items()}
    except UnknownFact:
        return found
    return found


REPORTS = [
    Report(
        name="value.acquisition",
        title=_("What winning customers costs and brings"),
        rows=acquisition_rows,
        parameters=AcquisitionParameters,
        defaults={"period": "last 12 months"},
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="source", title=_("Source")),
            Column(name="cohort", title=_("Cohort")),
            Column(name="customers", title=_("Customers"), kind="integer", total=True),
            Column(name="cost", title=_("Cost"), kind="money", total=True),
            Column(name="cac", title=_("Cost of one"), kind="money"),
            Column(name="brought", title=_("Brought"), kind="money", total=True, doc=_("Margin up to now.")),
            Column(name="expected", title=_("Expected"), kind="money", total=True, doc=_("Lifetime values.")),
            Column(name="value", title=_("Value of one"), kind="money"),
            Column(name="ratio", title=_("Value : cost"), kind="number"),
            Column(
                name="payback",
                title=_("Paid back (months)"),
                kind="integer",
                doc=_("In which month after their first purchase they had brought what they cost."),
            ),
        ],
        charts=[Chart.bars("source", "ratio")],
        permission="value.acquisition_cost.read",
        aggregates=True,
        counts="customers",
        doc=_("By source and cohort: what winning customers cost, what they brought and are expected to bring."),
    ),
]
