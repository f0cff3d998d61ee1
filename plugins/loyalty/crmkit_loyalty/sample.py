"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Customer
from crmkit_loyalty.programs.models import Program

NAME = "sample"


def use(crm: CRM, customer_id: UUID) -> None:
    """Have a customer join, earn by a purchase, get points and a tier by hand, reserve some, and redeem a reward."""
    system = crm.system("a sample of loyalty")
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        there = session.scalar(select(Program.id).where(Program.name == NAME))
    if there is None:
        _set_up(crm)
    member = crm.run(system, "loyalty.member.join", {"customer_id": customer_id, "program": NAME})
    given = {"points": 500, "reason": f"{name} complained on the phone"}
    crm.run(system, "loyalty.points.adjust", given, target=member.account_id)
    past = {"customer_id": customer_id, "program": NAME, "points": 30, "reason": f"{name} had them before"}
    crm.run(system, "loyalty.grant.import", past)
    crm.run(system, "loyalty.tier.grant", {"tier": "gold", "reason": f"{name} asked for it"}, target=member.id)
    wanted = {"customer_id": customer_id, "program": NAME, "points": 50}
    spent = crm.run(system, "loyalty.points.spend", {**wanted, "reason": f"{name} paid with points"})
    crm.run(system, "loyalty.points.give_back", {"points": 10, "reason": f"{name} brought it back"}, target=spent.id)
    crm.run(system, "loyalty.hold.create", {**wanted, "ref": f"customer:{customer_id}"})
    crm.run(system, "loyalty.redemption.create", {"customer_id": customer_id, "reward": "sample_cup"})
    crm.run(system, "loyalty.referral.create", {"customer_id": customer_id, "invitation": "23456789", "program": NAME})
    sent = crm.run(system, "loyalty.redemption.create", {"customer_id": customer_id, "reward": "sample_goods"})
    crm.run(system, "loyalty.redemption.move", {"to": "shipped", "tracking": f"for {name}"}, target=sent.id)


def _set_up(crm: CRM) -> None:
    system = crm.system("a sample of loyalty")
    crm.run(system, "loyalty.program.create", {"name": NAME, "title": "Sample"})
    crm.run(system, "loyalty.point_type.create", {"program": NAME, "name": "points", "expiry": "rolling"})
    crm.run(system, "loyalty.tier_metric.create", {"program": NAME, "name": "earned", "source": "points"})
    crm.run(system, "loyalty.tier.create", {"program": NAME, "name": "basic", "level": 0})
    crm.run(system, "loyalty.tier.create", {"program": NAME, "name": "gold", "level": 1, "reach": {"earned": "1000"}})
    crm.run(system, "loyalty.reward.create", {"program": NAME, "name": "sample_cup", "points": 20})
    goods = {"program": NAME, "name": "sample_goods", "points": 20, "kind": "goods", "stock": 1_000_000}
    crm.run(system, "loyalty.reward.create", goods)
    crm.run(system, "loyalty.referral_policy.set", {"program": NAME, "referrer_points": 10})
    challenge = {"program": NAME, "name": "sample_regular", "target": 3, "points": 10, "badge": "Regular"}
    made = crm.run(system, "loyalty.challenge.create", challenge)
    crm.run(system, "loyalty.challenge.publish", target=made.id)
