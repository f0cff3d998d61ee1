"""The reports on what was won and lost: why and against whom, by person, and of which products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Figure, Input, Moment, Period, Product, Report, Table, texts
from crmkit_sales.forecasting.attaining import combined, quotas_within
from crmkit_sales.forecasting.deals import Deal, unconverted
from crmkit_sales.forecasting.measures import attainment
from crmkit_sales.forecasting.reading import deals_at, rates_of
from crmkit_sales.pipelines.models import Opportunity, OpportunityLine
from crmkit_sales.reporting.pipeline import deals_table, keys_of
from crmkit_sales.reporting.shared import (
    BY,
    KEY,
    NONE,
    NOTHING,
    BasisName,
    PeriodField,
    PeriodParameters,
    group_column,
    notes,
    titles,
    users,
)

_ = texts("crmkit_sales")

WAYS: Mapping[str, str] = {
    "reason": _("Reason"),
    "competitor": _("Competitor"),
    **{name: BY[name] for name in ("owner", "team", "source", "region", "pipeline")},
}


@frozen(kw_only=True)
class ClosedParameters:
    """Over which days, by what, and at which exchange rates."""

    period: PeriodField
    by: Annotated[
        Literal["reason", "competitor", "owner", "team", "source", "region", "pipeline"],
        Input(title=_("By"), choices=WAYS, classified="internal"),
    ] = "reason"
    basis: BasisName = "close"


def closed_rows(session: CrmSession, parameters: ClosedParameters, moment: Moment) -> Table:
    """Return what was won and lost in a period by reason, competitor, person or origin."""
    deals, base = closed_in(session, parameters.period, parameters.basis, moment)
    keys = _keys(session, parameters.by, deals)
    groups: dict[Any, list[Deal]] = defaultdict(list)
    for deal in deals:
        groups[keys[deal.id]].append(deal)
    words = titles(session, parameters.by, groups)
    rows = [_row(key, words[key], groups[key]) for key in groups]
    rows.sort(key=lambda row: (-row["closed"], row["key"]))
    return Table(rows=rows, columns=_closed_columns(WAYS[parameters.by]), notes=notes(unconverted(deals), base))


def closed_in(session: CrmSession, period: Period, basis: BasisName, moment: Moment) -> tuple[list[Deal], str | None]:
    """Return the deals that were won or lost in a period, as known at a moment, and the base currency."""
    as_of = None if moment.present else moment.as_of
    known_at = None if moment.present else moment.known_at
    rates = rates_of(session, basis, as_of)
    deals = deals_at(session, basis=basis, as_of=as_of, known_at=known_at, rates=rates)
    found = [each for each in deals if each.closed_on is not None and period.first <= each.closed_on <= period.last]
    return found, rates.base


def _keys(session: CrmSession, by: str, deals: list[Deal]) -> dict[UUID, Any]:
    if by not in ("reason", "competitor"):
        return keys_of(session, by, deals)
    column = Opportunity.reason_id if by == "reason" else Opportunity.competitor_id
    found: dict[UUID, Any] = {}
    ids = [each.id for each in deals]
    for start in range(0, len(ids), 1000):
        query = select(Opportunity.id, column.label("key")).where(Opportunity.id.in_(ids[start : start + 1000]))
        found.update((row.id, row.key) for row in session.execute(query))
    return {each.id: found.get(each.id) for each in deals}


def _row(key: Any, title: str, deals: Sequence[Deal]) -> dict[str, Any]:
    won = [each for each in deals if each.kind == "won"]
    lost = [each for each in deals if each.kind == "lost"]
    return {
        "key": str(key or NONE),
        "group": title,
        "won": len(won),
        "lost": len(lost),
        "closed": len(deals),
        "rate": None,
        "won_amount": sum(each.counted for each in won),
        "lost_amount": sum(each.counted for each in lost),
        "days": _cycle(won),
    }


def _cycle(won: Sequence[Deal]) -> float | None:
    days = [(each.closed_on - each.opened_on).days for each in won if each.closed_on and each.opened_on]
    return float(median(days)) if days else None


def behind_closed(session: CrmSession, parameters: ClosedParameters, moment: Moment, figure: Figure) -> Table:
    """Return the deals behind a figure."""
    deals, _base = closed_in(session, parameters.period, parameters.basis, moment)
    keys = _keys(session, parameters.by, deals)
    kind = "lost" if figure.column.startswith("lost") else "won"
    chosen = [e for e in deals if e.kind == kind and figure.row in ("total", str(keys[e.id] or NONE))]
    return deals_table(session, sorted(chosen, key=lambda each: (-each.counted, each.id)))


def leader_rows(session: CrmSession, parameters: PeriodParameters, moment: Moment) -> Table:
    """Return who won how much in a period, the most first, and how far quotas were reached."""
    deals, base = closed_in(session, parameters.period, parameters.basis, moment)
    rates = rates_of(session, parameters.basis, None if moment.present else moment.as_of)
    groups: dict[UUID | None, list[Deal]] = defaultdict(list)
    for deal in deals:
        groups[deal.owner_id].append(deal)
    quotas = quotas_within(session, parameters.period)
    for quota in quotas:
        if quota.owner_id is not None:
            groups.setdefault(quota.owner_id, [])
    names = users(session, groups)
    rows = []
    for owner, found in groups.items():
        row = _row(owner, NOTHING["owner"] if owner is None else names.get(owner, "–"), found)
        quota_minor = None if owner is None else combined((q for q in quotas if q.owner_id == owner), rates)
        row["average"] = row["won_amount"] // row["won"] if row["won"] else None
        row["quota"] = quota_minor
        row["attained"] = None if quota_minor is None else attainment(row["won_amount"], quota_minor)
        rows.append(row)
    rows.sort(key=lambda row: (-row["won_amount"], -row["won"], row["group"], row["key"]))
    for place, row in enumerate(rows, 1):
        row["place"] = place
    return Table(rows=rows, notes=notes(unconverted(deals), base))


def product_rows(session: CrmSession, parameters: PeriodParameters, moment: Moment) -> Table:
    """Return what was won in a period by product, from the lines of the deals; what has no lines has no product."""
    deals, base = closed_in(session, parameters.period, parameters.basis, moment)
    won = {each.id: each for each in deals if each.kind == "won"}
    shares = _shares(session, list(won))
    sums: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0])
    for identity, deal in won.items():
        parts = shares.get(identity, {None: 1})
        total = sum(parts.values())
        left = deal.counted
        for number, (product, part) in enumerate(sorted(parts.items(), key=str), 1):
            # What is left after rounding goes to the last one: products add up to what was won.
            amount = left if number == len(parts) or not total else deal.counted * part // total
            left -= amount
            sums[product][0] += 1
            sums[product][1] += amount
    named = select(Product.id, Product.title).where(Product.id.in_([each for each in sums if each is not None]))
    known = {row.id: row.title for row in session.execute(named)}
    rows = [
        {
            "key": str(product or NONE),
            "group": NOTHING["product"] if product is None else known.get(product, "–"),
            "won": count,
            "won_amount": amount,
        }
        for product, (count, amount) in sorted(sums.items(), key=lambda item: (-item[1][1], str(item[0])))
    ]
    return Table(rows=rows, notes=notes(unconverted(won.values()), base))


def _shares(session: CrmSession, ids: list[UUID]) -> dict[UUID, dict[UUID | None, int]]:
    found: dict[UUID, dict[UUID | None, int]] = defaultdict(lambda: defaultdict(int))
    for start in range(0, len(ids), 1000):
        query = select(OpportunityLine.opportunity_id, OpportunityLine.product_id, OpportunityLine.amount_minor)
        for row in session.execute(query.where(OpportunityLine.opportunity_id.in_(ids[start : start + 1000]))):
            found[row.opportunity_id][row.product_id] += row.amount_minor
    return found


_WON = Column(name="won", title=_("Won"), kind="integer", total=True, drills=True, doc=_("Won in the period."))
_WON_AMOUNT = Column(
    name="won_amount",
    title=_("Amount won"),
    kind="money",
    total=True,
    drills=True,
    doc=_("In the base currency; what has no rate is named below."),
)
_LOST = Column(name="lost", title=_("Lost"), kind="integer", total=True, drills=True, doc=_("Lost in the period."))
_CLOSED = Column(name="closed", title=_("Closed"), kind="integer", total=True, hidden=True)
_RATE = Column(
    name="rate",
    title=_("Win rate"),
    kind="rate",
    successes="won",
    trials="closed",
    doc=_("Won ÷ (won + lost), with a 95 per cent interval."),
)
_DAYS = Column(
    name="days", title=_("Median days"), kind="number", doc=_("From when a deal was opened until it was won.")
)


def _closed_columns(title: str) -> list[Column]:
    lost_amount = Column(name="lost_amount", title=_("Amount lost"), kind="money", total=True, drills=True)
    return [KEY, group_column(title), _WON, _LOST, _CLOSED, _RATE, _WON_AMOUNT, lost_amount, _DAYS]


def _plain(column: Column) -> Column:
    return evolve(column, drills=False)


REPORTS = [
    Report(
        name="sales.won_lost",
        title=_("Won and lost"),
        doc=_("Why deals were won and lost, against whom, by whom and where they came from."),
        rows=closed_rows,
        parameters=ClosedParameters,
        defaults={"period": "this year"},
        columns=_closed_columns(_("Group")),
        charts=[Chart.stack("group", "won", "lost"), Chart.intervals("group", "rate")],
        permission="sales.opportunity.read",
        behind=behind_closed,
    ),
    Report(
        name="sales.leaders",
        title=_("Leaderboard"),
        doc=_("Who won how much in a period, and how far quotas were reached."),
        rows=leader_rows,
        parameters=PeriodParameters,
        defaults={"period": "this quarter"},
        columns=[
            KEY,
            Column(name="place", title=_("Place"), kind="integer"),
            group_column(_("Owner")),
            _plain(_WON_AMOUNT),
            _plain(_WON),
            _plain(_LOST),
            _CLOSED,
            _RATE,
            Column(name="average", title=_("Average deal"), kind="money"),
            _DAYS,
            Column(name="quota", title=_("Quota"), kind="money"),
            Column(name="attained", title=_("Attained"), kind="share", doc=_("What was won ÷ the quota.")),
        ],
        charts=[Chart.bars("group", "won_amount")],
        permission="sales.opportunity.read",
    ),
    Report(
        name="sales.products_won",
        title=_("Won by product"),
        doc=_("What was won in a period by product, from the lines of the deals."),
        rows=product_rows,
        parameters=PeriodParameters,
        defaults={"period": "this year"},
        columns=[
            KEY,
            group_column(_("Product")),
            Column(name="won", title=_("Deals"), kind="integer", doc=_("A deal counts for each of its products.")),
            _plain(_WON_AMOUNT),
        ],
        charts=[Chart.bars("group", "won_amount")],
        permission="sales.opportunity.read",
    ),
]
