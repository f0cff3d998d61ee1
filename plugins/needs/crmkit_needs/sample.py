"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_needs.catalogue.models import ProductArea

NAME = "sample"


def use(crm: CRM, customer_id: UUID) -> None:
    """Write down what a customer needs, from a call and by themselves, bring two needs together and decide on one."""
    system = crm.system("a sample of needs")
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        area = session.scalar(select(ProductArea.id).where(ProductArea.name == NAME))
    if area is None:
        crm.run(system, "needs.area.create", {"name": NAME, "title": "Invoices"})
    new = {"title": "Invoices by mail", "kind": "request", "area": NAME, "urgency": "high"}
    need = crm.run(system, "needs.need.create", new)
    who = {"customer_id": customer_id, "quote": f"{name} types them in by hand.", "importance": 5, "satisfaction": 1}
    crm.run(system, "needs.evidence.add", who, target=need.id)
    call = {"kind": "note", "customer_id": customer_id, "subject": f"Call of {name}", "body": f"{name} asks again."}
    heard = crm.run(system, "interaction.record", call)
    crm.run(system, "needs.evidence.from_record", {"record": f"interaction:{heard.id}"}, target=need.id)
    crm.run(system, "needs.score.set", {"inputs": {"reach": "40", "effort": "2"}}, target=need.id)
    felt = {"customer_id": customer_id, "functional": 1, "dysfunctional": 5}
    crm.run(system, "needs.kano.answer", felt, target=need.id)
    twin = crm.run(system, "needs.need.create", {"title": "Mail invoices", "kind": "idea"})
    more = {"customer_id": customer_id, "quote": f"{name} would like a mail.", "importance": 3}
    crm.run(system, "needs.evidence.add", more, target=twin.id)
    crm.run(system, "needs.need.merge", {"into_id": need.id}, target=twin.id)
    crm.run(system, "needs.need.move", {"to": "under_review", "internal": "Asked for often."}, target=need.id)
