"""What products cost the company, for deciding on margins whoever asks; showing it is for who has the right.

Must not know quotes or orders.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, CrmSession, Money, convert
from crmkit.errors import RateMissing
from crmkit_sales.prices.models import ProductCost


def unit_costs(session: CrmSession, product_ids: Collection[UUID], currency: str, day: date) -> Mapping[UUID, int]:
    """Return what one unit of each product costs on a day, in minor units of a currency; what nobody has said is left
    out.

    A cost in the currency itself counts before one in another, which is converted at the day's rate; without a rate it
    is unknown. It is read in the plugin's own scope: whoever calls it must not show it to somebody without the right to
    see costs.
    """
    with session.crm.session(Actor.plugin("sales")) as own:
        rows = own.execute(
            select(ProductCost.product_id, ProductCost.cost_minor, ProductCost.currency)
            .where(ProductCost.product_id.in_(product_ids), ProductCost.valid_from <= day)
            .order_by(ProductCost.currency == currency, ProductCost.valid_from, ProductCost.currency.desc())
        ).all()
        # The last one of each product counts.
        last = {row.product_id: Money(row.cost_minor, row.currency) for row in rows}
        found: dict[UUID, int] = {}
        for product_id, cost in last.items():
            try:
                found[product_id] = convert(own, cost, currency, day).amount
            except RateMissing:
                continue
    return found


def may_see_costs(session: CrmSession) -> bool:
    """Say whether the session's actor may see what products cost, and so margins."""
    rights = session.guarding.rights
    return bool(rights.unrestricted) or rights.scope("sales.cost", "read") != "none"
