"""What is due of contracts each day: owners are told in time, what renews itself is renewed, what is over ends.

A day that was missed is caught up, and nothing happens twice: what a contract was told of, and the term that follows
it, are in its rows. Must not know why a contract ends.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_work.api import NewTask, create_task
from sqlalchemy import and_, or_, select

from crmkit import CrmSession, Input, Job, Refused, Subscription, User, operation, texts
from crmkit.i18n import translate
from crmkit_sales.contracts.ending import NextTerm, finish, make_next
from crmkit_sales.contracts.events import ContractReminded
from crmkit_sales.contracts.models import Contract
from crmkit_sales.pipelines.events import OpportunityWon

_ = texts("crmkit_sales")
_log = logging.getLogger("crmkit.sales")

MOST = 1000
NOON = time(12)
REMINDERS = {
    "automatic": _("{contract} renews itself on {day} unless notice is given by {notice}: {title}"),
    "manual": _("{contract} ends on {day} unless it is renewed: {title}"),
    "none": _("{contract} ends on {day}: {title}"),
}
"""What a reminder says, by what happens at the end."""


@frozen(kw_only=True)
class Kept:
    """What a day has brought: how many contracts were seen to, how many failed, and whether there are more."""

    contracts: int
    failed: int
    left: bool


@operation("sales.contract.keep", title=_("See to what is due"), permission="sales.contract.update", hidden=True)
def keep_contract(session: CrmSession, contract: Contract) -> None:
    """See to what is due of a contract today. Raises Refused outside system scope."""
    _require_system(session)
    today = session.today()
    found: Contract | None = contract
    while found is not None and found.is_running:
        if found.end_on is None or found.end_on >= today:
            _remind(session, found, today)
            break
        if found.state == "active" and found.renewal == "automatic":
            # A job that is late by more than a term makes one after the other.
            found = make_next(session, found, NextTerm(), automatic=True)
        else:
            finish(session, found, found.end_on)
            found = None


@operation("sales.contract.tick", title=_("Look through contracts"), permission="sales.contract.update", hidden=True)
def tick(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=100_000, classified="internal")] = MOST,
) -> Kept:
    """See to every contract of which something is due, each in a savepoint of its own: one that fails costs itself
    alone. Raises Refused outside system scope."""
    _require_system(session)
    today = session.today()
    told = or_(Contract.reminded_for.is_(None), Contract.reminded_for != Contract.notice_by)
    query = select(Contract.id).where(
        Contract.state.in_(("active", "notice_given")),
        or_(Contract.end_on < today, and_(Contract.state == "active", Contract.remind_on <= today, told)),
    )
    done = failed = 0
    ids = session.scalars(query.order_by(Contract.end_on, Contract.id).limit(most)).all()
    for identity in ids:
        try:
            session.run("sales.contract.keep", target=identity)
            done += 1
        except Exception as error:
            # Undone to its savepoint. Whatever it is, the other contracts must not wait for it.
            failed += 1
            _log.warning("contract %s could not be seen to: %r", identity, error)
    return Kept(contracts=done, failed=failed, left=len(ids) == most)


def _remind(session: CrmSession, contract: Contract, today: date) -> None:
    """Give the owner a task, once for each last day of notice; who has to renew gets an opportunity besides."""
    due = contract.notice_by
    if contract.state != "active" or due is None or contract.remind_on is None or contract.remind_on > today:
        return
    if contract.reminded_for == due:
        return
    contract.reminded_for = due
    config = session.crm.config.get(session)
    end = contract.end_on or due
    day = end + timedelta(days=1) if contract.renewal == "automatic" else end
    title = translate(
        REMINDERS[contract.renewal],
        config.language,
        contract=contract.label,
        day=day.isoformat(),
        notice=due.isoformat(),
        title=contract.title,
    )
    create_task(
        session,
        NewTask(
            title=title[:300],
            customer_id=contract.customer_id,
            owner_id=_active(session, contract.owner_id),
            due_at=datetime.combine(due, NOON, ZoneInfo(config.zone)),
            ref=f"sales.contract:{contract.id}",
            source="sales",
        ),
    )
    if contract.renewal == "manual":
        session.run("sales.contract.open_renewal", target=contract.id)
    session.emit(ContractReminded(contract_id=contract.id, customer_id=contract.customer_id, notice_by=due))


def _active(session: CrmSession, user_id: UUID | None) -> UUID | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.id if user is not None and user.active else None


def keep_job(session: CrmSession, tick: object) -> None:
    """See to contracts: the job of every day."""
    while True:
        kept = session.run("sales.contract.tick")
        if not kept.left or not kept.contracts:
            break


def renewal_won(session: CrmSession, event: OpportunityWon) -> None:
    """Renew the contract whose renewal was won."""
    query = select(Contract.id).where(
        Contract.renewal_opportunity_id == event.opportunity_id, Contract.state == "active"
    )
    found = session.scalar(query)
    if found is not None:
        session.run("sales.contract.renew", target=found)


def is_renewal(session: CrmSession, event: OpportunityWon) -> bool:
    """Say whether an opportunity is the renewal of a contract."""
    return (
        session.scalar(select(Contract.id).where(Contract.renewal_opportunity_id == event.opportunity_id)) is not None
    )


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


OPERATIONS = [keep_contract, tick]
JOBS = [
    Job(
        name="sales.contracts",
        title=_("Reminders, renewals and ends of contracts"),
        handler=keep_job,
        cron="10 0 * * *",
        catch_up="latest",
        acts_as="system",
        lease=900,
    )
]
SUBSCRIPTIONS = [
    Subscription(name="sales.renew_contract", event="sales.opportunity.won", handler=renewal_won, wanted=is_renewal)
]
