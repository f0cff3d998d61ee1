"""Uses the plugin for one customer, for the checks of ``crmkit plugin check``: what is kept then is as it really is.

Must not be imported by anything that runs in production.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor, Customer, User
from crmkit_work.calendars.models import WorkingHours

HOURS = "mon-fri 09:00-17:00"


def use(crm: CRM, customer_id: UUID) -> None:
    """Have two colleagues work with a customer: a task, a comment, a hand-off, a notice, working hours."""
    system = crm.system("a sample of work")
    ann, bob = _people(crm)
    with crm.session(system) as session:
        name = session.scalars(select(Customer.name).where(Customer.id == customer_id)).one()
        calendar = session.scalars(select(WorkingHours.id).where(WorkingHours.name == "sample")).first()
    if calendar is None:
        given = {"name": "sample", "hours": HOURS, "title": "Sample"}
        calendar = crm.run(system, "work.calendar.create", given).id
        crm.run(system, "work.queue.create", {"name": "sample", "title": "Sample"})
        crm.run(system, "work.calendar.set_days", {"day": date(2031, 1, 2)}, target=calendar)
    crm.run(system, "work.calendar.assign_customer", {"customer_id": customer_id}, target=calendar)
    task = {"title": f"Call {name} back", "description": f"{name} has asked for it", "customer_id": customer_id}
    made = crm.run(ann, "work.task.create", {**task, "due": "tomorrow 10:00", "owner_id": ann.user_id})
    crm.run(ann, "work.task.note", {"note": f"{name} was not there"}, target=made.id)
    ref = f"customer:{customer_id}"
    crm.run(ann, "work.comment.add", {"ref": ref, "text": f"{name} would rather be written to"})
    crm.run(ann, "work.notice.send", {"title": "Look at this", "user_id": bob.user_id, "customer_id": customer_id})
    offer = {"title": "Take over", "request": f"{name} moves", "to_user_id": bob.user_id, "customer_id": customer_id}
    crm.run(ann, "work.handoff.offer", offer)
    crm.run(system, "work.assignment.create", {"ref": ref, "customer_id": customer_id, "queue": "sample"})


def _people(crm: CRM) -> tuple[Actor, Actor]:
    """Return two colleagues of one team, who are added at the first time."""
    system = crm.system("a sample of work")
    with crm.session(system) as session:
        known = {user.login: user.id for user in session.scalars(select(User))}
    if "sample.ann" not in known:
        team = crm.run(system, "team.create", {"name": "Sample"})
        for login, name in (("sample.ann", "Ann"), ("sample.bob", "Bob")):
            user = crm.run(system, "user.create", {"login": login, "name": name})
            crm.run(system, "user.assign_role", {"role": "admin"}, target=user.id)
            crm.run(system, "team.add_member", {"user_id": user.id}, target=team.id)
            known[login] = user.id
    return Actor.user(known["sample.ann"], "Ann"), Actor.user(known["sample.bob"], "Bob")
