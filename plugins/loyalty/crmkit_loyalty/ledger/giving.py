"""Points that come in: earned ones as lots, and those that were spent and come back.

Must not know what they are given for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select, update

from crmkit import CrmSession, new_id
from crmkit_loyalty.ledger.books import About, Books, known
from crmkit_loyalty.ledger.expiry import Policy, expires_at
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.spending import Taken
from crmkit_loyalty.programs.models import Account, PointType, Program

_PLAIN = {"synchronize_session": False}


@frozen(kw_only=True)
class Earned:
    """Points of a kind that are earned at once; ``line_no`` is the line of the purchase that they are for.
    ``pending_days`` and ``expires_at`` override the waiting time and the expiry of their kind."""

    kind: PointType
    points: int
    line_no: int = 0
    pending_days: int | None = None
    expires_at: datetime | None = None


def policy_of(kind: PointType) -> Policy:
    """Return how points of a kind expire."""
    return Policy(
        expiry=kind.expiry,
        months=kind.expiry_months,
        rounding=kind.expiry_rounding,
        month=kind.expiry_month,
        day=kind.expiry_day,
    )


def expiry_of(session: CrmSession, kind: PointType, at: datetime) -> datetime | None:
    """Return the first instant at which points that are earned at an instant are gone."""
    zone = session.business().zone
    return expires_at(policy_of(kind), at.astimezone(ZoneInfo(zone)).date(), zone)


def new_lot(session: CrmSession, account: Account, about: About, each: Earned, at: datetime) -> Lot:
    """Return a lot of points that are earned at an instant; what is recorded late has waited already."""
    days = each.kind.pending_days if each.pending_days is None else each.pending_days
    ready = at + timedelta(days=days)
    return Lot(
        id=new_id(),
        account_id=account.id,
        customer_id=account.customer_id,
        type_id=each.kind.id,
        interaction_id=about.interaction_id,
        line_no=each.line_no,
        source=about.source or "adjustment",
        points=each.points,
        left=each.points,
        earned_at=at,
        available_at=ready,
        released_at=ready if ready <= session.gate.clock.business_now() or days <= 0 else None,
        expires_at=each.expires_at or expiry_of(session, each.kind, at),
        unit_cost=each.kind.unit_cost,
    )


def earn(session: CrmSession, account: Account, about: About, earned: Sequence[Earned]) -> Transaction | None:
    """Give points to an account, one lot for each part, within one transaction; None for nothing. What was given under
    the same key before is returned again. What the account owes is paid from them first.

    ``about.at`` is when they were earned, from which waiting and expiry count.
    """
    before = known(session, about.key, about.kind, account.id)
    parts = [each for each in earned if each.points > 0]
    if before is not None or not parts:
        return before
    at = about.at or session.gate.clock.business_now()
    books = Books(session, [account], {each.kind.id for each in parts})
    for each in parts:
        books.issue(new_lot(session, account, about, each, at))
    found = books.write(account, about)
    for kind in {each.kind.id: each.kind for each in parts}.values():
        slide(session, account.id, kind, at)
    return found


def slide(session: CrmSession, account_id: UUID, kind: PointType, at: datetime) -> None:
    """Put the expiry of an account's points off where it follows activity; it never comes earlier, and what has expired
    stays so."""
    if kind.expiry != "sliding":
        return
    new = expiry_of(session, kind, at)
    session.execute(
        update(Lot)
        .where(
            Lot.account_id == account_id,
            Lot.type_id == kind.id,
            Lot.left > 0,
            Lot.expires_at < new,
            Lot.expires_at > at,
        )
        .values(expires_at=new),
        execution_options=_PLAIN,
    )


def given_back(session: CrmSession, spent_id: UUID) -> int:
    """Return how many points of a spending have been given back."""
    query = (
        select(func.coalesce(func.sum(Posting.points), 0))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Transaction.about_id == spent_id, Transaction.kind == "give_back", Posting.side == "redeemed")
    )
    return -int(session.scalars(query).one())


def give_back(session: CrmSession, spent: Transaction, points: int, about: About) -> Transaction | None:
    """Give points of a spending back to the lots that they came from, the ones taken last first, with the expiry that
    they had; those whose expiry has passed are good for the programme's grace again. Returns None for nothing.

    The caller has made sure that no more is given back than was spent.
    """
    before = known(session, about.key, about.kind)
    if before is not None or points <= 0:
        return before
    query = select(Posting).where(Posting.transaction_id == spent.id, Posting.side == "redeemed")
    lines = session.scalars(query.order_by(Posting.line_no.desc())).all()
    gone = given_back(session, spent.id)
    lots = {each.id: each for each in session.scalars(select(Lot).where(Lot.id.in_([row.lot_id for row in lines])))}
    accounts = {lot.account_id for lot in lots.values()}
    held = list(session.scalars(select(Account).where(Account.id.in_(accounts))))
    books = Books(session, held, {row.type_id for row in lines})
    program = session.get_one(Program, spent.program_id)
    now = session.gate.clock.business_now()
    grace = now + timedelta(days=program.grace_days)
    left = points
    for row in lines:
        here = row.points
        passed = min(gone, here)
        gone, here = gone - passed, min(here - passed, left)
        if here <= 0 or row.lot_id is None:
            continue
        lot = lots[row.lot_id]
        if lot.expires_at is not None and lot.expires_at <= now:
            lot.expires_at = grace
        books.put_back(lot.account_id, row.type_id, Taken(lot.id, here), of="redeemed")
        left -= here
    session.flush()
    account = session.get_one(Account, spent.account_id)
    return books.write(account, about)
