"""A whole history of points, written at once: that of another system, or of a past that rules are applied to anew.

Movements go through the same double entry as single ones: lots, debts that are paid by what comes, spending in the
order of expiry, keys that count once. Balances are held for all accounts of a batch, computed in memory and written by
few statements. Nobody is told of what happened long ago. Must not know rules, rewards or tiers.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit import CrmSession, new_id, write_rows
from crmkit_loyalty.ledger.expiry import expires_at
from crmkit_loyalty.ledger.giving import policy_of
from crmkit_loyalty.ledger.models import Balance, Lot, Posting, Transaction
from crmkit_loyalty.programs.models import Account, PointType

_PLAIN = {"synchronize_session": False}
_NEVER = float("inf")
CHUNK = 400


@frozen(kw_only=True)
class Movement:
    """Points that an account earned, or spent where ``points`` are below nought, at an instant. ``key`` counts once.
    ``expires_at`` is given where it does not follow from the kind of points."""

    key: str
    account: Account
    kind: PointType
    points: int
    at: datetime
    source: str = "import"
    reason: str | None = None
    interaction_id: UUID | None = None
    ref: str | None = None
    expires_at: datetime | None = None


@frozen
class Lacking:
    """A spending that was not written: how many points there were at its time."""

    available: int


@define
class _Part:
    """What is left of a lot; ``row`` is that of a new one."""

    lot_id: UUID
    left: int
    earned_at: datetime
    expires_at: datetime | None
    row: dict[str, Any] | None = None

    @property
    def order(self) -> tuple[float, float, UUID]:
        ends = _NEVER if self.expires_at is None else self.expires_at.timestamp()
        return ends, self.earned_at.timestamp(), self.lot_id


@define
class _Purse:
    """An account's points of one kind, as far as has been said. ``parts`` are its lots in the order of spending, known
    once they are asked for."""

    available: int
    pending: int
    active_at: datetime | None
    parts: list[_Part] = field(factory=list[_Part])
    known: bool = False
    touched: bool = False


def replay(session: CrmSession, movements: Sequence[Movement]) -> list[UUID | Lacking]:
    """Write movements down in their order, and return for each the id of its transaction, that of an earlier one where
    its key was written before, or `Lacking`, for which nothing is written.

    Who calls gives those of an account in the order of their time, a few thousand at once.
    """
    replaying = _Replaying(session, movements)
    found = [replaying.take(each) for each in movements]
    replaying.write()
    return found


class _Replaying:
    def __init__(self, session: CrmSession, movements: Sequence[Movement]) -> None:
        self._session = session
        self._now = session.gate.clock.business_now()
        self._recorded = session.gate.clock.now()
        self._actor = str(session.actor.id)[:80]
        self._zone = session.business().zone
        self._tz = ZoneInfo(self._zone)
        self._ends: dict[tuple[UUID, Any], datetime | None] = {}
        self._written: dict[str, UUID] = _written(session, [each.key for each in movements])
        self._purses = _purses(session, {(each.account.id, each.kind.id) for each in movements})
        spending = {(each.account.id, each.kind.id) for each in movements if each.points < 0}
        sliding = {(each.account.id, each.kind.id) for each in movements if each.kind.expiry == "sliding"}
        self._load(spending | sliding)
        self._transactions: list[dict[str, Any]] = []
        self._lots: list[dict[str, Any]] = []
        self._postings: list[dict[str, Any]] = []
        self._changed: dict[UUID, _Part] = {}

    # --- one movement ------------------------------------------------------------------------------------------------

    def take(self, movement: Movement) -> UUID | Lacking:
        known = self._written.get(movement.key)
        if known is not None:
            return known
        purse = self._purses[movement.account.id, movement.kind.id]
        identity = new_id()
        if movement.points >= 0:
            self._earn(movement, purse, identity)
        else:
            lacking = self._spend(movement, purse, identity)
            if lacking is not None:
                return lacking
        self._written[movement.key] = identity
        purse.touched = True
        if purse.active_at is None or purse.active_at < movement.at:
            purse.active_at = movement.at
        if movement.kind.expiry == "sliding":
            self._slide(movement, purse)
        self._transactions.append(
            {
                "id": identity,
                "recorded_at": self._recorded,
                "program_id": movement.account.program_id,
                "customer_id": movement.account.customer_id,
                "account_id": movement.account.id,
                "key": movement.key,
                "kind": "earn" if movement.points >= 0 else "spend",
                "at": movement.at,
                "source": movement.source if movement.points >= 0 else None,
                "rule": None,
                "reason": movement.reason,
                "interaction_id": movement.interaction_id,
                "about_id": None,
                "ref": movement.ref,
                "actor_id": self._actor,
            }
        )
        return identity

    def _earn(self, movement: Movement, purse: _Purse, identity: UUID) -> None:
        account, kind = movement.account, movement.kind
        ready = movement.at + timedelta(days=kind.pending_days)
        released = ready if ready <= self._now or kind.pending_days <= 0 else None
        lot_id = new_id()
        row = {
            "id": lot_id,
            "account_id": account.id,
            "customer_id": account.customer_id,
            "type_id": kind.id,
            "transaction_id": identity,
            "interaction_id": movement.interaction_id,
            "line_no": 0,
            "source": movement.source,
            "points": movement.points,
            "left": movement.points,
            "earned_at": movement.at,
            "available_at": ready,
            "released_at": released,
            "expires_at": movement.expires_at or self._end(kind, movement.at),
            "unit_cost": kind.unit_cost,
        }
        self._lots.append(row)
        line = _Lines(self._postings, movement, identity)
        line.add("issued", -movement.points)
        if released is None:
            line.add("pending", movement.points, lot_id)
            purse.pending += movement.points
            return
        line.add("available", movement.points, lot_id)
        owed = min(max(-purse.available, 0), movement.points)
        if owed:
            line.add("available", -owed, lot_id)
            line.add("available", owed)
            row["left"] -= owed
        purse.available += movement.points
        if purse.known and row["left"]:
            part = _Part(lot_id, row["left"], movement.at, row["expires_at"], row)
            insort(purse.parts, part, key=lambda each: each.order)

    def _spend(self, movement: Movement, purse: _Purse, identity: UUID) -> Lacking | None:
        wanted = -movement.points
        good = [each for each in purse.parts if each.expires_at is None or each.expires_at > movement.at]
        there = min(purse.available, sum(each.left for each in good))
        if there < wanted:
            return Lacking(max(there, 0))
        line = _Lines(self._postings, movement, identity)
        purse.available -= wanted
        for part in good:
            here = min(part.left, wanted)
            line.add("available", -here, part.lot_id)
            line.add("redeemed", here, part.lot_id)
            part.left -= here
            wanted -= here
            self._changed[part.lot_id] = part
            if not wanted:
                break
        purse.parts = [each for each in purse.parts if each.left]
        return None

    def _slide(self, movement: Movement, purse: _Purse) -> None:
        """Put the expiry off that follows activity; see `crmkit_loyalty.ledger.giving.slide`."""
        new = self._end(movement.kind, movement.at)
        for part in purse.parts:
            if new is not None and part.expires_at is not None and movement.at < part.expires_at < new:
                part.expires_at = new
                self._changed[part.lot_id] = part
        purse.parts.sort(key=lambda each: each.order)

    def _end(self, kind: PointType, at: datetime) -> datetime | None:
        key = kind.id, at.astimezone(self._tz).date()
        if key not in self._ends:
            self._ends[key] = expires_at(policy_of(kind), key[1], self._zone)
        return self._ends[key]

    # --- what there is -----------------------------------------------------------------------------------------------

    def _load(self, wanted: Iterable[tuple[UUID, UUID]]) -> None:
        keys = list(wanted)
        for key in keys:
            self._purses[key].known = True
        accounts = sorted({account for account, _kind in keys})
        for start in range(0, len(accounts), CHUNK):
            query = select(Lot.id, Lot.account_id, Lot.type_id, Lot.left, Lot.earned_at, Lot.expires_at).where(
                Lot.account_id.in_(accounts[start : start + CHUNK]), Lot.left > 0, Lot.released_at.is_not(None)
            )
            for row in self._session.execute(query):
                purse = self._purses.get((row.account_id, row.type_id))
                if purse is not None and purse.known:
                    purse.parts.append(_Part(row.id, row.left, row.earned_at, row.expires_at))
        for key in keys:
            self._purses[key].parts.sort(key=lambda each: each.order)

    # --- written down ------------------------------------------------------------------------------------------------

    def write(self) -> None:
        session = self._session
        for part in self._changed.values():
            if part.row is not None:
                part.row["left"], part.row["expires_at"] = part.left, part.expires_at
        write_rows(session, Transaction, self._transactions)
        write_rows(session, Lot, self._lots)
        write_rows(session, Posting, self._postings)
        for part in self._changed.values():
            if part.row is None:
                values = {"left": part.left, "expires_at": part.expires_at}
                session.execute(update(Lot).where(Lot.id == part.lot_id).values(values), execution_options=_PLAIN)
        for (account_id, type_id), purse in self._purses.items():
            if purse.touched:
                session.execute(
                    update(Balance)
                    .where(Balance.account_id == account_id, Balance.type_id == type_id)
                    .values(available=purse.available, pending=purse.pending, active_at=purse.active_at),
                    execution_options=_PLAIN,
                )


class _Lines:
    """The postings of one transaction, numbered as they come."""

    def __init__(self, rows: list[dict[str, Any]], movement: Movement, identity: UUID) -> None:
        self._rows, self._movement, self._identity, self._number = rows, movement, identity, 0

    def add(self, side: str, points: int, lot_id: UUID | None = None) -> None:
        if not points:
            return
        self._number += 1
        own = side in ("available", "pending")
        self._rows.append(
            {
                "transaction_id": self._identity,
                "line_no": self._number,
                "customer_id": self._movement.account.customer_id,
                "account_id": self._movement.account.id if own else None,
                "type_id": self._movement.kind.id,
                "side": side,
                "lot_id": lot_id,
                "points": points,
            }
        )


def _written(session: CrmSession, keys: Sequence[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for start in range(0, len(keys), CHUNK):
        query = select(Transaction.key, Transaction.id).where(Transaction.key.in_(keys[start : start + CHUNK]))
        found.update((row.key, row.id) for row in session.execute(query))
    return found


def _purses(session: CrmSession, keys: Iterable[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], _Purse]:
    """Return what accounts have, their rows held in one order until the transaction ends; they are made at first
    use."""
    wanted = sorted(keys, key=lambda key: (key[0].bytes, key[1].bytes))
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    found: dict[tuple[UUID, UUID], _Purse] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        accounts = [account for account, _kind in part]
        query = select(Balance.account_id, Balance.type_id).where(Balance.account_id.in_(accounts))
        there = {(row.account_id, row.type_id) for row in session.execute(query)}
        for account, kind in part:
            if (account, kind) not in there:
                row = {"account_id": account, "type_id": kind, "pending": 0, "available": 0, "held": 0}
                session.execute(dialect.insert(Balance).values(row).on_conflict_do_nothing())
        held = (
            select(Balance)
            .where(Balance.account_id.in_(accounts))
            .order_by(Balance.account_id, Balance.type_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for balance in session.scalars(held).all():
            key = balance.account_id, balance.type_id
            found[key] = _Purse(balance.available, balance.pending, balance.active_at)
            session.expire(balance)
    return found
