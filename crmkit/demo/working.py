"""Something to do on the first day: hours of work, a queue, and tasks about the best customers, for who looks around.

Does what its plugin has operations for, and nothing where that is not enabled.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.figures import best_customers
from crmkit.core.store.actor import Actor
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

HOURS = "mon-fri 09:00-12:30 13:30-17:30"
QUEUE = "service"
TASKS = (
    (_("Thank for the large order"), timedelta(days=-1), "normal"),
    (_("Ask how the new season's goods sell"), timedelta(hours=3), "high"),
    (_("Send the new price list"), timedelta(days=1), "normal"),
    (_("Clear up the return of damaged goods"), timedelta(hours=1), "urgent"),
    (_("Plan a visit"), timedelta(days=4), "low"),
)
"""What there is to do, when from now, and how urgent it is; each about one of the best customers."""


def give_work(cli: Invocation, user_id: UUID) -> None:
    """Give a user working hours, a queue and tasks. To be called once."""
    crm, actor = cli.crm, Actor.system("demonstration")
    if "work.task.create" not in crm.registry.operations:
        return
    now = crm.clock.now()
    with crm.session(actor) as session:
        currency = crm.config.get(session).base_currency
        best = [each.customer_id for each in best_customers(session, currency=currency, limit=len(TASKS))]
        if not best:
            best = list(session.scalars(select(Customer.id).order_by(Customer.id).limit(len(TASKS))))
    with crm.transaction(actor) as session:
        calendar = {"name": "office", "hours": HOURS, "holiday_country": "GB", "usual": True}
        session.run("work.calendar.create", {**calendar, "title": cli.text(_("Office"))})
        queue = session.run("work.queue.create", {"name": QUEUE, "title": cli.text(_("Service"))})
        session.run("work.queue.add_member", {"user_id": user_id}, target=queue)
        session.run("work.person.set_presence", {"user_id": user_id, "presence": "available"})
        for customer_id, (title, away, priority) in zip(best, TASKS, strict=False):
            values = {"title": cli.text(title), "customer_id": customer_id, "owner_id": user_id, "priority": priority}
            session.run("work.task.create", {**values, "due_at": now + away})
