"""What time brings: points that waited become available, others expire, reservations run out.

Each batch is a transaction of its own and finds what is due by what is there, so that a run that breaks off loses
nothing and the next one goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, Job, Refused, new_id, operation, texts
from crmkit_loyalty.ledger.books import About, Books
from crmkit_loyalty.ledger.events import PointsExpired, PointsMoved
from crmkit_loyalty.ledger.holding import run_out
from crmkit_loyalty.ledger.models import Hold, Lot
from crmkit_loyalty.ledger.spending import Taken
from crmkit_loyalty.programs.models import Account, PointType

_ = texts("crmkit_loyalty")

RUN = "loyalty.ledger.run"
RELEASE, EXPIRE, RUN_OUT = "loyalty.ledger.release", "loyalty.ledger.expire", "loyalty.hold.run_out"
BATCH = 200
"""Accounts, or reservations, in one transaction."""


@operation(RELEASE, title=_("Release points that waited"), permission=RUN, hidden=True)
def release_due(session: CrmSession) -> int:
    """Make points available whose waiting time is over, of at most 200 accounts; return of how many accounts. Raises
    Refused outside system scope."""
    now = _by_itself(session)
    due = Lot.released_at.is_(None), Lot.available_at <= now
    ids = _accounts(session, *due)
    for account in _in_order(session, ids):
        lots = session.scalars(select(Lot).where(Lot.account_id == account.id, *due).order_by(Lot.id)).all()
        books = Books(session, [account], {each.type_id for each in lots})
        # Who came first has released some of them meanwhile.
        lots = session.scalars(
            select(Lot)
            .where(Lot.account_id == account.id, *due)
            .order_by(Lot.id)
            .execution_options(populate_existing=True)
        ).all()
        points: dict[UUID, int] = {}
        for each in lots:
            books.release(each)
            points[each.type_id] = points.get(each.type_id, 0) + each.left
        if any(points.values()):
            done = books.write(account, About(key=f"release {new_id()}", kind="release"))
            _tell(session, account, done.id, "release", points)
        elif lots:
            for each in lots:
                each.released_at = now  # all of it was taken back while it waited
            session.flush()
    return len(ids)


@operation(EXPIRE, title=_("Let points expire"), permission=RUN, hidden=True)
def expire_due(session: CrmSession) -> int:
    """Take points whose time is over, of at most 200 accounts; return of how many accounts. Raises Refused outside
    system scope."""
    now = _by_itself(session)
    due = Lot.left > 0, Lot.released_at.is_not(None), Lot.expires_at <= now
    ids = _accounts(session, *due)
    transactions: list[UUID] = []
    customers: list[UUID] = []
    for account in _in_order(session, ids):
        query = select(Lot).where(Lot.account_id == account.id, *due).order_by(Lot.id)
        books = Books(session, [account], {each.type_id for each in session.scalars(query)})
        lots = session.scalars(query.execution_options(populate_existing=True)).all()
        for each in lots:
            books.move(account.id, each.type_id, Taken(each.id, each.left), to="expired")
        if lots:
            done = books.write(account, About(key=f"expire {new_id()}", kind="expire"))
            transactions.append(done.id)
            customers.append(account.customer_id)
    if transactions:
        session.emit(PointsExpired(transaction_ids=tuple(transactions), customer_ids=tuple(customers)))
    return len(ids)


@operation(RUN_OUT, title=_("Let reservations run out"), permission=RUN, hidden=True)
def run_out_due(session: CrmSession) -> int:
    """Give up what was reserved for too long, at most 200 reservations; return how many. Raises Refused outside system
    scope."""
    now = _by_itself(session)
    query = select(Hold).where(Hold.state == "held", Hold.expires_at <= now).order_by(Hold.account_id, Hold.id)
    found = session.scalars(query.limit(BATCH).with_for_update()).all()
    for each in found:
        run_out(session, each)
    return len(found)


def run_all(crm: CRM, actor: Actor) -> int:
    """Do everything that is due, batch by batch, and return how many batches that took: the job of every hour."""
    batches = 0
    for name in (RUN_OUT, RELEASE, EXPIRE):
        while crm.run(actor, name):
            batches += 1
    return batches


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    run_all(crm, actor)


def _by_itself(session: CrmSession) -> datetime:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    return session.gate.clock.business_now()


def _accounts(session: CrmSession, *due: Any) -> Sequence[UUID]:
    return session.scalars(select(Lot.account_id).distinct().where(*due).order_by(Lot.account_id).limit(BATCH)).all()


def _in_order(session: CrmSession, ids: Sequence[UUID]) -> Sequence[Account]:
    return session.scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.id)).all()


def _tell(session: CrmSession, account: Account, transaction_id: UUID, kind: str, points: dict[UUID, int]) -> None:
    for type_id, number in points.items():
        session.emit(
            PointsMoved(
                transaction_id=transaction_id,
                account_id=account.id,
                customer_id=account.customer_id,
                kind=kind,
                point_type=session.get_one(PointType, type_id).name,
                points=number,
            )
        )


OPERATIONS = [release_due, expire_due, run_out_due]
JOBS = [
    Job(
        name="loyalty.ledger",
        title=_("Points that become available and that expire"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
