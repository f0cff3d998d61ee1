"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, ContactPoint, Customer
from crmkit_service.channels.models import HandlingRate


def use(crm: CRM, customer_id: UUID) -> None:
    """Serve a customer: a call, a complaint that is handled, solved and rated, and a repair."""
    system = crm.system("a sample of service")
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        priced = session.scalar(select(HandlingRate.id)) is not None
        currency = session.crm.config.get(session).base_currency
    if not priced and currency is not None:
        crm.run(system, "service.cost.set", {"since": date(2020, 1, 1), "hourly_minor": 4200})
    call = {"customer_id": customer_id, "subject": f"Call of {name}", "body": f"{name} asks for a copy.", "minutes": 4}
    first = crm.run(system, "service.call.log", call)
    complaint = crm.run(
        system,
        "service.case.create",
        {
            "customer_id": customer_id,
            "subject": f"{name} complains",
            "body": f"The kettle of {name} leaks.",
            "type": "complaint",
            "channel": "form",
        },
    )
    crm.run(system, "service.case.note", {"body": f"{name} has called twice."}, target=complaint.id)
    answer = {"body": f"Dear {name}, we are sorry.", "channel": "phone"}
    crm.run(system, "service.case.reply", answer, target=complaint.id)
    crm.run(system, "service.case.log_time", {"minutes": 12}, target=complaint.id)
    found = {"root_cause": "product", "upheld": "yes", "finding": f"The lid of {name}'s kettle was cracked."}
    crm.run(system, "service.complaint.update", {**found, "severity": "minor"}, target=complaint.id)
    repair = {"kind": "repair", "case_id": complaint.id, "serial": f"K-{customer_id.hex[:6]}", "work": f"For {name}"}
    crm.run(system, "service.after_sale.create", repair)
    crm.run(system, "service.case.reply", {**answer, "state": "resolved"}, target=first.id)
    crm.run(system, "service.case.rate", {"score": 4, "comment": f"{name} was waiting"}, target=first.id)
    twin = {"customer_id": customer_id, "subject": f"{name} again", "body": "Any news?"}
    second = crm.run(system, "service.case.create", {**twin, "source": "sample", "external_id": f"c {customer_id}"})
    crm.run(system, "service.case.merge", {"into_id": complaint.id}, target=second.id)
    with crm.session(system) as session:
        known = select(ContactPoint).where(ContactPoint.customer_id == customer_id, ContactPoint.kind == "email")
        point = session.scalars(known.limit(1)).first()
        email = point.value if point is not None else None
    if email is not None:
        request = {"source": "sample", "external_id": f"r {customer_id}", "text": f"{name} asks", "email": email}
        crm.run(system, "service.request.capture", request)
