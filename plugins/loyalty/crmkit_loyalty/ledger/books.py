"""The books: the one place in which points move.

A `Books` is opened for accounts and kinds of points, collects what is to happen to them, and writes it down as one
transaction whose postings sum to nought for each kind. The rows of the balances are held from the opening to the end of
the transaction, in one order, so that what is left of lots is changed by one at a time and nobody waits for each other;
balances and lots are then changed by statements that do nothing where there is less than is taken.

What is left of a lot is the sum of the postings that name it on a member's sides, reserved ones left out; what an
account can spend is what is left of its lots that have been released, less what it owes: postings of side "available"
without a lot. Must not know rules, rewards or tiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit import CrmSession, new_id, texts
from crmkit_loyalty.ledger.errors import KeyTaken
from crmkit_loyalty.ledger.models import Balance, Lot, Posting, Transaction
from crmkit_loyalty.ledger.spending import Part, Taken, take
from crmkit_loyalty.ledger.words import KINDS
from crmkit_loyalty.programs.models import Account

_ = texts("crmkit_loyalty")

_PLAIN = {"synchronize_session": False}
CHUNK = 500


@frozen(kw_only=True)
class About:
    """What a transaction says of itself beside its postings. ``at`` None is now, by the business's clock."""

    key: str
    kind: str
    at: datetime | None = None
    source: str | None = None
    rule: str | None = None
    reason: str | None = None
    interaction_id: UUID | None = None
    about_id: UUID | None = None
    ref: str | None = None


@frozen(kw_only=True)
class Line:
    """One posting to be: points of a kind on a side; ``account_id`` for the sides of a member."""

    type_id: UUID
    side: str
    points: int
    account_id: UUID | None = None
    lot_id: UUID | None = None


def known(session: CrmSession, key: str, kind: str, account_id: UUID | None = None) -> Transaction | None:
    """Return the transaction that was written under a key before, if any. Raises KeyTaken where that was something
    else."""
    found = session.scalars(select(Transaction).where(Transaction.key == key)).first()
    if found is not None and (found.kind != kind or account_id not in (None, found.account_id)):
        raise KeyTaken(key, KINDS[found.kind])
    return found


class Books:
    """The balances of some accounts, held, and what is to happen to them."""

    def __init__(self, session: CrmSession, accounts: Iterable[Account], type_ids: Iterable[UUID]) -> None:
        self._session = session
        self._accounts = {each.id: each for each in accounts}
        self._lines: list[Line] = []
        self._lots: dict[UUID, Lot] = {}
        self._changes: dict[UUID, int] = {}
        self._released: list[UUID] = []
        self.transaction_id = new_id()
        keys = sorted({(a, t) for a in self._accounts for t in type_ids}, key=lambda key: (key[0].bytes, key[1].bytes))
        self._before = {key: _held(session, *key) for key in keys}
        self._available = {key: balance.available for key, balance in self._before.items()}

    # --- what there is -----------------------------------------------------------------------------------------------

    def available(self, account_id: UUID, type_id: UUID) -> int:
        """Return how many points can be spent, as far as has been said; below nought where some are owed."""
        return self._available[account_id, type_id]

    def lots(self, account_id: UUID, type_id: UUID, at: datetime) -> list[Part]:
        """Return the lots from which points can be spent at an instant, as far as has been said."""
        query = select(Lot.id, Lot.left, Lot.earned_at, Lot.expires_at).where(
            Lot.account_id == account_id,
            Lot.type_id == type_id,
            Lot.left > 0,
            Lot.released_at.is_not(None),
            (Lot.expires_at.is_(None)) | (Lot.expires_at > at),
        )
        rows = [Part(lot_id=r.id, left=r.left, earned_at=r.earned_at, expires_at=r.expires_at)
                for r in self._session.execute(query)]  # fmt: skip
        rows += [
            Part(lot_id=lot.id, left=lot.left, earned_at=lot.earned_at, expires_at=lot.expires_at)
            for lot in self._lots.values()
            if (lot.account_id, lot.type_id) == (account_id, type_id) and lot.released_at is not None
        ]
        return [
            Part(lot_id=each.lot_id, left=left, earned_at=each.earned_at, expires_at=each.expires_at)
            for each in rows
            if (left := each.left + self._changes.get(each.lot_id, 0)) > 0
        ]

    # --- what is to happen -------------------------------------------------------------------------------------------

    def issue(self, lot: Lot, *, side: str = "issued") -> None:
        """Have points come into being as a lot, or come from another side of the programme."""
        lot.transaction_id = self.transaction_id
        self._lots[lot.id] = lot
        self._line(lot.type_id, side, -lot.points)
        own = "pending" if lot.released_at is None else "available"
        self._line(lot.type_id, own, lot.points, lot.account_id, lot.id)
        if lot.released_at is not None:
            self._settle(lot.account_id, lot.type_id, [Taken(lot.id, lot.points)])

    def release(self, lot: Lot) -> None:
        """Have what is left of a lot that waited become available."""
        self._line(lot.type_id, "pending", -lot.left, lot.account_id, lot.id)
        self._line(lot.type_id, "available", lot.left, lot.account_id, lot.id)
        self._released.append(lot.id)
        self._settle(lot.account_id, lot.type_id, [Taken(lot.id, lot.left)])

    def spend(self, account_id: UUID, type_id: UUID, points: int, at: datetime, *, to: str) -> Sequence[Taken]:
        """Take points that can be spent, in the order in which they expire, to another side, and return from which
        lots. Takes what there is: whether it is enough has been asked before."""
        taken, _lacking = take(self.lots(account_id, type_id, at), points)
        for each in taken:
            self.move(account_id, type_id, each, to=to)
        return taken

    def move(self, account_id: UUID, type_id: UUID, taken: Taken, *, to: str, of: str = "available") -> None:
        """Take points of a lot from the side ``of`` a member to another side."""
        self._line(type_id, of, -taken.points, account_id, taken.lot_id)
        self._line(type_id, to, taken.points, account_id if to == "held" else None, taken.lot_id)
        if of != "held":
            self._changes[taken.lot_id] = self._changes.get(taken.lot_id, 0) - taken.points

    def put_back(self, account_id: UUID, type_id: UUID, taken: Taken, *, of: str) -> None:
        """Give points back to the lot that they were taken from, from the side ``of`` which they are now."""
        self._line(type_id, of, -taken.points, account_id if of == "held" else None, taken.lot_id)
        self._line(type_id, "available", taken.points, account_id, taken.lot_id)
        self._changes[taken.lot_id] = self._changes.get(taken.lot_id, 0) + taken.points
        self._settle(account_id, type_id, [taken])

    def owe(self, account_id: UUID, type_id: UUID, points: int, *, to: str) -> None:
        """Take points that are not there: the account owes them until others come."""
        self._line(type_id, "available", -points, account_id)
        self._line(type_id, to, points)

    def write_off(self, type_id: UUID, points: int, *, to: str) -> None:
        """Write points off that cannot be had, from the programme's own side to another one."""
        self._line(type_id, "written_off", -points)
        self._line(type_id, to, points)

    def _settle(self, account_id: UUID, type_id: UUID, come: Sequence[Taken]) -> None:
        """Pay what the account owes from points that have just come."""
        came = sum(each.points for each in come)
        owed = -(self._available[account_id, type_id] - came)
        for each in come:
            paid = min(owed, each.points)
            if paid > 0:
                self._line(type_id, "available", -paid, account_id, each.lot_id)
                self._line(type_id, "available", paid, account_id)
                self._changes[each.lot_id] = self._changes.get(each.lot_id, 0) - paid
                owed -= paid

    def _line(
        self, type_id: UUID, side: str, points: int, account_id: UUID | None = None, lot_id: UUID | None = None
    ) -> None:
        if points:
            self._lines.append(Line(type_id=type_id, side=side, points=points, account_id=account_id, lot_id=lot_id))
        if side == "available" and account_id is not None:
            self._available[account_id, type_id] += points

    # --- written down ------------------------------------------------------------------------------------------------

    def write(self, account: Account, about: About) -> Transaction:
        """Write everything down as one transaction of an account, and return it. Raises AssertionError where postings
        do not sum to nought, or more is taken than there is: a mistake of the caller."""
        session, now = self._session, self._session.gate.clock.business_now()
        sums: dict[UUID, int] = {}
        for line in self._lines:
            sums[line.type_id] = sums.get(line.type_id, 0) + line.points
        if any(sums.values()) or not self._lines:
            raise AssertionError(f"postings of {about.kind} sum to {sorted(sums.values())}")
        transaction = Transaction(
            id=self.transaction_id,
            recorded_at=session.gate.clock.now(),
            program_id=account.program_id,
            customer_id=account.customer_id,
            account_id=account.id,
            key=about.key,
            kind=about.kind,
            at=about.at or now,
            source=about.source,
            rule=about.rule,
            reason=(about.reason or "").strip()[:500] or None,
            interaction_id=about.interaction_id,
            about_id=about.about_id,
            ref=about.ref,
            actor_id=str(session.actor.id)[:80],
        )
        session.add(transaction)
        session.flush()
        for lot in self._lots.values():
            lot.left += self._changes.pop(lot.id, 0)
            session.add(lot)
        session.flush()
        self._change_lots(now)
        self._change_balances(transaction.at, about.kind)
        session.add_all(self._rows())
        session.flush()
        return transaction

    def _rows(self) -> list[Posting]:
        own = next(iter(self._accounts.values()))
        return [
            Posting(
                transaction_id=self.transaction_id,
                line_no=number,
                customer_id=self._accounts.get(line.account_id or own.id, own).customer_id,
                account_id=line.account_id,
                type_id=line.type_id,
                side=line.side,
                lot_id=line.lot_id,
                points=line.points,
            )
            for number, line in enumerate(self._lines, 1)
        ]

    def _change_lots(self, now: datetime) -> None:
        session = self._session
        for lot_id, change in sorted(self._changes.items(), key=lambda item: item[0].bytes):
            statement = update(Lot).where(Lot.id == lot_id, Lot.left >= -change).values(left=Lot.left + change)
            done: Any = session.execute(statement, execution_options=_PLAIN)
            if done.rowcount != 1:
                raise AssertionError(f"lot {lot_id} has fewer than {-change} points")
        for start in range(0, len(self._released), CHUNK):
            part = self._released[start : start + CHUNK]
            session.execute(update(Lot).where(Lot.id.in_(part)).values(released_at=now), execution_options=_PLAIN)
        for each in list(session.identity_map.values()):
            if isinstance(each, Lot) and (each.id in self._changes or each.id in self._released):
                session.expire(each)

    def _change_balances(self, at: datetime, kind: str) -> None:
        session = self._session
        changes: dict[tuple[UUID, UUID], dict[str, int]] = {}
        for line in self._lines:
            if line.account_id is not None:
                sides = changes.setdefault((line.account_id, line.type_id), {})
                sides[line.side] = sides.get(line.side, 0) + line.points
        for (account_id, type_id), sides in changes.items():
            values: dict[str, Any] = {side: getattr(Balance, side) + points for side, points in sides.items() if points}
            if kind in ("earn", "spend", "capture", "hold", "transfer"):
                values["active_at"] = at
            before = self._before[account_id, type_id]
            done: Any = session.execute(
                update(Balance)
                .where(
                    Balance.account_id == account_id,
                    Balance.type_id == type_id,
                    Balance.available == before.available,
                    Balance.pending == before.pending,
                    Balance.held == before.held,
                )
                .values(values or {"held": before.held}),
                execution_options=_PLAIN,
            )
            if done.rowcount != 1:
                raise AssertionError(f"the balance of account {account_id} was not held")
            session.expire(before)


def _held(session: CrmSession, account_id: UUID, type_id: UUID) -> Balance:
    """Return a balance whose row is held until the transaction ends; it is made at first use."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    query = select(Balance).where(Balance.account_id == account_id, Balance.type_id == type_id)
    held = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(held).first()
    if found is None:
        row = {"account_id": account_id, "type_id": type_id, "pending": 0, "available": 0, "held": 0}
        session.execute(dialect.insert(Balance).values(row).on_conflict_do_nothing())
        found = session.scalars(held).one()
    return found
