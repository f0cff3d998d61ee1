"""A shop whose customers buy for a year and a half in ways of their own, for tests of value."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from crmkit_analytics.api import fit_now

from crmkit import CRM
from tests.plugins.analytics.shop import SYSTEM, Shop

START, TODAY = date(2025, 1, 1), date(2026, 7, 1)


def stocked(crm: CRM, number: int = 60, seed: int = 5) -> tuple[Shop, list[UUID]]:
    """Return a shop with customers of whom some have left, in the present of `TODAY`; the same each time."""
    shop, chance = Shop(crm=crm, today=TODAY), random.Random(seed)
    names = [f"Customer {place}" for place in range(number)]
    made = crm.run_many(SYSTEM, "customer.create", [{"name": name, "source": "fair"} for name in names])
    ids = [each.result for each in made]
    rows = []
    for id_ in ids:
        gap, stays, spend = chance.choice((10, 25, 60)), chance.randint(0, 500), chance.choice((20, 60, 200))
        day = START + timedelta(days=chance.randint(0, 90))
        last = min(TODAY, day + timedelta(days=stays))
        while day <= last:
            rows.append((id_, day, max(1, round(chance.gauss(spend, spend / 5)))))
            day += timedelta(days=1 + round(chance.expovariate(1 / gap)))
    crm.run_many(
        SYSTEM,
        "interaction.record",
        [
            {"kind": "purchase", "customer_id": id_, "occurred_at": noon(day), "amount": str(amount), "currency": "CNY"}
            for id_, day, amount in rows
        ],
    )
    return shop, ids


def noon(day: date) -> datetime:
    """Return noon of a day in Shanghai."""
    return datetime.combine(day, time(4), UTC)


def adopt(crm: CRM, model: str = "value.bg_nbd", until: date = TODAY, **parameters: object) -> UUID:
    """Fit a model up to a day, have it count, and return its run."""
    run = fit_now(crm, SYSTEM, model, {"draws": 25, **parameters}, data_until=until)
    crm.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    return run.id
