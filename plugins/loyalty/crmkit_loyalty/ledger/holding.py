"""Reserving points for a purchase that is being made: they are spent with it, or given up.

Must not know what they are for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit_loyalty.ledger.books import About, Books, known
from crmkit_loyalty.ledger.errors import HoldEnded
from crmkit_loyalty.ledger.inputs import Key, Points, Ref
from crmkit_loyalty.ledger.models import Hold, Lot, Posting
from crmkit_loyalty.ledger.operations import SPEND, keyed, require_accounts, spendable, tell
from crmkit_loyalty.ledger.spending import Taken
from crmkit_loyalty.ledger.taking import spend
from crmkit_loyalty.ledger.words import HOLD_STATES
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, TypeName
from crmkit_loyalty.programs.models import Account, PointType

_ = texts("crmkit_loyalty")

Captured = Annotated[
    int, Input(title=_("Points"), help=_("0: all that are reserved."), minimum=0, classified="internal")
]


@operation("loyalty.hold.create", title=_("Reserve points"), permission=SPEND, effect="create")
def create_hold(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    points: Points,
    program: ProgramName = "",
    point_type: TypeName = "",
    ref: Ref = "",
    key: Key = "",
) -> Hold:
    """Reserve points of a customer, for as long as the programme says; they are spent or given up by other operations.

    Raises NotEnoughPoints, NotAMember, InvalidInput for points that cannot be spent.
    """
    found = program_named(session, program)
    kind = spendable(session, found, point_type)
    name = keyed("hold", key)
    before = known(session, name, "hold")
    if before is not None:
        return session.scalars(select(Hold).where(Hold.transaction_id == before.id)).one()
    accounts = require_accounts(session, found, customer_id)
    # What is reserved is on one account: the first that has enough, so that giving it up is simple.
    account = _with_enough(session, accounts, kind, points) or accounts[0]
    done = spend(session, [account], kind, points, About(key=name, kind="hold", ref=ref or None), to="held")
    hold = Hold(
        customer_id=account.customer_id,
        owner_id=account.owner_id,
        team_id=account.team_id,
        account_id=account.id,
        type_id=kind.id,
        transaction_id=done.id,
        points=points,
        ref=ref or None,
        expires_at=session.gate.clock.business_now() + timedelta(minutes=found.hold_minutes),
    )
    session.add(hold)
    session.flush()
    tell(session, done, kind, -points)
    return hold


@operation("loyalty.hold.capture", title=_("Spend what is reserved"), permission=SPEND, effect="update")
def capture(session: CrmSession, hold: Hold, *, points: Captured = 0) -> Hold:
    """Spend what is reserved, or a part of it; the rest is given up. Once more does nothing. Raises HoldEnded,
    InvalidInput for more than is reserved."""
    if hold.state == "captured" and points in (0, hold.captured):
        return hold
    if hold.state != "held" or hold.expires_at <= session.gate.clock.business_now():
        raise HoldEnded(HOLD_STATES["expired" if hold.state == "held" else hold.state])
    if points > hold.points:
        from crmkit_loyalty.programs.errors import problem

        raise problem("points", _("At most {points} are reserved."), points=hold.points)
    _end(session, hold, points or hold.points, "captured")
    return hold


@operation("loyalty.hold.release", title=_("Give up what is reserved"), permission=SPEND, effect="update")
def release(session: CrmSession, hold: Hold) -> Hold:
    """Give up what is reserved: the points can be spent again. Once more does nothing. Raises HoldEnded for one that
    was spent."""
    if hold.state == "captured":
        raise HoldEnded(HOLD_STATES[hold.state])
    if hold.state == "held":
        _end(session, hold, 0, "released")
    return hold


def run_out(session: CrmSession, hold: Hold) -> None:
    """Give up what was reserved for too long."""
    _end(session, hold, 0, "expired")


def _end(session: CrmSession, hold: Hold, points: int, state: str) -> None:
    """Spend so many of the reserved points, and give the others back to their lots."""
    account = session.get_one(Account, hold.account_id)
    books = Books(session, [account], [hold.type_id])
    session.refresh(hold)
    if hold.state != "held":
        raise HoldEnded(HOLD_STATES[hold.state])
    query = select(Posting).where(Posting.transaction_id == hold.transaction_id, Posting.side == "held")
    left = points
    for row in session.scalars(query.order_by(Posting.line_no)):
        if row.lot_id is None:
            continue
        spent = min(left, row.points)
        left -= spent
        if spent:
            books.move(account.id, hold.type_id, Taken(row.lot_id, spent), to="redeemed", of="held")
        if row.points > spent:
            books.put_back(account.id, hold.type_id, Taken(row.lot_id, row.points - spent), of="held")
    kind = "capture" if points else "let_go"
    about = About(key=f"{kind} {hold.id}", kind=kind, about_id=hold.transaction_id, ref=hold.ref)
    done = books.write(account, about)
    hold.state, hold.captured = state, points
    session.flush()
    if hold.points > points:
        tell(session, done, session.get_one(PointType, hold.type_id), hold.points - points)


def _with_enough(session: CrmSession, accounts: list[Account], kind: PointType, points: int) -> Account | None:
    now = session.gate.clock.business_now()
    for each in accounts:
        lots = select(Lot.left).where(
            Lot.account_id == each.id,
            Lot.type_id == kind.id,
            Lot.left > 0,
            Lot.released_at.is_not(None),
            (Lot.expires_at.is_(None)) | (Lot.expires_at > now),
        )
        if sum(session.scalars(lots)) >= points:
            return each
    return None


OPERATIONS = [create_hold, capture, release]
