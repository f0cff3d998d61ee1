"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_churn.defining.models import ChurnDefinition
from crmkit_churn.retention.models import Playbook
from crmkit_churn.scoring.models import Departure
from crmkit_churn.watching.models import ChurnWarning, WarningRule


def use(crm: CRM, customer_id: UUID) -> None:
    """Warn of a customer, do something about it, and see them leave all the same."""
    system = crm.system("a sample of churn")
    with crm.session(system) as session:
        today, now = session.today(), session.gate.clock.business_now()
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        fresh = session.scalar(select(ChurnDefinition.id).limit(1)) is None
    if fresh:
        crm.run(system, "churn.definition.create", {"name": "silent", "title": "Silent for long", "kind": "gap"})
        rule = {"name": "sample", "title": "At risk", "when": "churn.probability >= 0.5", "cost_minor": 500}
        crm.run(system, "churn.warning_rule.create", rule)
        steps = [{"title": "Call them", "due": "+2wd"}]
        crm.run(system, "churn.playbook.create", {"name": "call", "title": "Call", "steps": steps, "holdout": 0.0})
    reasons = [{"feature": "purchase.count", "value": 1.0, "log_odds": 0.4}]
    said = {"customer_id": customer_id, "probability": 0.8, "reasons": reasons}
    crm.run(system, "churn.score.keep", {"run_id": customer_id, "as_of": now, "horizon": 90, "items": [said]})
    judged = {"customer_id": customer_id, "points": 20.0, "cause": "computed", "known": 1.0, "parts": []}
    crm.run(system, "churn.health.keep", {"as_of": now, "items": [judged]})
    crm.run(
        system,
        "churn.health.override",
        {"customer_id": customer_id, "points": 30, "until": now + timedelta(days=9), "reason": f"{name} is angry"},
    )
    crm.run(system, "churn.warning.watch", {})
    with crm.session(system) as session:
        warning = session.scalars(select(ChurnWarning.id).where(ChurnWarning.customer_id == customer_id)).first()
        book = session.scalars(select(Playbook.name).order_by(Playbook.name)).first()
        assert session.scalar(select(WarningRule.id).limit(1)) is not None
    crm.run(system, "churn.playbook.start", {"playbook": book, "customer_id": customer_id})
    items = [{"customer_id": customer_id, "since": today}]
    crm.run(system, "churn.departure.note", {"definition": "silent", "items": items})
    with crm.session(system) as session:
        departure = session.scalars(select(Departure.id).where(Departure.customer_id == customer_id)).first()
    said_of = {"reason": "rival", "rival": "Acme", "said": f"{name} found it cheaper"}
    crm.run(system, "churn.departure.explain", said_of, target=departure)
    if warning is not None:
        crm.run(system, "churn.warning.settle", {"to": "lost", "note": f"{name} has left"}, target=warning)
