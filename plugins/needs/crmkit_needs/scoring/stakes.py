"""What is at stake with a need: what those who ask for it have brought, will bring and have in the pipeline, and what
of it may leave. Each figure is a fact of whichever plugin has one; what no plugin has stays unknown.

Customers count once, and with them the companies that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from attrs import frozen

from crmkit import CrmSession, catalogue_of, frame, moment_of
from crmkit_needs.scoring.counting import Support

FACTS = {
    "revenue": "value.revenue_365",
    "spent": "purchase.net_amount",
    "lifetime": "value.clv",
    "pipeline": "sales.open_amount",
    "leaving": "churn.probability",
}
"""The fact by which each figure is told."""


@frozen(kw_only=True)
class Stake:
    """Minor units of the base currency, None where nobody knows it of any of them: revenue of 365 days, what they spent
    in all, expected lifetime value, open pipeline, and Σ lifetime value × probability of leaving."""

    revenue: int | None = None
    spent: int | None = None
    lifetime: int | None = None
    pipeline: int | None = None
    leaving: int | None = None
    known: int = 0
    """Of how many customers there was a lifetime value."""


def facts_for(session: CrmSession) -> dict[str, str]:
    """Return by which fact each figure is told, as far as there is one that the actor may read."""
    known = set(catalogue_of(session).names())
    return {what: name for what, name in FACTS.items() if name in known}


def stakes_of(session: CrmSession, support: Mapping[UUID, Support]) -> dict[UUID, Stake]:
    """Return what is at stake with each need, of the customers whom the actor sees."""
    names = facts_for(session)
    wanted = frozenset[UUID]().union(*(each.customer_ids | each.company_ids for each in support.values()))
    if not names or not wanted:
        return {key: Stake() for key in support}
    order = list(names)
    figures: dict[UUID, dict[str, Decimal]] = {}
    for row in frame(session, [names[what] for what in order]).rows():
        customer = row[0] if isinstance(row[0], UUID) else UUID(str(row[0]))
        if customer in wanted:
            figures[customer] = {
                what: Decimal(str(value))
                for what, value in zip(order, row[1:], strict=True)
                if value is not None and not isinstance(value, bool) and _is_number(value)
            }
    shift = _places(moment_of(session).base_currency)
    return {
        key: _stake(order, [figures.get(customer, {}) for customer in each.customer_ids | each.company_ids], shift)
        for key, each in support.items()
    }


def _stake(names: Sequence[str], rows: Sequence[Mapping[str, Decimal]], shift: int) -> Stake:
    told = {what: [row[what] for row in rows if what in row] for what in names if what != "leaving"}
    both = [row["lifetime"] * row["leaving"] for row in rows if "lifetime" in row and "leaving" in row]
    sums = {what: _minor(values, shift) if values else None for what, values in told.items()}
    return Stake(**sums, leaving=_minor(both, shift) if both else None, known=len(told.get("lifetime", ())))


def _minor(amounts: Iterable[Decimal], shift: int) -> int:
    """Return the sum of major units in minor ones."""
    return int(sum(amounts, Decimal(0)).scaleb(shift).to_integral_value())


def _places(currency: str | None) -> int:
    from babel.numbers import get_currency_precision

    return 2 if currency is None else get_currency_precision(currency)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal))
