"""How far quotas are reached: what is closed, what is open, and how many times that covers what is missing.

Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from attrs import frozen
from crmkit_work.api import customers_in_territory
from sqlalchemy import select

from crmkit import CrmSession, Period, Product, texts
from crmkit_sales.forecasting.deals import Deal, within
from crmkit_sales.forecasting.measures import attainment, coverage, velocity, win_rate
from crmkit_sales.forecasting.models import Quota
from crmkit_sales.forecasting.rates import Rates
from crmkit_sales.pipelines.models import OpportunityLine

_ = texts("crmkit_sales")


@frozen(kw_only=True)
class Standing:
    """How far a quota is reached, in minor units of the base currency; ``quota_minor`` is None where there is no rate.

    ``attainment`` is closed ÷ quota, ``coverage`` open ÷ (quota − closed).
    """

    quota: Quota
    quota_minor: int | None
    closed: int
    open_minor: int

    @property
    def attainment(self) -> float | None:
        """Return which part of the quota is closed, or None without one."""
        return None if self.quota_minor is None else attainment(self.closed, self.quota_minor)

    @property
    def coverage(self) -> float | None:
        """Return how many times what is open covers what is missing, or None once nothing is."""
        return None if self.quota_minor is None else coverage(self.open_minor, self.quota_minor, self.closed)


@frozen(kw_only=True)
class Speed:
    """How fast sales go: the win rate, the average deal in minor units, the days from opening to winning, and what is
    won a day by the open deals that there are; None where nothing was closed."""

    won: int
    lost: int
    rate: float | None
    average: float | None
    cycle_days: float | None
    velocity: float | None


def quotas_within(session: CrmSession, period: Period) -> list[Quota]:
    """Return the quotas whose days all lie in a period, that the actor may see."""
    query = select(Quota).where(Quota.first >= period.first, Quota.last <= period.last)
    return list(session.scalars(query.order_by(Quota.first, Quota.id)))


def combined(quotas: Iterable[Quota], rates: Rates) -> int | None:
    """Return what quotas of one come to in the base currency, or None where there is none, or no rate.

    Of quotas whose days lie in each other the longest counts: a quarter's holds those of its months.
    """
    taken: list[Quota] = []
    for each in sorted(quotas, key=lambda quota: (quota.first.toordinal() - quota.last.toordinal(), quota.first)):
        if all(each.last < other.first or other.last < each.first for other in taken):
            taken.append(each)
    values = [in_base(each, rates) for each in taken]
    return sum(value or 0 for value in values) if values and None not in values else None


def in_base(quota: Quota, rates: Rates) -> int | None:
    """Return a quota in minor units of the base currency at the rate of its first day, or None without a rate."""
    day = quota.first if rates.basis == "budget" else min(quota.first, rates.today)
    return rates.value(quota.amount_minor, quota.currency, day)


def standings(session: CrmSession, quotas: Sequence[Quota], deals: Sequence[Deal], rates: Rates) -> list[Standing]:
    """Return how far each quota is reached by some deals; what is omitted or lost counts nowhere."""
    found: list[Standing] = []
    lines = _by_category(session, deals, {each.category for each in quotas if each.category is not None})
    for quota in quotas:
        held = [each for each in deals if within(each, Period(first=quota.first, last=quota.last))]
        if quota.territory is not None:
            among = list({each.customer_id for each in held if each.customer_id is not None})
            inside = customers_in_territory(session, quota.territory, among)
            held = [each for each in held if each.customer_id in inside]
        elif quota.owner_id is not None:
            held = [each for each in held if each.owner_id == quota.owner_id]
        elif quota.team_id is not None:
            held = [each for each in held if each.team_id == quota.team_id]
        shares = None if quota.category is None else lines[quota.category]
        found.append(
            Standing(
                quota=quota,
                quota_minor=in_base(quota, rates),
                closed=_sum((each for each in held if each.kind == "won"), shares),
                open_minor=_sum((each for each in held if each.is_open and each.category != "omitted"), shares),
            )
        )
    return found


def speed(deals: Sequence[Deal], since: date, until: date) -> Speed:
    """Return how fast sales went among the deals that closed between two days, and go with those that are open."""
    closed = [each for each in deals if each.closed_on is not None and since <= each.closed_on <= until]
    won = [each for each in closed if each.kind == "won"]
    lost = sum(1 for each in closed if each.kind == "lost")
    rate = win_rate(len(won), lost)
    average = sum(each.counted for each in won) / len(won) if won else None
    days = [(each.closed_on - each.opened_on).days for each in won if each.closed_on and each.opened_on]
    cycle = sum(days) / len(days) if days else None
    opened = sum(1 for each in deals if each.is_open and each.category != "omitted")
    return Speed(
        won=len(won),
        lost=lost,
        rate=rate,
        average=average,
        cycle_days=cycle,
        velocity=None if average is None or cycle is None else velocity(opened, rate, average, cycle),
    )


def _sum(deals: Iterable[Deal], shares: dict[UUID, float] | None) -> int:
    if shares is None:
        return sum(each.counted for each in deals)
    return sum(round(each.counted * shares.get(each.id, 0.0)) for each in deals)


def _by_category(session: CrmSession, deals: Sequence[Deal], names: set[str]) -> dict[str, dict[UUID, float]]:
    """Return, by category, which part of each opportunity's lines is of its products."""
    found: dict[str, dict[UUID, float]] = {name: {} for name in names}
    ids = [each.id for each in deals] if names else []
    for start in range(0, len(ids), 1000):
        among = ids[start : start + 1000]
        total: dict[UUID, int] = defaultdict(int)
        parts: dict[tuple[str, UUID], int] = defaultdict(int)
        query = (
            select(OpportunityLine.opportunity_id, OpportunityLine.amount_minor, Product)
            .outerjoin(Product, Product.id == OpportunityLine.product_id)
            .where(OpportunityLine.opportunity_id.in_(among))
        )
        for identity, amount, product in session.execute(query):
            total[identity] += amount
            name = product.category.name if product is not None and product.category is not None else None
            if name in found:
                parts[(name, identity)] += amount
        for (name, identity), amount in parts.items():
            if total[identity]:
                found[name][identity] = amount / total[identity]
    return found
