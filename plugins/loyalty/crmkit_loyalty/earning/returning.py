"""What refunds and reversals take back of what something earned, and what comes back where a refund is reversed.

What a refund takes follows from what all refunds of its purchase take together, so that nothing is gained or lost by
rounding. Must not know rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Interaction, PurchaseLine, new_id
from crmkit_loyalty.earning.models import Refunded
from crmkit_loyalty.earning.refunding import Bought, Returned, fallen
from crmkit_loyalty.ledger.books import About, Books, known
from crmkit_loyalty.ledger.giving import expiry_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.operations import tell
from crmkit_loyalty.ledger.spending import Taken, share_of
from crmkit_loyalty.ledger.taking import claw_back
from crmkit_loyalty.programs.models import Account, PointType, Program

REFUND = "refund"


def _earning(session: CrmSession, program: Program, interaction_id: UUID | None) -> Transaction | None:
    return known(session, f"earn {program.id} {interaction_id}", "earn") if interaction_id is not None else None


def _lines(session: CrmSession, earned: Transaction, purchase: Interaction) -> list[Bought]:
    """Return the lines of a purchase, and the whole of it as line 0, with what was taken back before."""
    query = (
        select(Refunded.line_no, func.sum(Refunded.amount_minor))
        .where(Refunded.transaction_id == earned.id)
        .group_by(Refunded.line_no)
    )
    before = {line_no: int(amount) for line_no, amount in session.execute(query)}
    lines = session.scalars(
        select(PurchaseLine).where(PurchaseLine.interaction_id == purchase.id).order_by(PurchaseLine.line_no)
    ).all()
    whole = Bought(line_no=0, product_id=None, amount=purchase.amount_minor or 0, before=before.get(0, 0))
    return [
        whole,
        *(
            Bought(
                line_no=line.line_no,
                product_id=line.product_id,
                amount=line.amount_minor,
                before=before.get(line.line_no, 0),
            )
            for line in lines
        ),
    ]


def refund_of(session: CrmSession, program: Program, refund: Interaction) -> int:
    """Take back what a refund costs; return 1 where it is new."""
    earned = _earning(session, program, refund.about_id)
    if earned is None or earned.interaction_id is None or _is_taken(session, earned, refund.id):
        return 0
    purchase = session.get(Interaction, earned.interaction_id)
    if purchase is None:
        return 0
    whole, *lines = _lines(session, earned, purchase)
    back = session.scalars(select(PurchaseLine).where(PurchaseLine.interaction_id == refund.id)).all()
    amount = min(refund.amount_minor or 0, whole.left)
    returned = [Returned(product_id=line.product_id, amount=line.amount_minor) for line in back]
    parts = {0: amount, **fallen(lines, amount, returned)}
    _take(session, program, earned, refund.id, [whole, *lines], parts)
    return 1


def reverse_of(session: CrmSession, program: Program, purchase: Interaction, reversal_id: UUID) -> int:
    """Take back everything that is left of what a purchase earned; return 1 where it is new."""
    earned = _earning(session, program, purchase.id)
    if earned is None or _is_taken(session, earned, reversal_id):
        return 0
    lines = _lines(session, earned, purchase)
    _take(session, program, earned, reversal_id, lines, {line.line_no: line.left for line in lines}, everything=True)
    return 1


def _is_taken(session: CrmSession, earned: Transaction, interaction_id: UUID) -> bool:
    return session.get(Refunded, (earned.id, interaction_id, 0)) is not None


def _take(
    session: CrmSession,
    program: Program,
    earned: Transaction,
    interaction_id: UUID,
    lines: Sequence[Bought],
    parts: Mapping[int, int],
    *,
    everything: bool = False,
) -> None:
    account = session.get_one(Account, earned.account_id)
    lots = session.scalars(select(Lot).where(Lot.transaction_id == earned.id).order_by(Lot.id)).all()
    kinds = {lot.type_id for lot in lots}
    # Held before anything is read of it: two refunds of one purchase come one after the other.
    Books(session, [account], kinds)
    known_lines = {line.line_no: line for line in lines}
    wanted: dict[UUID, int] = {}
    for lot in lots:
        line = known_lines.get(lot.line_no, known_lines[0])
        if everything and line.amount <= 0:
            wanted[lot.id] = lot.points
        else:
            wanted[lot.id] = share_of(lot.points, parts.get(line.line_no, 0), line.amount, line.before)
    session.execute(
        insert(Refunded),
        [
            {
                "transaction_id": earned.id,
                "interaction_id": interaction_id,
                "line_no": line_no,
                "customer_id": earned.customer_id,
                "amount_minor": amount,
            }
            for line_no, amount in sorted({0: 0, **parts}.items())
        ],
    )
    about = About(
        key=f"claw_back {program.id} {interaction_id}",
        kind="claw_back",
        interaction_id=interaction_id,
        about_id=earned.id,
    )
    done = claw_back(session, earned, wanted, about)
    if done is not None:
        for kind in session.scalars(select(PointType).where(PointType.id.in_(kinds))):
            points = sum(wanted[lot.id] for lot in lots if lot.type_id == kind.id)
            if points:
                tell(session, done, kind, -points)


def unrefund_of(session: CrmSession, program: Program, refund: Interaction, reversal_id: UUID) -> int:
    """Give back what a refund took that was itself reversed; return 1 where it is new."""
    earned = _earning(session, program, refund.about_id)
    if earned is None or not _is_taken(session, earned, refund.id) or _is_taken(session, earned, reversal_id):
        return 0
    rows = session.scalars(
        select(Refunded).where(Refunded.transaction_id == earned.id, Refunded.interaction_id == refund.id)
    ).all()
    session.execute(
        insert(Refunded),
        [
            {
                "transaction_id": earned.id,
                "interaction_id": reversal_id,
                "line_no": row.line_no,
                "customer_id": earned.customer_id,
                "amount_minor": -row.amount_minor,
            }
            for row in rows
        ],
    )
    taken = known(session, f"claw_back {program.id} {refund.id}", "claw_back")
    if taken is not None:
        _give_again(session, program, taken, reversal_id)
    return 1


def _give_again(session: CrmSession, program: Program, taken: Transaction, reversal_id: UUID) -> None:
    """Undo a taking back: lots get their points again, what was owed comes as a new lot that pays debts first, what was
    written off is taken off no more."""
    account = session.get_one(Account, taken.account_id)
    postings = session.scalars(select(Posting).where(Posting.transaction_id == taken.id)).all()
    kinds = {each.id: each for each in session.scalars(select(PointType).where(PointType.program_id == program.id))}
    books = Books(session, [account], {row.type_id for row in postings})
    now = session.gate.clock.business_now()
    grace = now + timedelta(days=program.grace_days)
    for row in postings:
        if row.account_id is None and row.side == "written_off":
            books.write_off(row.type_id, row.points, to="reversed")
        elif row.account_id is not None and row.points < 0:
            points = -row.points
            lot = session.get(Lot, row.lot_id) if row.lot_id is not None else None
            if lot is not None and lot.released_at is not None:
                if lot.expires_at is not None and lot.expires_at <= now:
                    lot.expires_at = grace
                books.put_back(account.id, row.type_id, Taken(lot.id, points), of="reversed")
            else:
                books.issue(_again(session, account, kinds[row.type_id], lot, points, now), side="reversed")
    session.flush()
    books.write(
        account,
        About(
            key=f"give_back {program.id} {reversal_id}",
            kind="give_back",
            interaction_id=reversal_id,
            about_id=taken.about_id,
        ),
    )


def _again(session: CrmSession, account: Account, kind: PointType, lot: Lot | None, points: int, now: datetime) -> Lot:
    """Return a new lot for points that come back and have none that could take them."""
    return Lot(
        id=new_id(),
        account_id=account.id,
        customer_id=account.customer_id,
        type_id=kind.id,
        source="adjustment" if lot is None else lot.source,
        points=points,
        left=points,
        earned_at=now if lot is None else lot.earned_at,
        available_at=now if lot is None else lot.available_at,
        released_at=now if lot is None or lot.available_at <= now else None,
        expires_at=expiry_of(session, kind, now) if lot is None else lot.expires_at,
        unit_cost=kind.unit_cost,
    )


def undone_of(session: CrmSession, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the interactions that were refunded or reversed already."""
    refunded = select(Interaction.about_id).where(Interaction.about_id.in_(ids), Interaction.kind == REFUND)
    reversed_ = select(Interaction.reverses_id).where(Interaction.reverses_id.in_(ids))
    return {each for query in (refunded, reversed_) for each in session.scalars(query) if each is not None}


def catch_up(session: CrmSession, program: Program, purchase: Interaction) -> None:
    """Take back at once what refunds and a reversal cost that were known before their purchase had earned."""
    query = select(Interaction).where(Interaction.about_id == purchase.id, Interaction.kind == REFUND)
    reversal = aliased(Interaction)
    for refund in session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)):
        gone = session.scalar(select(reversal.id).where(reversal.reverses_id == refund.id))
        if refund.reverses_id is None and gone is None:
            refund_of(session, program, refund)
    undone = session.scalar(select(reversal.id).where(reversal.reverses_id == purchase.id))
    if undone is not None:
        reverse_of(session, program, purchase, undone)
