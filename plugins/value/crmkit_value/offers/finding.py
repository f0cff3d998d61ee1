"""Finding what to offer whom: what is bought together, what it brings, and for each customer the best of it.

In system scope. Gaps and pairs are told by reading purchases once each; what to offer is found by one statement over
all customers. Must not know who asks.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from heapq import nlargest
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import Select, and_, delete, exists, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from crmkit import (
    Consent,
    CrmSession,
    Customer,
    Interaction,
    Product,
    ProductCategory,
    PurchaseLine,
    local_day,
    moment_of,
    query_of,
)
from crmkit_value.contribution.models import CategoryMargin
from crmkit_value.offers.models import NextOffer, NextProduct, NotOffered, OfferedProduct, Pair
from crmkit_value.policy.models import ValuePolicy

CHUNK = 2000
MOST_OTHERS = 20
"""To so many others a product leads at most: those with the highest lift times margin."""
LEAST_REPEATS = 5
"""From fewer repeats the usual gap of a product is not told."""
_PLAIN = {"synchronize_session": False}


@frozen(kw_only=True)
class Found:
    """What was found: products that were bought, pairs that count, offers, and customers who have a next product."""

    products: int
    pairs: int
    offers: int
    expected: int


def find(session: CrmSession, policy: ValuePolicy) -> Found:
    """Find what to offer whom in place of what was found before. What takes long is read before anything is written."""
    since = days_ago(session, policy.offer_days)
    baskets = _baskets(session, since)
    products = _products(session, policy, since, Counter(each for own in baskets.values() for each in own))
    pairs = _pairs(policy, baskets, {each["product_id"]: each["margin_minor"] for each in products})
    for model, rows in ((OfferedProduct, products), (Pair, pairs)):
        session.execute(delete(model), execution_options=_PLAIN)
        _insert(session, model, rows)
    offers = _find_offers(session, policy, since)
    return Found(products=len(products), pairs=len(pairs), offers=offers, expected=_find_next(session, since))


def lines(session: CrmSession, *columns: Any, since: datetime) -> Select[Any]:
    """Return a select over the lines of purchases since an instant that count: with a product, not reversed, up to the
    business's present."""
    reversal = aliased(Interaction)
    undone = exists(select(literal(1)).where(reversal.reverses_id == Interaction.id))
    return (
        select(*columns)
        .select_from(PurchaseLine)
        .join(Interaction, Interaction.id == PurchaseLine.interaction_id)
        .where(
            Interaction.kind == "purchase",
            Interaction.customer_id.is_not(None),
            Interaction.reverses_id.is_(None),
            Interaction.occurred_at <= session.gate.clock.business_now(),
            Interaction.occurred_at >= since,
            PurchaseLine.product_id.is_not(None),
            ~undone,
        )
    )


def days_ago(session: CrmSession, days: int) -> datetime:
    """Return the instant (UTC) at which the company's calendar day began that was so many days ago."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    return datetime.combine(session.today() - timedelta(days=days), time(), zone).astimezone(UTC)


def _baskets(session: CrmSession, since: datetime) -> dict[UUID, list[UUID]]:
    """Return which products each customer has bought."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    bought = lines(session, Interaction.customer_id, PurchaseLine.product_id, since=since).distinct()
    for customer_id, product_id in session.execute(bought.execution_options(yield_per=5000)):
        found[customer_id].append(product_id)
    return found


def _products(
    session: CrmSession, policy: ValuePolicy, since: datetime, customers: Mapping[UUID, int]
) -> list[dict[str, Any]]:
    """Return what each product brings, and how long customers wait until they buy it again."""
    moment = moment_of(session)
    query = query_of(moment, str(session.get_bind().dialect.name))
    own = query.in_base(PurchaseLine.amount_minor, Interaction.currency, Interaction.occurred_at)
    sums = lines(session, PurchaseLine.product_id, func.avg(own), since=since).group_by(PurchaseLine.product_id)
    percents = dict(
        session.execute(
            select(Product.id, CategoryMargin.percent)
            .join(ProductCategory, ProductCategory.id == Product.category_id)
            .join(CategoryMargin, CategoryMargin.category == ProductCategory.name)
        ).all()
    )
    gaps = _gaps(session, since)
    rows: list[dict[str, Any]] = []
    for product_id, mean in session.execute(sums):
        known = gaps.get(product_id, array("i"))
        gap = max(1, round(median(known))) if len(known) >= LEAST_REPEATS else policy.offer_gap_days
        percent = Decimal(percents.get(product_id, policy.margin_percent))
        rows.append(
            {
                "product_id": product_id,
                "customers": customers.get(product_id, 0),
                "margin_minor": round(Decimal(mean or 0) * percent / 100),
                "gap_days": gap,
                "repeats": len(known),
                "since_at": days_ago(session, gap),
            }
        )
    return rows


def _gaps(session: CrmSession, since: datetime) -> dict[UUID, array[int]]:
    """Return of each product the days between two days on which one customer bought it."""
    query = query_of(moment_of(session), str(session.get_bind().dialect.name))
    day = local_day(Interaction.occurred_at, query.zone, query.dialect).label("day")
    statement = lines(session, Interaction.customer_id, PurchaseLine.product_id, day, since=since).distinct()
    ordered = statement.order_by(Interaction.customer_id, PurchaseLine.product_id, "day")
    found: dict[UUID, array[int]] = defaultdict(lambda: array("i"))
    before: tuple[Any, Any] | None = None
    last = 0
    for customer_id, product_id, on in session.execute(ordered.execution_options(yield_per=5000)):
        if before == (customer_id, product_id):
            found[product_id].append(on.toordinal() - last)
        before, last = (customer_id, product_id), on.toordinal()
    return found


def _pairs(
    policy: ValuePolicy, baskets: Mapping[UUID, Sequence[UUID]], margins: Mapping[UUID, int]
) -> list[dict[str, Any]]:
    """Return which products lead to which others: counted one product after the other, so that only the counts of one
    have to be held."""
    buyers: dict[UUID, list[UUID]] = defaultdict(list)
    for customer_id, own in baskets.items():
        for product_id in own:
            buyers[product_id].append(customer_id)
    found: list[dict[str, Any]] = []
    for one, base in sorted(buyers.items()):
        together = Counter(other for who in base for other in baskets[who])
        rows: list[tuple[Decimal, UUID, dict[str, Any]]] = []
        for other, both in together.items():
            if other == one or both < policy.offer_together or margins.get(other, 0) <= 0:
                continue
            lift = Decimal(both * len(baskets)) / (len(base) * len(buyers[other]))
            if lift >= policy.offer_lift:
                row = {
                    "product_id": one,
                    "other_id": other,
                    "together": both,
                    "base": len(base),
                    "confidence": round(Decimal(both) / len(base), 6),
                    "lift": round(lift, 6),
                }
                rows.append((lift * margins[other], other, row))
        found.extend(row for _worth, _other, row in nlargest(MOST_OTHERS, rows, key=lambda each: each[:2]))
    return found


def _allowed(session: CrmSession, policy: ValuePolicy, customer_id: Any) -> Any:
    """Return the condition that a customer allows offers: the last entry of one channel at least grants the policy's
    purpose; unless it has to be granted, of whom nothing is known counts as allowing it."""
    now = session.gate.clock.business_now()
    newest = (Consent.occurred_at.desc(), Consent.id.desc())
    place = func.row_number().over(partition_by=(Consent.customer_id, Consent.channel), order_by=newest)
    ranked = (
        select(Consent.customer_id, Consent.granted, Consent.expires_at, place.label("place"))
        .where(Consent.purpose == policy.offer_purpose, Consent.occurred_at <= now)
        .subquery("consents")
    )
    holds = and_(ranked.c.place == 1, ranked.c.granted, or_(ranked.c.expires_at.is_(None), ranked.c.expires_at > now))
    granted = customer_id.in_(select(ranked.c.customer_id).where(holds))
    if policy.offer_consent == "granted":
        return granted
    return or_(granted, customer_id.not_in(select(ranked.c.customer_id)))


def _find_offers(session: CrmSession, policy: ValuePolicy, since: datetime) -> int:
    """Keep for each customer the best of what goes with their purchases: by lift times margin. Of several products that
    lead to one, that with the highest lift is the reason; of equal ones the first by id."""
    last = func.max(Interaction.occurred_at).label("last_at")
    owned = (
        lines(session, Interaction.customer_id, PurchaseLine.product_id, last, since=since)
        .group_by(Interaction.customer_id, PurchaseLine.product_id)
        .cte("owned")
    )
    had = owned.alias("had")
    score = Pair.lift * OfferedProduct.margin_minor
    lately = exists(
        select(literal(1)).where(
            had.c.customer_id == owned.c.customer_id,
            had.c.product_id == Pair.other_id,
            had.c.last_at >= OfferedProduct.since_at,
        )
    )
    best = func.row_number().over(
        partition_by=(owned.c.customer_id, Pair.other_id), order_by=(Pair.lift.desc(), Pair.product_id)
    )
    reasons = (
        select(
            owned.c.customer_id,
            Pair.other_id.label("product_id"),
            Pair.product_id.label("because_id"),
            Pair.together,
            Pair.base,
            Pair.lift,
            OfferedProduct.margin_minor,
            best.label("best"),
        )
        .select_from(owned)
        .join(Pair, Pair.product_id == owned.c.product_id)
        .join(OfferedProduct, OfferedProduct.product_id == Pair.other_id)
        .join(Product, and_(Product.id == Pair.other_id, Product.active))
        .join(Customer, and_(Customer.id == owned.c.customer_id, Customer.deleted_at.is_(None)))
        .where(
            ~lately,
            score > 0,
            Pair.other_id.not_in(select(NotOffered.product_id)),
            _allowed(session, policy, owned.c.customer_id),
        )
        .subquery("reasons")
    )
    # Lifts are kept as millionths: a float of their product with an amount orders as exactly as is needed.
    worth = reasons.c.lift * reasons.c.margin_minor
    position = func.row_number().over(partition_by=reasons.c.customer_id, order_by=(worth.desc(), reasons.c.product_id))
    every = select(reasons, position.label("position")).where(reasons.c.best == 1).subquery("every")
    wanted = select(every).where(every.c.position <= policy.offers_each)
    session.execute(delete(NextOffer), execution_options=_PLAIN)
    number, rows = 0, list[dict[str, Any]]()
    for row in session.execute(wanted.execution_options(yield_per=CHUNK)):
        each = dict(row._mapping)
        each.pop("best")
        rows.append({**each, "score": round(each["lift"] * each["margin_minor"])})
        number += 1
        if len(rows) == CHUNK:
            _insert(session, NextOffer, rows)
            rows = []
    _insert(session, NextOffer, rows)
    return number


def _find_next(session: CrmSession, since: datetime) -> int:
    """Keep for each customer which product is expected next."""
    query = query_of(moment_of(session), str(session.get_bind().dialect.name))
    day = local_day(Interaction.occurred_at, query.zone, query.dialect)
    days, last = func.count(day.distinct()), func.max(Interaction.occurred_at)
    own = (
        lines(
            session,
            Interaction.customer_id,
            PurchaseLine.product_id,
            days.label("days"),
            func.row_number()
            .over(
                partition_by=Interaction.customer_id,
                order_by=(days.desc(), last.desc(), PurchaseLine.product_id),
            )
            .label("place"),
            since=since,
        )
        .join(Product, and_(Product.id == PurchaseLine.product_id, Product.active))
        .join(Customer, and_(Customer.id == Interaction.customer_id, Customer.deleted_at.is_(None)))
        .group_by(Interaction.customer_id, PurchaseLine.product_id)
        .having(days >= 2)
        .subquery("own")
    )
    usual = select(own.c.customer_id, own.c.product_id, literal("usual").label("why"), own.c.days)
    names = ["customer_id", "product_id", "why", "days"]
    session.execute(delete(NextProduct), execution_options=_PLAIN)
    session.execute(insert(NextProduct).from_select(names, usual.where(own.c.place == 1)), execution_options=_PLAIN)
    known = select(NextProduct.customer_id)
    offered = select(
        NextOffer.customer_id, NextOffer.product_id, literal("pair").label("why"), literal(0).label("days")
    ).where(NextOffer.position == 1, NextOffer.customer_id.not_in(known))
    session.execute(insert(NextProduct).from_select(names, offered), execution_options=_PLAIN)
    return session.scalar(select(func.count()).select_from(NextProduct)) or 0


def _insert(session: CrmSession, model: type[Any], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(model), rows[start : start + CHUNK])
