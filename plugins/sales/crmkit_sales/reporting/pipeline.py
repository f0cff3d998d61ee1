"""The report on what is open: how many deals, how much, and how much by their probability, by stage or otherwise.

Amounts in the base currency are added up by the database; those of other currencies come one by one for each amount, so
that every deal is rounded as everywhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, frozen
from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Customer, Figure, Input, Moment, Report, Table, texts
from crmkit_sales.forecasting.deals import Deal, Unconverted, weighted
from crmkit_sales.forecasting.rates import Rates
from crmkit_sales.forecasting.reading import deals_at, rates_of, titles_of
from crmkit_sales.pipelines.facts import weigh
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.reporting.shared import BY, KEY, NONE, BasisName, By, group_column, notes, titles

_ = texts("crmkit_sales")

MOST = 1000


@frozen(kw_only=True)
class PipelineParameters:
    """By what open deals are divided, and at which exchange rates they count."""

    by: Annotated[By, Input(title=_("By"), choices=BY, classified="internal")] = "stage"
    basis: BasisName = "close"


@define
class _Sum:
    count: int = 0
    amount: int = 0
    weighted: int = 0


@frozen(kw_only=True)
class Sums:
    """What is open by the values of a field, and what could not be converted."""

    by: Mapping[Any, _Sum]
    missing: Mapping[str, tuple[int, int]]

    def unconverted(self) -> list[Unconverted]:
        """Return what is in no amount, by currency."""
        return [
            Unconverted(currency=each, count=self.missing[each][0], amount_minor=self.missing[each][1])
            for each in sorted(self.missing)
        ]


def pipeline_rows(session: CrmSession, parameters: PipelineParameters, moment: Moment) -> Table:
    """Return what is open by stage, or by another field, as it stood."""
    rates = rates_of(session, parameters.basis, None if moment.present else moment.as_of)
    found = sums_of(session, parameters.by, rates) if moment.present else _past(session, parameters, moment, rates)
    words = titles(session, parameters.by, found.by)
    places = _places(session) if parameters.by == "stage" else {}
    ordered = sorted(found.by.items(), key=lambda item: (places.get(item[0], (0, 0)), -item[1].amount, str(item[0])))
    rows = [
        {
            "key": str(key or NONE),
            "group": words[key],
            "count": each.count,
            "amount": each.amount,
            "weighted": each.weighted,
            "average": each.amount // each.count if each.count else None,
        }
        for key, each in ordered
    ]
    return Table(rows=rows, columns=_columns(BY[parameters.by]), notes=notes(found.unconverted(), rates.base))


def sums_of(session: CrmSession, by: str, rates: Rates) -> Sums:
    """Return what is open at present by the values of a field, of the deals that the actor may see."""
    key = _key(by)
    amount, currency = Opportunity.amount_minor, Opportunity.currency
    found: dict[Any, _Sum] = defaultdict(_Sum)
    foreign: set[str] = set()
    summed = select(
        key.label("key"),
        currency.label("currency"),
        func.count().label("deals"),
        func.coalesce(func.sum(amount), 0).label("amount"),
        func.coalesce(func.sum(weigh(amount, Opportunity.effective_probability)), 0).label("weighted"),
    ).where(Opportunity.stage_kind == "open")
    for row in session.execute(_from(summed, by).group_by(key, currency)):
        if row.currency not in (None, rates.base):
            foreign.add(row.currency)
            continue
        each = found[row.key]
        each.count += row.deals
        each.amount += int(row.amount)
        each.weighted += int(row.weighted)
    missing: dict[str, tuple[int, int]] = {}
    for row, day in _foreign(session, by, key, foreign, rates):
        value = rates.value(row.amount_minor, row.currency, day)
        each = found[row.key]
        each.count += row.deals
        if value is None:
            count, total = missing.get(row.currency, (0, 0))
            missing[row.currency] = (count + row.deals, total + row.amount_minor * row.deals)
        else:
            each.amount += value * row.deals
            each.weighted += weighted(value, row.effective_probability) * row.deals
    return Sums(by=found, missing=missing)


def _foreign(session: CrmSession, by: str, key: Any, currencies: set[str], rates: Rates) -> Iterator[tuple[Any, date]]:
    """Yield what is open in other currencies, for each amount, with the day whose rate counts."""
    if not currencies:
        return
    zone = ZoneInfo(session.crm.config.get(session).zone)
    at: Any = {"deal": Opportunity.opened_at, "budget": Opportunity.expected_close}.get(rates.basis)
    columns = [key.label("key"), Opportunity.currency, Opportunity.amount_minor, Opportunity.effective_probability]
    grouped = [key, *columns[1:]]
    if at is not None:
        columns.append(at.label("at"))
        grouped.append(at)
    query = select(*columns, func.count().label("deals")).where(
        Opportunity.stage_kind == "open", Opportunity.currency.in_(sorted(currencies))
    )
    for row in session.execute(_from(query, by).group_by(*grouped)):
        opened = row.at.astimezone(zone).date() if rates.basis == "deal" else None
        yield row, rates.day_of(opened, None, row.at if rates.basis == "budget" else None)


def _from(query: Any, by: str) -> Any:
    query = query.select_from(Opportunity)
    return query.join(Customer, Customer.id == Opportunity.customer_id) if by == "region" else query


def _key(by: str) -> Any:
    return {
        "stage": Opportunity.stage_id,
        "owner": Opportunity.owner_id,
        "team": Opportunity.team_id,
        "source": Opportunity.source,
        "region": func.coalesce(Customer.province, Customer.country),
        "category": Opportunity.effective_category,
        "pipeline": Opportunity.pipeline_id,
    }[by]


def _past(session: CrmSession, parameters: PipelineParameters, moment: Moment, rates: Rates) -> Sums:
    deals = [each for each in _deals(session, parameters, moment, rates) if each.is_open]
    keys = keys_of(session, parameters.by, deals)
    found: dict[Any, _Sum] = defaultdict(_Sum)
    missing: dict[str, tuple[int, int]] = {}
    for deal in deals:
        each = found[keys[deal.id]]
        each.count += 1
        each.amount += deal.counted
        each.weighted += deal.weighted
        if deal.value is None and deal.currency is not None:
            count, total = missing.get(deal.currency, (0, 0))
            missing[deal.currency] = (count + 1, total + (deal.amount_minor or 0))
    return Sums(by=found, missing=missing)


def _deals(session: CrmSession, parameters: PipelineParameters, moment: Moment, rates: Rates) -> list[Deal]:
    known_at = None if moment.present else moment.known_at
    as_of = None if moment.present else moment.as_of
    return deals_at(session, basis=parameters.basis, as_of=as_of, known_at=known_at, rates=rates)


def keys_of(session: CrmSession, by: str, deals: list[Deal]) -> dict[UUID, Any]:
    """Return the value of a field for each of some deals; source and region are those of the present."""
    if by in ("source", "region"):
        found: dict[UUID, Any] = {}
        ids = [each.id for each in deals]
        for start in range(0, len(ids), 1000):
            query = select(Opportunity.id, _key(by).label("key")).where(Opportunity.id.in_(ids[start : start + 1000]))
            found.update((row.id, row.key) for row in session.execute(_from(query, by)))
        return {each.id: found.get(each.id) for each in deals}
    name = {"stage": "stage_id", "owner": "owner_id", "team": "team_id", "pipeline": "pipeline_id"}.get(by, by)
    return {each.id: getattr(each, name) for each in deals}


def _places(session: CrmSession) -> dict[Any, tuple[int, int]]:
    return {each.id: (0, each.position) for each in session.scalars(select(Stage))}


def behind(session: CrmSession, parameters: PipelineParameters, moment: Moment, figure: Figure) -> Table:
    """Return the open deals of a group, the largest first."""
    rates = rates_of(session, parameters.basis, None if moment.present else moment.as_of)
    deals = [each for each in _deals(session, parameters, moment, rates) if each.is_open]
    keys = keys_of(session, parameters.by, deals)
    chosen = [each for each in deals if figure.row in ("total", str(keys[each.id] or NONE))]
    return deals_table(session, sorted(chosen, key=lambda each: (-each.counted, each.id))[:MOST])


def deals_table(session: CrmSession, deals: list[Deal]) -> Table:
    """Return deals as the rows behind a figure."""
    words = titles_of(session, [each.id for each in deals])
    return Table(
        rows=[
            {
                "id": str(each.id),
                "title": words.get(each.id, ""),
                "close_on": each.close_on,
                "amount": each.value,
                "probability": each.probability / 10_000,
                "weighted": each.weighted,
            }
            for each in deals
        ],
        columns=[
            Column(name="id", title=_("Id"), hidden=True),
            Column(name="title", title=_("Opportunity")),
            Column(name="close_on", title=_("Closes on"), kind="date"),
            Column(name="amount", title=_("Amount"), kind="money"),
            Column(name="probability", title=_("Probability"), kind="share"),
            Column(name="weighted", title=_("Weighted"), kind="money"),
        ],
    )


def _columns(title: str) -> list[Column]:
    return [
        KEY,
        group_column(title),
        Column(name="count", title=_("Open"), kind="integer", total=True, drills=True, doc=_("Open deals.")),
        Column(
            name="amount",
            title=_("Amount"),
            kind="money",
            total=True,
            drills=True,
            doc=_("Their amounts in the base currency; what has no rate is named below."),
        ),
        Column(
            name="weighted",
            title=_("Weighted"),
            kind="money",
            total=True,
            doc=_("Each amount times its probability, rounded by itself."),
        ),
        Column(name="average", title=_("Average"), kind="money", doc=_("The amount of a deal on average.")),
    ]


REPORTS = [
    Report(
        name="sales.pipeline",
        title=_("Pipeline"),
        doc=_("What is open, by stage, owner, team, source, region, category or pipeline, as of any day."),
        rows=pipeline_rows,
        parameters=PipelineParameters,
        columns=_columns(_("Group")),
        charts=[Chart.bars("group", "amount", "weighted")],
        permission="sales.opportunity.read",
        behind=behind,
    )
]
