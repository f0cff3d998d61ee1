"""Something to help with on the first day: cases in the inbox, some late, some answered, one complaint, for who looks
around.

Does what the plugin service has operations for, and nothing where that is not enabled. All of it is made up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from crmkit.core.interactions.figures import best_customers
from crmkit.core.store.actor import Actor
from crmkit.demo.working import QUEUE
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

HOURLY_MINOR = 2_400
"""What an hour of work on cases costs, in minor units of the base currency."""


@frozen(kw_only=True)
class _Case:
    """One case: what it is about, how many hours before now it came in, and what became of it."""

    type: str
    subject: str
    body: str
    channel: str
    hours: float
    priority: str = "normal"
    reply: str = ""
    after: float = 1.0
    """Hours after which it was answered."""
    state: str = ""
    minutes: int = 0
    score: int | None = None
    mine: bool = True


CASES = (
    _Case(
        type="complaint",
        subject=_("Half of the jars arrived broken"),
        body=_("Four of eight glass jars of yesterday's delivery are broken. We need them before the weekend."),
        channel="mail",
        hours=9,
        priority="high",
    ),
    _Case(
        type="support",
        subject=_("The till does not read the labels"),
        body=_("The barcodes of the new range cannot be read by our till. What can we do?"),
        channel="form",
        hours=3,
    ),
    _Case(
        type="consultation",
        subject=_("Is the tea set safe for dishwashers?"),
        body=_("Two customers asked us today; the sheet does not say."),
        channel="mail",
        hours=5,
        reply=_("Yes, all of it but the gilded one, which should be washed by hand."),
        state="waiting_customer",
        minutes=6,
    ),
    _Case(
        type="complaint",
        subject=_("Invoiced twice"),
        body=_("The order of last week stands twice on the statement."),
        channel="phone",
        hours=30,
        reply=_("You are right, and we are sorry: the second one was taken back today."),
        after=2,
        state="resolved",
        minutes=14,
        score=5,
    ),
    _Case(
        type="consultation",
        subject=_("Delivery before Christmas?"),
        body=_("Until when do we have to order so that it is here on the 22nd?"),
        channel="mail",
        hours=26,
        reply=_("Orders that reach us by the 16th are with you on the 20th at the latest."),
        after=6,
        state="resolved",
        minutes=4,
        score=4,
    ),
    _Case(
        type="support",
        subject=_("How are the shelves put together?"),
        body=_("The instructions are missing in two of the boxes."),
        channel="chat",
        hours=50,
        reply=_("Here they are, with our apologies. The next boxes have been checked."),
        after=20,
        state="resolved",
        minutes=11,
        score=2,
    ),
    _Case(
        type="consultation",
        subject=_("Samples of the spring range"),
        body=_("Could we see the new colours before we order?"),
        channel="form",
        hours=1,
        mine=False,
    ),
    _Case(
        type="support",
        subject=_("Wrong colour of ribbon"),
        body=_("We ordered red, and it is pink."),
        channel="mail",
        hours=2,
        mine=False,
    ),
)


def give_service(cli: Invocation, user_id: UUID) -> None:
    """Give a user cases of all kinds. To be called once, after `give_work`, whose queue they come into."""
    crm, actor = cli.crm, Actor.system("demonstration")
    if "service.case.create" not in crm.registry.operations:
        return
    now = crm.clock.business_now()
    with crm.session(actor) as session:
        currency = crm.config.get(session).base_currency
        best = [each.customer_id for each in best_customers(session, currency=currency, limit=len(CASES) + 3)][3:]
        since = session.today() - timedelta(days=365)
    with crm.transaction(actor) as session:
        session.run("service.cost.set", {"since": since, "hourly_minor": HOURLY_MINOR})
        for customer_id, case in zip(best, CASES, strict=False):
            came = now - timedelta(hours=case.hours)
            values: dict[str, Any] = {
                "customer_id": customer_id,
                "type": case.type,
                "subject": cli.text(case.subject),
                "body": cli.text(case.body),
                "channel": case.channel,
                "priority": case.priority,
                "queue": QUEUE,
                "opened_at": came,
            }
            made = session.run("service.case.create", {**values, "owner_id": user_id} if case.mine else values)
            if case.reply:
                said = {"body": cli.text(case.reply), "channel": "phone", "at": came + timedelta(hours=case.after)}
                session.run("service.case.reply", said, target=made)
            if case.type == "complaint" and case.state:
                found = {"root_cause": "billing", "upheld": "yes"}
                session.run("service.complaint.update", found, target=made)
            if case.state:
                session.run("service.case.set_state", {"state": case.state}, target=made)
            if case.minutes:
                session.run("service.case.log_time", {"minutes": case.minutes}, target=made)
            if case.score is not None:
                session.run("service.case.rate", {"score": case.score}, target=made)
        reply = {"title": cli.text(_("We are looking into it")), "scope": "global"}
        session.run(
            "service.saved_reply.create",
            {**reply, "body": cli.text(_("Thank you for telling us. You hear from us today."))},
        )
