"""What pools do by themselves: take in whom they are for, warn holders, and take customers back.

In system scope, every quarter of an hour, and after somebody was assigned by other ways. Must not be called by people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit_work.api import NewNotice, notify
from sqlalchemy import func, or_, select

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    Job,
    Refused,
    Subscription,
    customers_where,
    operation,
    texts,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pool.keeping import free, hold, note, protection
from crmkit_sales.pool.models import Holding, Pool
from crmkit_sales.pool.terms import Due, Terms, due
from crmkit_sales.pool.words import CONTACT

_ = texts("crmkit_sales")

MOST = 5000
"""Most customers of a pool that one run takes in; the next one goes on."""
CHUNK = 500
PATH = "/modules/sales/pool"


@operation("sales.pool.run", title=_("Look after the pools"), permission="sales.pool.update", hidden=True)
def run(session: CrmSession) -> None:
    """Take in, let go, warn and take back. Raises Refused outside system scope."""
    _alone(session)
    taken = select(Holding.customer_id)
    for pool in session.scalars(select(Pool).where(Pool.active.is_(True)).order_by(Pool.position, Pool.name)).all():
        try:
            within = customers_where(session, pool.condition)
        except CrmkitError:
            # A fact that it names is gone: the check of crmkit doctor says so, and nobody loses anybody over it.
            continue
        _let_go(session, pool, within)
        _take_in(session, pool, within, taken)
        _take_back(session, pool)


def _take_in(session: CrmSession, pool: Pool, within: Any, taken: Any) -> None:
    query = select(Customer.id, Customer.owner_id).where(
        Customer.id.in_(within), Customer.id.not_in(taken), Customer.deleted_at.is_(None)
    )
    if not pool.covers_owned:
        query = query.where(Customer.owner_id.is_(None))
    now = session.gate.clock.business_now()
    found = session.execute(query.order_by(Customer.id).limit(MOST)).all()
    for part in _parts(found):
        for customer_id, owner_id in part:
            holding = Holding(
                customer_id=customer_id,
                pool_id=pool.id,
                owner_id=owner_id,
                team_id=pool.team_id,
                state="free" if owner_id is None else "held",
                since=now,
                protected_until=protection(pool, now) if owner_id is not None else None,
            )
            session.add(holding)
            note(session, holding, "entered", user_id=owner_id)
        session.flush()


def _let_go(session: CrmSession, pool: Pool, within: Any) -> None:
    gone = select(Holding).where(
        Holding.pool_id == pool.id, Holding.state != "locked", Holding.customer_id.not_in(within)
    )
    for holding in session.scalars(gone.order_by(Holding.id).limit(MOST)).all():
        note(session, holding, "left", user_id=holding.owner_id)
        session.delete(holding)
    session.flush()


def _take_back(session: CrmSession, pool: Pool) -> None:
    now, today = session.gate.clock.business_now(), session.today()
    zone = ZoneInfo(session.crm.config.get(session).zone)
    if pool.no_contact_days is None and pool.no_deal_days is None:
        return
    held = select(Holding).where(Holding.pool_id == pool.id, Holding.state == "held").order_by(Holding.id)
    for part in _parts(session.scalars(held).all()):
        falls_due = dues(session, pool, part)
        for holding in part:
            found = falls_due.get(holding.id)
            if found is None:
                continue
            if found.at <= now:
                _recycle(session, holding, found.reason)
            elif found.at - timedelta(days=pool.warn_days) <= now:
                day = found.at.astimezone(zone).date()
                if holding.warned_for != day and day >= today:
                    holding.warned_for = day
                    _warn(session, holding, day, found.reason)


def _recycle(session: CrmSession, holding: Holding, reason: str) -> None:
    lost = holding.owner_id
    try:
        with session.begin_nested():
            session.run("customer.assign", {"owner_id": None}, target=holding.customer_id)
    except CrmkitError:
        # Customers have to have an owner here: then they stay with theirs. The check of crmkit doctor says so.
        return
    free(session, holding, reason)
    _tell(session, lost, holding.customer_id, _("{customer} went back to the pool."))


def _warn(session: CrmSession, holding: Holding, day: Any, reason: str) -> None:
    title = (
        _("{customer} goes back to the pool on {day}, as nobody was in touch.")
        if reason == "no_contact"
        else _("{customer} goes back to the pool on {day}, as nothing was sold.")
    )
    _tell(session, holding.owner_id, holding.customer_id, title, day=day)


def _tell(session: CrmSession, user_id: UUID | None, customer_id: UUID, title: str, **values: Any) -> None:
    notify(
        session,
        [user_id],
        NewNotice(kind="sales.pool", title=title, values=values, customer_id=customer_id, path=PATH),
    )


def dues(session: CrmSession, pool: Pool, holdings: Sequence[Holding]) -> dict[UUID, Due]:
    """Return when customers of a pool go back, by the ids of their holdings; those that never do are left out."""
    ids = [each.customer_id for each in holdings]
    contacts = _latest(session, Interaction.customer_id, Interaction.occurred_at, ids, Interaction.kind.in_(CONTACT))
    deals = _latest(session, Opportunity.customer_id, Opportunity.closed_at, ids, Opportunity.stage_kind == "won")
    bought = _latest(session, Interaction.customer_id, Interaction.occurred_at, ids, Interaction.kind == "purchase")
    terms = Terms(no_contact_days=pool.no_contact_days, no_deal_days=pool.no_deal_days)
    found: dict[UUID, Due] = {}
    for each in holdings:
        deal = [at for at in (deals.get(each.customer_id), bought.get(each.customer_id)) if at is not None]
        falls = due(
            terms,
            since=each.since,
            last_contact=contacts.get(each.customer_id),
            last_deal=max(deal, default=None),
            protected_until=each.protected_until,
        )
        if falls is not None:
            found[each.id] = falls
    return found


def _latest(session: CrmSession, customer: Any, at: Any, ids: Sequence[UUID], condition: Any) -> dict[UUID, datetime]:
    now = session.gate.clock.business_now()
    found: dict[UUID, datetime] = {}
    for part in _parts(ids):
        query = select(customer, func.max(at)).where(customer.in_(part), condition, at <= now).group_by(customer)
        found |= {key: value for key, value in session.execute(query) if value is not None}
    return found


@operation("sales.pool.follow", title=_("Follow an assignment"), permission="sales.pool.update", hidden=True)
def follow(
    session: CrmSession,
    *,
    customer_ids: Annotated[list[UUID], Input(classified="internal")],
    owner_id: Annotated[UUID | None, Input(classified="internal")] = None,
) -> None:
    """Note that customers in pools were given to somebody, or taken away, by other ways. Raises Refused outside system
    scope."""
    _alone(session)
    for part in _parts(customer_ids):
        query = select(Holding).where(
            Holding.customer_id.in_(part),
            or_(Holding.owner_id.is_distinct_from(owner_id)),
        )
        for holding in session.scalars(query.order_by(Holding.id)).all():
            if owner_id is None:
                free(session, holding, "released")
            else:
                hold(session, holding, session.get_one(Pool, holding.pool_id), owner_id, "assigned")


def assigned(session: CrmSession, event: Any) -> None:
    """Follow customers who were assigned."""
    session.run("sales.pool.follow", {"customer_ids": list(event.customer_ids), "owner_id": event.owner_id})


def run_job(session: CrmSession, tick: datetime | None = None) -> None:
    """Look after the pools: the job."""
    session.run("sales.pool.run")


def _alone(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _parts(items: Sequence[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, CHUNK)):
        yield part


OPERATIONS = [run, follow]
JOBS = [
    Job(
        name="sales.pool_keep",
        title=_("Look after the pools"),
        handler=run_job,
        every="15 minutes",
        catch_up="latest",
        acts_as="system",
    ),
    Job(name="sales.pool_run", title=_("Look after the pools"), handler=run_job, acts_as="system"),
]
SUBSCRIPTIONS = [Subscription(name="sales.pool_assigned", event="customer.assigned", handler=assigned)]
