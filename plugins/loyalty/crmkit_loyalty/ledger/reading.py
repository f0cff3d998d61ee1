"""Reading the books: balances, what expires next, the history, and whether everything agrees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func, literal_column, select

from crmkit import CrmSession
from crmkit_loyalty.ledger.models import Balance, Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import OWN
from crmkit_loyalty.programs.models import Account, PointType


@frozen(kw_only=True)
class Standing:
    """How many points of a kind a customer has: those that can be spent, wait and are reserved, and how many expire
    next and when."""

    kind: PointType
    available: int
    pending: int
    held: int
    expiring: int
    expires_at: datetime | None


@frozen(kw_only=True)
class Movement:
    """A transaction as it changed the accounts of a customer: how many points could be spent more, or less."""

    transaction: Transaction
    type_id: UUID
    available: int
    pending: int
    held: int


@frozen(kw_only=True)
class Disagreement:
    """Where the books do not agree: ``what`` is "transaction", "balance" or "lot"."""

    what: str
    record_id: UUID
    stated: int
    counted: int


def standing_of(session: CrmSession, accounts: Sequence[Account], kinds: Sequence[PointType]) -> list[Standing]:
    """Return how many points of each kind accounts have together. Points whose time is over count no more, though no
    job may have taken them yet."""
    now = session.gate.clock.business_now()
    ids = [each.id for each in accounts]
    if not ids:
        return [Standing(kind=k, available=0, pending=0, held=0, expiring=0, expires_at=None) for k in kinds]
    sums = {
        row[0]: row[1:]
        for row in session.execute(
            select(Balance.type_id, func.sum(Balance.available), func.sum(Balance.pending), func.sum(Balance.held))
            .where(Balance.account_id.in_(ids))
            .group_by(Balance.type_id)
        )
    }
    # As it stands in the index: a parameter would not be known to be it.
    good = (Lot.account_id.in_(ids), Lot.left > literal_column("0"), Lot.released_at.is_not(None))
    over = {
        row[0]: int(row[1])
        for row in session.execute(
            select(Lot.type_id, func.sum(Lot.left)).where(*good, Lot.expires_at <= now).group_by(Lot.type_id)
        )
    }
    found: list[Standing] = []
    for kind in kinds:
        available, pending, held = (int(each or 0) for each in sums.get(kind.id, (0, 0, 0)))
        # One group in the order of an index, not the sum of all lots.
        upcoming = session.execute(
            select(Lot.expires_at, func.sum(Lot.left))
            .where(*good, Lot.type_id == kind.id, Lot.expires_at > now)
            .group_by(Lot.expires_at)
            .order_by(Lot.expires_at)
            .limit(1)
        ).first()
        found.append(
            Standing(
                kind=kind,
                available=available - over.get(kind.id, 0),
                pending=pending,
                held=held,
                expiring=int(upcoming[1]) if upcoming is not None else 0,
                expires_at=upcoming[0] if upcoming is not None else None,
            )
        )
    return found


def history_of(session: CrmSession, account_ids: Sequence[UUID], limit: int = 50) -> list[Movement]:
    """Return what happened to the points of accounts, the latest first."""

    def side(name: str) -> object:
        return func.sum(case((Posting.side == name, Posting.points), else_=0))

    query = (
        select(Transaction, Posting.type_id, side("available"), side("pending"), side("held"))
        .join(Posting, Posting.transaction_id == Transaction.id)
        .where(Posting.account_id.in_(list(account_ids)))
        .group_by(Transaction.id, Posting.type_id)
        .order_by(Transaction.at.desc(), Transaction.id.desc())
        .limit(limit)
    )
    return [
        Movement(transaction=row[0], type_id=row[1], available=int(row[2]), pending=int(row[3]), held=int(row[4]))
        for row in session.execute(query)
    ]


def disagreements(session: CrmSession, most: int = 100) -> list[Disagreement]:
    """Return where the books do not agree: transactions whose postings do not sum to nought, balances and lots that are
    not what their postings come to. An empty list is what there should be."""
    found: list[Disagreement] = []
    uneven = (
        select(Posting.transaction_id, func.sum(Posting.points))
        .group_by(Posting.transaction_id, Posting.type_id)
        .having(func.sum(Posting.points) != 0)
        .limit(most)
    )
    found += [
        Disagreement(what="transaction", record_id=row[0], stated=0, counted=int(row[1]))
        for row in session.execute(uneven)
    ]
    for name in OWN:
        side = getattr(Balance, name)
        counted = (
            select(Posting.account_id, Posting.type_id, func.sum(Posting.points).label("points"))
            .where(Posting.side == name, Posting.account_id.is_not(None))
            .group_by(Posting.account_id, Posting.type_id)
            .subquery()
        )
        points = func.coalesce(counted.c.points, 0)
        query = (
            select(Balance.account_id, side, points)
            .outerjoin(
                counted,
                (counted.c.account_id == Balance.account_id) & (counted.c.type_id == Balance.type_id),
            )
            .where(side != points)
            .limit(most)
        )
        found += [
            Disagreement(what="balance", record_id=row[0], stated=int(row[1]), counted=int(row[2]))
            for row in session.execute(query)
        ]
        # An account of which no balance is kept has none to differ: its points stand in no balance at all.
        lacking = (
            select(counted.c.account_id, counted.c.points)
            .outerjoin(
                Balance,
                (Balance.account_id == counted.c.account_id) & (Balance.type_id == counted.c.type_id),
            )
            .where(Balance.account_id.is_(None), counted.c.points != 0)
            .limit(most)
        )
        found += [
            Disagreement(what="balance", record_id=row[0], stated=0, counted=int(row[1]))
            for row in session.execute(lacking)
        ]
    counted = (
        select(Posting.lot_id, func.sum(Posting.points).label("points"))
        .where(Posting.side.in_(("pending", "available")), Posting.lot_id.is_not(None))
        .group_by(Posting.lot_id)
        .subquery()
    )
    points = func.coalesce(counted.c.points, 0)
    query = select(Lot.id, Lot.left, points).outerjoin(counted, counted.c.lot_id == Lot.id)
    found += [
        Disagreement(what="lot", record_id=row[0], stated=int(row[1]), counted=int(row[2]))
        for row in session.execute(query.where(Lot.left != points).limit(most))
    ]
    return found[:most]
