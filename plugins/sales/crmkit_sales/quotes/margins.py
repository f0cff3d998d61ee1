"""The margin of a quote, and which policy says that others have to agree to it.

It decides by what products cost whoever asks; figures are shown to those alone who may see costs. Must not change
anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_sales.prices.costs import unit_costs
from crmkit_sales.prices.money import Margin, margin
from crmkit_sales.quotes.lines import positions_of, totals_of
from crmkit_sales.quotes.models import Quote, QuoteLine, QuotePolicy


@frozen(kw_only=True)
class Needed:
    """A policy that a quote falls under. ``because`` is "margin", "unknown" or "discount"."""

    policy: QuotePolicy
    because: str


def margin_of(session: CrmSession, quote: Quote, lines: Sequence[QuoteLine]) -> Margin:
    """Return what remains of a quote after what its products cost on the day of its prices, in its currency's minor
    units. Whoever shows it asks first whether costs may be seen."""
    products = {line.product_id for line in lines if line.product_id is not None}
    costs = unit_costs(session, products, quote.currency, quote.priced_on)
    return margin(
        positions_of(lines),
        totals_of(quote, lines),
        [costs.get(line.product_id) if line.product_id is not None else None for line in lines],
    )


def approval_needed(session: CrmSession, quote: Quote, lines: Sequence[QuoteLine]) -> Needed | None:
    """Return the policy by which others have to agree to a quote before it is sent, or None where nobody has to."""
    policies = session.scalars(
        select(QuotePolicy).where(QuotePolicy.active).order_by(QuotePolicy.position, QuotePolicy.name)
    ).all()
    if not policies:
        return None
    found = margin_of(session, quote, lines)
    discount = totals_of(quote, lines).discount_rate
    for policy in policies:
        because = _because(policy, found, discount)
        if because:
            return Needed(policy=policy, because=because)
    return None


def _because(policy: QuotePolicy, found: Margin, discount: Decimal) -> str:
    if policy.least_margin is not None:
        # What is given away has costs and no net sum: it has no rate, and less margin than any limit.
        lost = found.amount < 0 if found.rate is None else found.rate < policy.least_margin
        if lost:
            return "margin"
        if found.unknown and policy.unknown_costs:
            return "unknown"
    if policy.most_discount is not None and discount > policy.most_discount:
        return "discount"
    return ""
