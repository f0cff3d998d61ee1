"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from crmkit_analytics.api import adopted, fit_now

from crmkit import CRM, CrmkitError
from crmkit_value.lifetimes.scoring import score_now

CURRENCY = "EUR"
OTHERS = 40


def use(crm: CRM, customer_id: UUID) -> None:
    """Have a customer buy among others, and compute scores, grades and lifetime values of all."""
    system = crm.system("a sample of value")
    with crm.session(system) as session:
        known = adopted(session, "value.bg_nbd")
        now = session.gate.clock.business_now()
        based = session.crm.config.get(session).base_currency
    if based is None:
        crm.run(system, "business.configure", {"base_currency": CURRENCY})
    money = based or CURRENCY
    bought = [
        {
            "kind": "purchase",
            "customer_id": customer_id,
            "occurred_at": now - timedelta(days=days),
            "amount": "100",
            "currency": money,
        }
        for days in (200, 150, 20)
    ]
    crm.run_many(system, "interaction.record", bought)
    if known is None:
        _others(crm, money)
        run = fit_now(crm, system, "value.bg_nbd", {"draws": 0})
        try:
            crm.run(system, "analytics.model_run.adopt", {}, target=run.id)
        except CrmkitError as error:  # the few invented customers may be told better by going on as before
            raise RuntimeError(f"the sample's own customers are told no better by the model: {error.code}") from error
    score_now(crm, system)
    crm.run(system, "value.rfm.compute", {})
    crm.run(system, "value.grade.compute", {})


def _others(crm: CRM, money: str) -> None:
    """Add customers who buy at rates of their own for a while, and then most of them no more."""
    system = crm.system("a sample of value")
    made = crm.run_many(system, "customer.create", [{"name": f"Sample {number}"} for number in range(OTHERS)])
    with crm.session(system) as session:
        now = session.gate.clock.business_now()
    rows = []
    for number, outcome in enumerate(made):
        gap, left = 8 + 7 * (number % 5), 30 + 40 * (number % 9)
        day, step = 400 - number, 0
        while day > left:
            amount = str(20 + 10 * (number % 7) + 3 * (step % 4))
            rows.append(
                {
                    "kind": "purchase",
                    "customer_id": outcome.result,
                    "occurred_at": now - timedelta(days=day),
                    "amount": amount,
                    "currency": money,
                }
            )
            step += 1
            day -= gap + 3 * ((number * 7 + step * 5) % 6)
    crm.run_many(system, "interaction.record", rows)
