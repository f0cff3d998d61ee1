"""Finding what to offer whom: what is bought together, and for each customer the best of what they have not bought.

Set-based over all customers, in system scope. Must not know who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, delete, exists, func, insert, literal, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Customer, Interaction, Product, PurchaseLine
from crmkit_sales.offers.affinity import Limits, pairs_that_count
from crmkit_sales.offers.models import Affinity, NextOffer, OfferAnswer, OfferPolicy

CHUNK = 2000
_PLAIN = {"synchronize_session": False}


def purchases(session: CrmSession, *columns: Any, since: datetime | None = None) -> Select[Any]:
    """Return a select over the lines of purchases that count: with a product, and not reversed, up to the business's
    present; of those since an instant."""
    reversal = aliased(Interaction)
    undone = exists(select(literal(1)).where(reversal.reverses_id == Interaction.id))
    query = (
        select(*columns)
        .select_from(PurchaseLine)
        .join(Interaction, Interaction.id == PurchaseLine.interaction_id)
        .where(
            Interaction.kind == "purchase",
            Interaction.customer_id.is_not(None),
            Interaction.reverses_id.is_(None),
            Interaction.occurred_at <= session.gate.clock.business_now(),
            PurchaseLine.product_id.is_not(None),
            ~undone,
        )
    )
    return query if since is None else query.where(Interaction.occurred_at >= since)


def find_pairs(session: CrmSession, policy: OfferPolicy) -> int:
    """Compute anew what is bought together, and return how many pairs count."""
    since = days_ago(session, policy.history_days)
    who = Interaction.customer_id if policy.together == "customer" else PurchaseLine.interaction_id
    bought = purchases(session, who.label("who"), PurchaseLine.product_id.label("product_id"), since=since)
    first = bought.distinct().cte("bought")
    second = first.alias("bought_too")
    number = func.count()
    together = session.execute(
        select(first.c.product_id, second.c.product_id, number)
        .select_from(first.join(second, and_(first.c.who == second.c.who, first.c.product_id != second.c.product_id)))
        .group_by(first.c.product_id, second.c.product_id)
        .having(number >= policy.least_together)
    ).all()
    counts = {
        row[0]: int(row[1]) for row in session.execute(select(first.c.product_id, number).group_by(first.c.product_id))
    }
    whole = session.scalar(select(func.count(first.c.who.distinct()))) or 0
    limits = Limits(
        together=policy.least_together,
        confidence=Decimal(policy.least_confidence) / 100,
        lift=Decimal(policy.least_lift),
    )
    found = pairs_that_count([(row[0], row[1], int(row[2])) for row in together], counts, whole, limits)
    session.execute(delete(Affinity), execution_options=_PLAIN)
    rows = [
        {
            "product_id": one,
            "other_id": other,
            "together": pair.together,
            "base": pair.base,
            "other_base": pair.other_base,
            "confidence": pair.confidence,
            "lift": pair.lift,
        }
        for (one, other), pair in found.items()
    ]
    for part in _chunks(rows):
        session.execute(insert(Affinity), part)
    return len(rows)


def find_offers(session: CrmSession, policy: OfferPolicy) -> int:
    """Compute anew what to offer whom by the pairs that count, and return how many offers there are.

    Of several products that lead to one, the one with the highest confidence is the reason; of equal ones the one with
    the higher lift, then the first by id, so that the same purchases give the same offers.
    """
    since = days_ago(session, policy.history_days)
    last = func.max(Interaction.occurred_at).label("last_at")
    owned = (
        purchases(session, Interaction.customer_id, PurchaseLine.product_id, last)
        .group_by(Interaction.customer_id, PurchaseLine.product_id)
        .cte("owned")
    )
    had = owned.alias("had")
    gap = days_ago(session, policy.repeat_days)
    bought_lately = exists(
        select(literal(1)).where(
            had.c.customer_id == owned.c.customer_id, had.c.product_id == Affinity.other_id, had.c.last_at >= gap
        )
    )
    answered = exists(
        select(literal(1)).where(
            OfferAnswer.customer_id == owned.c.customer_id,
            OfferAnswer.product_id == Affinity.other_id,
            OfferAnswer.until > session.today(),
        )
    )
    best = func.row_number().over(
        partition_by=(owned.c.customer_id, Affinity.other_id),
        order_by=(Affinity.confidence.desc(), Affinity.lift.desc(), Affinity.product_id),
    )
    reasons = (
        select(
            owned.c.customer_id,
            Affinity.other_id.label("product_id"),
            Affinity.product_id.label("because_id"),
            Affinity.together,
            Affinity.base,
            Affinity.confidence,
            Affinity.lift,
            best.label("best"),
        )
        .select_from(owned)
        .join(Affinity, Affinity.product_id == owned.c.product_id)
        .join(Product, and_(Product.id == Affinity.other_id, Product.active))
        .join(Customer, and_(Customer.id == owned.c.customer_id, Customer.deleted_at.is_(None)))
        .where(owned.c.last_at >= since, ~bought_lately, ~answered)
        .subquery()
    )
    position = func.row_number().over(
        partition_by=reasons.c.customer_id,
        order_by=(reasons.c.confidence.desc(), reasons.c.lift.desc(), reasons.c.product_id),
    )
    ranked = select(
        reasons.c.customer_id,
        reasons.c.product_id,
        position.label("position"),
        reasons.c.because_id,
        reasons.c.together,
        reasons.c.base,
        reasons.c.confidence,
        reasons.c.lift,
    ).where(reasons.c.best == 1)
    every = ranked.subquery()
    wanted = select(every).where(every.c.position <= policy.per_customer)
    session.execute(delete(NextOffer), execution_options=_PLAIN)
    names = [column.name for column in every.c]
    session.execute(insert(NextOffer).from_select(names, wanted), execution_options=_PLAIN)
    return session.scalar(select(func.count()).select_from(NextOffer)) or 0


def days_ago(session: CrmSession, days: int) -> datetime:
    """Return the instant (UTC) at which the company's calendar day began that was so many days ago."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    return datetime.combine(session.today() - timedelta(days=days), time(), zone).astimezone(UTC)


def _chunks(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
