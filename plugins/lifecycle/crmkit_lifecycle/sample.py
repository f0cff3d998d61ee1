"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_lifecycle.caring.models import ListTemplate


def use(crm: CRM, customer_id: UUID) -> None:
    """Bring a customer on a way, with a reason, a list, a review and an attempt to win back."""
    system = crm.system("a sample of lifecycle")
    with crm.session(system) as session:
        today = session.today()
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        there = session.scalar(select(ListTemplate.id).where(ListTemplate.name == "sample")) is not None
    if not there:
        crm.run(
            system,
            "lifecycle.template.create",
            {"name": "sample", "title": "Sample", "items": [{"title": "Call"}, {"title": "Visit"}]},
        )
        crm.run(
            system,
            "lifecycle.winback.create",
            {"name": "sample", "title": "Sample", "eligible": "true", "task": "Call", "control_percent": "0"},
        )
    crm.run(
        system,
        "lifecycle.passage.move",
        {"customer_id": customer_id, "stage": "prospect", "reason": f"{name} has asked at the fair"},
    )
    crm.run(
        system,
        "lifecycle.passage.move",
        {"customer_id": customer_id, "stage": "engaged", "reason": f"{name} wants to hear more"},
    )
    crm.run(system, "lifecycle.checklist.start", {"customer_id": customer_id, "template": "sample"})
    review = crm.run(
        system,
        "lifecycle.review.plan",
        {
            "customer_id": customer_id,
            "kind": "qbr",
            "title": f"Review with {name}",
            "due_on": today + timedelta(days=30),
        },
    )
    crm.run(system, "lifecycle.review.hold", {"result": f"{name} is content"}, target=review.id)
    crm.run(system, "lifecycle.winback.carry_out")
