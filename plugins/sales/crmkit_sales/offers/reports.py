"""The reports on offers: what came of them, and what is bought together."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import (
    Chart,
    Column,
    CrmSession,
    Input,
    Interaction,
    Note,
    Period,
    Product,
    PurchaseLine,
    Report,
    Table,
    texts,
)
from crmkit_sales.offers.finding import purchases
from crmkit_sales.offers.models import Affinity, NextOffer, OfferAnswer

_ = texts("crmkit_sales")

MOST = 500


@frozen(kw_only=True)
class OfferParameters:
    """Over which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


@define
class _Tally:
    offered: int = 0
    taken: int = 0
    declined: int = 0
    takers: dict[UUID, datetime] = field(factory=dict)


def answer_rows(session: CrmSession, parameters: OfferParameters, moment: object) -> Table:
    """Return for each product to how many customers it is to be offered, what was answered in the period, and how many
    of those who took it have bought it since."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    first = datetime.combine(parameters.period.first, time(), zone).astimezone(UTC)
    last = datetime.combine(parameters.period.last + timedelta(days=1), time(), zone).astimezone(UTC)
    tallies: dict[UUID, _Tally] = defaultdict(_Tally)
    offered = select(NextOffer.product_id, func.count()).group_by(NextOffer.product_id)
    for product_id, count in session.execute(offered):
        tallies[product_id].offered = count
    answers = select(OfferAnswer.product_id, OfferAnswer.customer_id, OfferAnswer.answer, OfferAnswer.answered_at)
    answered = answers.where(OfferAnswer.answered_at >= first, OfferAnswer.answered_at < last)
    for product_id, customer_id, answer, at in session.execute(answered.order_by(OfferAnswer.answered_at)):
        tally = tallies[product_id]
        if answer == "taken":
            tally.taken += 1
            tally.takers.setdefault(customer_id, at)
        else:
            tally.declined += 1
    bought = _bought(session, tallies, first)
    titles = {
        row[0]: row[1] for row in session.execute(select(Product.id, Product.title).where(Product.id.in_(tallies)))
    }
    rows: list[dict[str, Any]] = [
        {
            "key": str(product_id),
            "product": titles.get(product_id, "–"),
            "offered": each.offered,
            "taken": each.taken,
            "declined": each.declined,
            "answered": each.taken + each.declined,
            "rate": None,
            "bought": bought[product_id],
        }
        for product_id, each in tallies.items()
    ]
    rows.sort(key=lambda row: (-row["answered"], -row["offered"], row["key"]))
    return Table(rows=rows, notes=[] if rows else [Note(text=_("There are no offers yet."))])


def _bought(session: CrmSession, tallies: dict[UUID, _Tally], since: datetime) -> dict[UUID, int]:
    """Return how many of those who took an offer have bought the product since."""
    found: dict[UUID, int] = defaultdict(int)
    takers = {customer for each in tallies.values() for customer in each.takers}
    if not takers:
        return found
    last = func.max(Interaction.occurred_at)
    query = purchases(session, PurchaseLine.product_id, Interaction.customer_id, last, since=since)
    query = query.group_by(PurchaseLine.product_id, Interaction.customer_id)
    for product_id, customer_id, at in session.execute(
        query.where(PurchaseLine.product_id.in_(tallies), Interaction.customer_id.in_(takers))
    ):
        taken_at = tallies[product_id].takers.get(customer_id)
        if taken_at is not None and at >= taken_at:
            found[product_id] += 1
    return found


def pair_rows(session: CrmSession, parameters: object, moment: object) -> Table:
    """Return the pairs of products that count, the likeliest first."""
    other = aliased(Product)
    query = (
        select(Affinity, Product.title, other.title)
        .join(Product, Product.id == Affinity.product_id)
        .join(other, other.id == Affinity.other_id)
        .order_by(Affinity.confidence.desc(), Affinity.lift.desc(), Affinity.product_id, Affinity.other_id)
        .limit(MOST)
    )
    return Table(
        rows=[
            {
                "key": f"{pair.product_id}:{pair.other_id}",
                "product": first,
                "other": second,
                "together": pair.together,
                "base": pair.base,
                "confidence": float(pair.confidence),
                "lift": float(round(pair.lift, 2)),
            }
            for pair, first, second in session.execute(query)
        ]
    )


_KEY = Column(name="key", title=_("Key"), hidden=True)

REPORTS = [
    Report(
        name="sales.offers",
        title=_("What came of offers"),
        rows=answer_rows,
        parameters=OfferParameters,
        defaults={"period": "last 90 days"},
        columns=[
            _KEY,
            Column(name="product", title=_("Product")),
            Column(
                name="offered",
                title=_("To be offered"),
                kind="integer",
                total=True,
                doc=_("Customers to whom it is to be offered now."),
            ),
            Column(name="taken", title=_("Taken"), kind="integer", total=True),
            Column(name="declined", title=_("Declined"), kind="integer", total=True),
            Column(name="answered", title=_("Answered"), kind="integer", hidden=True),
            Column(name="rate", title=_("Share taken"), kind="rate", successes="taken", trials="answered"),
            Column(
                name="bought",
                title=_("Bought since"),
                kind="integer",
                total=True,
                doc=_("Of those who took it, how many have bought it since."),
            ),
        ],
        charts=[Chart.stack("product", "taken", "declined")],
        temporal=False,
        doc=_("What customers answered to offers of a period, and whether they bought."),
    ),
    Report(
        name="sales.bought_together",
        title=_("What is bought together"),
        rows=pair_rows,
        columns=[
            _KEY,
            Column(name="product", title=_("Who bought")),
            Column(name="other", title=_("Buys as well")),
            Column(name="together", title=_("Both"), kind="integer"),
            Column(name="base", title=_("The first"), kind="integer"),
            Column(name="confidence", title=_("Confidence"), kind="share"),
            Column(name="lift", title=_("Lift"), kind="number", doc=_("Times the share among all.")),
        ],
        temporal=False,
        doc=_("Which products lead to which others, as it was found last."),
    ),
]
