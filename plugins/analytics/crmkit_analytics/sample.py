"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from crmkit import CRM, Customer


def use(crm: CRM, customer_id: UUID) -> None:
    """Lay down a funnel and a figure, ask for a fit, and look for alerts; none of them holds anything of a customer."""
    system = crm.system("a sample of analytics")
    with crm.session(system) as session:
        today = session.today()
        known = session.get(Customer, customer_id)
    if known is None:
        return
    steps = [{"title": "Called", "kind": "call"}, {"title": "Bought", "kind": "purchase"}]
    crm.run(system, "analytics.funnel.save", {"name": "sample", "title": "Sample", "steps": steps})
    crm.run(
        system,
        "analytics.metric.save",
        {"name": "sample", "title": "Sample", "formula": "Purchases by customers", "grain": "a month"},
    )
    crm.run(system, "analytics.model_run.request", {"model": "analytics.clusters"})
    crm.run(system, "analytics.alert.find", {"day": today - timedelta(days=1)})
