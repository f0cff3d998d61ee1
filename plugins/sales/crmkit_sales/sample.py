"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer, Team
from crmkit_sales.pool.models import Holding, Pool

CURRENCY = "EUR"


def use(crm: CRM, customer_id: UUID) -> None:
    """Sell to a customer: a lead, an opportunity, a quote, an order, a contract, and a place in a pool."""
    system = crm.system("a sample of sales")
    _prepare(crm)
    with crm.session(system) as session:
        today = session.today()
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
    said = {"customer_id": customer_id, "title": f"Tea for {name}", "need": f"{name} wants tea", "intent": "high"}
    crm.run(system, "sales.lead.create", said)
    deal = {"customer_id": customer_id, "title": f"A year of tea for {name}", "currency": CURRENCY}
    made = crm.run(
        system, "sales.opportunity.create", {**deal, "amount_minor": 120_000, "expected_close": today, "source": "fair"}
    )
    lines = [{"text": f"Tea for {name}", "quantity": "12", "unit_price": "100", "tax_rate": "0"}]
    quote = crm.run(
        system, "sales.quote.create", {"opportunity_id": made.id, "currency": CURRENCY, "terms": "Net", "lines": lines}
    )
    crm.run(system, "sales.quote.send", {"way": "hand"}, target=quote.id)
    crm.run(system, "sales.quote.accept", {"name": name}, target=quote.id)
    crm.run(system, "sales.order.from_quote", {"quote_id": quote.id})
    crm.run(
        system,
        "sales.contract.create",
        {
            "customer_id": customer_id,
            "title": f"Supply of {name}",
            "start_on": today,
            "term_months": 12,
            "value_minor": 10_000,
            "currency": CURRENCY,
        },
    )
    crm.run(system, "sales.opportunity.lose", {"reason": f"{name} has no budget"}, target=made.id)
    crm.run(system, "sales.pool.run")
    with crm.session(system) as session:
        place = session.scalar(select(Holding.id).where(Holding.customer_id == customer_id))
    if place is not None:
        crm.run(system, "sales.holding.lock", {"reason": f"{name} moves"}, target=place)
    crm.run(system, "sales.score.run")


def _prepare(crm: CRM) -> None:
    """Lay down what all customers share, at the first time."""
    system = crm.system("a sample of sales")
    with crm.session(system) as session:
        if session.scalar(select(Pool.id)) is not None:
            return
        team = session.scalar(select(Team.id).limit(1))
    if team is None:
        team = crm.run(system, "team.create", {"name": "Sample"}).id
    crm.run(system, "sales.pool.create", {"name": "sample", "title": "Sample", "team_id": team, "condition": "true"})
