"""What points of a kind came and went within days, and whether the books agree about it to the point.

Everything is summed from the postings; it is held against the programme's sides of the double entry, and at present
against the balances and the lots that are kept beside them. Must not know what points cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from attrs import frozen
from sqlalchemy import and_, case, func, select

from crmkit import CrmSession
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.models import Balance, Lot, Posting, Transaction
from crmkit_loyalty.ledger.words import KINDS, OWN
from crmkit_loyalty.programs.models import Account, PointType


@frozen(kw_only=True)
class RollForward:
    """Points of a kind on accounts from the first to the last day, both included, of the company's zone.

    ``moved`` has what each kind of transaction changed, in the order of `KINDS`. The differences are nought where the
    books agree: between the accounts' sides and the programme's, and at present between them and the balances and lots
    that are kept (None for a day that is past, as of which neither is kept).
    """

    kind: PointType
    first: date
    last: date
    opening: int
    moved: Mapping[str, int]
    sides: Mapping[str, int]
    owed: int
    against_programme: int
    against_balances: int | None
    against_lots: int | None

    @property
    def closing(self) -> int:
        """Return how many points are on accounts at the end."""
        return self.opening + sum(self.moved.values())

    @property
    def differences(self) -> list[int]:
        """Return the differences that are known."""
        every = (self.against_programme, self.against_balances, self.against_lots)
        return [each for each in every if each is not None]


def roll_forward(session: CrmSession, kinds: Sequence[PointType], first: date, last: date) -> list[RollForward]:
    """Return what points of each kind came and went from one day to another one, by when it happened."""
    zone = session.business().zone
    begin, end = start_of(first, zone), start_of(last + timedelta(days=1), zone)
    present = end > session.gate.clock.business_now()
    ids = [each.id for each in kinds]
    moved = _moved(session, ids, begin, end)
    sides = _sides(session, ids, end)
    lots = _on_lots(session, ids, end)
    balances = _balances(session, ids) if present else {}
    left = _left(session, ids) if present else {}
    made: list[RollForward] = []
    for each in kinds:
        found, here = moved.get(each.id, {}), sides.get(each.id, {})
        own = sum(here.get(side, 0) for side in OWN)
        on_lots = lots.get(each.id, {})
        opening = sum(before for before, _within in found.values())
        changes = {kind: found[kind][1] for kind in KINDS if found.get(kind, (0, 0))[1]}
        closing = opening + sum(changes.values())
        made.append(
            RollForward(
                kind=each,
                first=first,
                last=last,
                opening=opening,
                moved=changes,
                sides={side: here.get(side, 0) for side in OWN},
                owed=sum(on_lots.values()) - own,
                against_programme=closing + sum(points for side, points in here.items() if side not in OWN),
                against_balances=closing - balances.get(each.id, 0) if present else None,
                against_lots=on_lots.get("pending", 0) + on_lots.get("available", 0) - left.get(each.id, 0)
                if present
                else None,
            )
        )
    return made


def _moved(
    session: CrmSession, ids: Sequence[UUID], begin: datetime, end: datetime
) -> dict[UUID, dict[str, tuple[int, int]]]:
    """Return by kind of points and of transaction what changed on accounts before, and within."""
    before = func.sum(case((Transaction.at < begin, Posting.points), else_=0))
    within = func.sum(case((Transaction.at >= begin, Posting.points), else_=0))
    query = (
        select(Posting.type_id, Transaction.kind, before, within)
        .select_from(Posting)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.type_id.in_(ids), Posting.side.in_(OWN), Transaction.at < end)
        .group_by(Posting.type_id, Transaction.kind)
    )
    found: dict[UUID, dict[str, tuple[int, int]]] = {}
    for type_id, kind, earlier, now in session.execute(query):
        found.setdefault(type_id, {})[kind] = int(earlier), int(now)
    return found


def _sides(session: CrmSession, ids: Sequence[UUID], end: datetime) -> dict[UUID, dict[str, int]]:
    query = (
        select(Posting.type_id, Posting.side, func.sum(Posting.points))
        .select_from(Posting)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.type_id.in_(ids), Transaction.at < end)
        .group_by(Posting.type_id, Posting.side)
    )
    found: dict[UUID, dict[str, int]] = {}
    for type_id, side, points in session.execute(query):
        found.setdefault(type_id, {})[side] = int(points)
    return found


def _on_lots(session: CrmSession, ids: Sequence[UUID], end: datetime) -> dict[UUID, dict[str, int]]:
    """Return by side what is on lots; what is on none is owed."""
    query = (
        select(Posting.type_id, Posting.side, func.sum(Posting.points))
        .select_from(Posting)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.type_id.in_(ids), and_(Posting.side.in_(OWN), Posting.lot_id.is_not(None)), Transaction.at < end)
        .group_by(Posting.type_id, Posting.side)
    )
    found: dict[UUID, dict[str, int]] = {}
    for type_id, side, points in session.execute(query):
        found.setdefault(type_id, {})[side] = int(points)
    return found


def _balances(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    whole = func.sum(Balance.pending + Balance.available + Balance.held)
    query = select(Balance.type_id, whole).join(Account, Account.id == Balance.account_id)
    rows = session.execute(query.where(Balance.type_id.in_(ids)).group_by(Balance.type_id))
    return {row[0]: int(row[1]) for row in rows}


def _left(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Lot.type_id, func.sum(Lot.left)).where(Lot.type_id.in_(ids)).group_by(Lot.type_id)
    return {row[0]: int(row[1]) for row in session.execute(query)}
