"""Spending points, changing them by hand, passing them on and giving them back.

Each takes a key, under which it happens once. Must not know rules, rewards or tiers.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Input, new_id, operation, texts
from crmkit_loyalty.ledger.books import About
from crmkit_loyalty.ledger.events import PointsMoved
from crmkit_loyalty.ledger.giving import Earned, earn, give_back, given_back
from crmkit_loyalty.ledger.inputs import Change, Key, Points, Reason, Ref
from crmkit_loyalty.ledger.models import Posting, Transaction
from crmkit_loyalty.ledger.taking import spend, transfer
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import accounts_of, program_named, require_member, type_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, TypeName
from crmkit_loyalty.programs.models import Account, PointType, Program

_ = texts("crmkit_loyalty")

ADJUST, SPEND = "loyalty.points.adjust", "loyalty.points.spend"
AccountId = Annotated[UUID, Input(title=_("To account"), resource="loyalty.account", classified="internal")]


def keyed(kind: str, key: str) -> str:
    """Return the key of a transaction: the caller's, or one of its own."""
    return f"{kind} {key.strip()}" if key.strip() else f"{kind} {new_id()}"


@operation(SPEND, title=_("Spend points"), permission=SPEND, effect="update")
def spend_points(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    points: Points,
    program: ProgramName = "",
    point_type: TypeName = "",
    reason: Reason = "",
    ref: Ref = "",
    key: Key = "",
) -> Transaction:
    """Take points from a customer's accounts, what expires earliest first.

    Raises NotEnoughPoints, NotAMember, InvalidInput for points that cannot be spent, NotFound.
    """
    found = program_named(session, program)
    kind = spendable(session, found, point_type)
    accounts = require_accounts(session, found, customer_id)
    about = About(key=keyed("spend", key), kind="spend", reason=reason, ref=ref or None)
    done = spend(session, accounts, kind, points, about)
    tell(session, done, kind, -points)
    return done


@operation(ADJUST, title=_("Change points by hand"), permission=ADJUST, effect="update")
def adjust(
    session: CrmSession,
    account: Account,
    *,
    points: Change,
    reason: Reason,
    point_type: TypeName = "",
    key: Key = "",
) -> Transaction:
    """Give points to an account, or take them, with a reason that stays. Raises InvalidInput for none, NotEnoughPoints
    where more would be taken than can be spent."""
    if not points:
        raise problem("points", _("Say how many points."))
    if not reason.strip():
        raise problem("reason", _("Say why."))
    kind = type_named(session, session.get_one(Program, account.program_id), point_type)
    about = About(key=keyed("adjust", key), kind="adjust", source="adjustment", reason=reason)
    if points > 0:
        done = earn(session, account, about, [Earned(kind=kind, points=points, pending_days=0)])
        assert done is not None
    else:
        done = spend(session, [account], kind, -points, about, to="reversed")
    tell(session, done, kind, points)
    return done


@operation("loyalty.points.transfer", title=_("Pass points on"), permission=SPEND, effect="update")
def transfer_points(
    session: CrmSession,
    account: Account,
    *,
    to_account_id: AccountId,
    points: Points,
    point_type: TypeName = "",
    reason: Reason = "",
    key: Key = "",
) -> Transaction:
    """Pass points on to another account of the same programme; they keep when they expire. Raises NotEnoughPoints,
    InvalidInput for points that cannot be passed on or an account of another programme."""
    target = session.get(Account, to_account_id)
    if target is None or target.program_id != account.program_id or target.id == account.id:
        raise problem("to_account_id", _("Choose another account of the same programme."))
    kind = type_named(session, session.get_one(Program, account.program_id), point_type)
    if not kind.transferable:
        raise problem("point_type", _('"{title}" cannot be passed on.'), title=kind.title)
    about = About(key=keyed("transfer", key), kind="transfer", source="transfer", reason=reason)
    done = transfer(session, account, target, kind, points, about)
    tell(session, done, kind, -points)
    return done


@operation("loyalty.points.give_back", title=_("Give points back"), permission=ADJUST, effect="update")
def give_points_back(
    session: CrmSession,
    transaction: Transaction,
    *,
    points: Annotated[int, Input(title=_("Points"), help=_("0: all of them."), minimum=0, classified="internal")] = 0,
    reason: Reason = "",
    key: Key = "",
) -> Transaction:
    """Give points of a spending back, with the expiry that they had, or the programme's grace where it has passed.
    Raises InvalidInput for what was no spending, or more than is left of it."""
    if transaction.kind not in ("spend", "capture"):
        raise problem("transaction", _("Only what was spent is given back."))
    spent = session.scalars(
        select(func.coalesce(func.sum(Posting.points), 0)).where(
            Posting.transaction_id == transaction.id, Posting.side == "redeemed"
        )
    ).one()
    left = int(spent) - given_back(session, transaction.id)
    wanted = points or left
    if not 0 < wanted <= left:
        raise problem("points", _("At most {points} can be given back."), points=left)
    about = About(
        key=keyed("give_back", key), kind="give_back", reason=reason, about_id=transaction.id, ref=transaction.ref
    )
    done = give_back(session, transaction, wanted, about)
    assert done is not None
    kind = session.get_one(
        PointType, session.scalars(select(Posting.type_id).where(Posting.transaction_id == done.id)).first()
    )
    tell(session, done, kind, wanted)
    return done


def spendable(session: CrmSession, program: Program, name: str) -> PointType:
    """Return a kind of points that can be spent. Raises InvalidInput, NotFound."""
    kind = type_named(session, program, name)
    if not kind.spendable:
        raise problem("point_type", _('"{title}" cannot be spent.'), title=kind.title)
    return kind


def require_accounts(session: CrmSession, program: Program, customer_id: UUID) -> list[Account]:
    """Return the accounts of which a customer may spend. Raises NotAMember."""
    require_member(session, program, customer_id)
    found = list(accounts_of(session, program.id, customer_id, to_spend=True))
    if not found:
        raise problem("customer_id", _("The customer may not spend points of any account."))
    return found


def tell(session: CrmSession, done: Transaction, kind: PointType, points: int) -> None:
    """Say that points moved."""
    session.emit(
        PointsMoved(
            transaction_id=done.id,
            account_id=done.account_id,
            customer_id=done.customer_id,
            kind=done.kind,
            point_type=kind.name,
            points=points,
        )
    )


OPERATIONS = [spend_points, adjust, transfer_points, give_points_back]
