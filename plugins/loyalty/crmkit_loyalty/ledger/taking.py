"""Points that go out: spent, transferred, taken back. Must not know what for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, new_id
from crmkit_loyalty.ledger.books import About, Books, known
from crmkit_loyalty.ledger.errors import AccountNotOpen, NotEnoughPoints
from crmkit_loyalty.ledger.giving import slide
from crmkit_loyalty.ledger.models import Lot, Transaction
from crmkit_loyalty.ledger.spending import Part, Taken, take
from crmkit_loyalty.programs.models import Account, PointType, Program
from crmkit_loyalty.programs.words import ACCOUNT_STATES


def spend(
    session: CrmSession,
    accounts: Sequence[Account],
    kind: PointType,
    points: int,
    about: About,
    *,
    to: str = "redeemed",
) -> Transaction:
    """Take points from accounts, what expires earliest first whichever it is on, to another side. What was taken under
    the same key before is returned again. Raises NotEnoughPoints, AccountNotOpen."""
    before = known(session, about.key, about.kind)
    if before is not None:
        return before
    for each in accounts:
        if each.state != "open":
            raise AccountNotOpen(each.number, ACCOUNT_STATES[each.state])
    now = session.gate.clock.business_now()
    books = Books(session, accounts, [kind.id])
    whose: dict[UUID, UUID] = {}
    parts: list[Part] = []
    for each in accounts:
        for part in books.lots(each.id, kind.id, now):
            whose[part.lot_id] = each.id
            parts.append(part)
    taken, lacking = take(parts, points)
    if lacking or not taken:
        raise NotEnoughPoints(points, sum(part.left for part in parts), kind.title)
    for each in taken:
        books.move(whose[each.lot_id], kind.id, each, to=to)
    found = books.write(accounts[0], about)
    for account_id in {whose[each.lot_id] for each in taken}:
        slide(session, account_id, kind, now)
    return found


def transfer(
    session: CrmSession, source: Account, target: Account, kind: PointType, points: int, about: About
) -> Transaction:
    """Move points from one account to another one; they keep when they expire and what they cost. Raises
    NotEnoughPoints, AccountNotOpen."""
    before = known(session, about.key, about.kind, source.id)
    if before is not None:
        return before
    for each in (source, target):
        if each.state != "open":
            raise AccountNotOpen(each.number, ACCOUNT_STATES[each.state])
    now = session.gate.clock.business_now()
    books = Books(session, [source, target], [kind.id])
    parts = books.lots(source.id, kind.id, now)
    taken, lacking = take(parts, points)
    if lacking or not taken:
        raise NotEnoughPoints(points, sum(part.left for part in parts), kind.title)
    old = {each.id: each for each in session.scalars(select(Lot).where(Lot.id.in_([t.lot_id for t in taken])))}
    for each in taken:
        # "issued" passes them on: it is left as it was.
        books.move(source.id, kind.id, each, to="issued")
        books.issue(_passed_on(old[each.lot_id], target, each.points))
    return books.write(source, about)


def _passed_on(lot: Lot, target: Account, points: int) -> Lot:
    return Lot(
        id=new_id(),
        account_id=target.id,
        customer_id=target.customer_id,
        type_id=lot.type_id,
        interaction_id=None,
        line_no=0,
        source="transfer",
        points=points,
        left=points,
        earned_at=lot.earned_at,
        available_at=lot.available_at,
        released_at=lot.released_at,
        expires_at=lot.expires_at,
        unit_cost=lot.unit_cost,
    )


def claw_back(session: CrmSession, earned: Transaction, wanted: dict[UUID, int], about: About) -> Transaction | None:
    """Take points of an earning back, so many of each of its lots: from the lot itself as far as something is left of
    it, whether it waits or not; for the rest as the programme's policy says: the account owes it, other lots pay, or it
    is written off. Returns None for nothing."""
    before = known(session, about.key, about.kind, earned.account_id)
    if before is not None or not any(wanted.values()):
        return before
    account = session.get_one(Account, earned.account_id)
    program = session.get_one(Program, earned.program_id)
    lots = session.scalars(select(Lot).where(Lot.id.in_(list(wanted))).order_by(Lot.id)).all()
    books = Books(session, [account], {each.type_id for each in lots})
    for lot in lots:
        session.refresh(lot)
    now = session.gate.clock.business_now()
    short: dict[UUID, list[Taken]] = {}
    for lot in lots:
        here = min(lot.left, wanted[lot.id])
        if here:
            side = "available" if lot.released_at is not None else "pending"
            books.move(account.id, lot.type_id, Taken(lot.id, here), to="reversed", of=side)
        if wanted[lot.id] > here:
            short.setdefault(lot.type_id, []).append(Taken(lot.id, wanted[lot.id] - here))
    for type_id, rest in short.items():
        points = sum(each.points for each in rest)
        if program.clawback == "other_lots":
            points -= sum(each.points for each in books.spend(account.id, type_id, points, now, to="reversed"))
        if points and program.clawback == "negative":
            books.owe(account.id, type_id, points, to="reversed")
        elif points:
            books.write_off(type_id, points, to="reversed")
    return books.write(account, about)


def due_lots(session: CrmSession, account_id: UUID, at: datetime) -> Sequence[Lot]:
    """Return the lots of an account that have expired and of which something is left."""
    query = select(Lot).where(
        Lot.account_id == account_id, Lot.left > 0, Lot.released_at.is_not(None), Lot.expires_at <= at
    )
    return session.scalars(query.order_by(Lot.id)).all()
