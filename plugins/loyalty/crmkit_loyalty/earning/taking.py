"""Purchases and everything else that points are given for, as it comes in; and what refunds take back.

Each interaction is taken once for each programme, whatever comes first: a refund that is known before its purchase has
earned is taken right after it. Must not know tiers or rewards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, insert, select
from sqlalchemy.orm import aliased

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    PurchaseLine,
    Subscription,
    moment_of,
    new_id,
    operation,
    texts,
    values_of,
)
from crmkit.engines.statistics.hashing import held_out
from crmkit_loyalty.earning.compiling import ReadySet, ready
from crmkit_loyalty.earning.computing import Part, Rule, Used, compute, totals
from crmkit_loyalty.earning.happening import happenings_of
from crmkit_loyalty.earning.models import Contribution, Refunded
from crmkit_loyalty.earning.operations import published
from crmkit_loyalty.earning.refunding import Bought, Returned, fallen
from crmkit_loyalty.ledger.books import About, Books, known
from crmkit_loyalty.ledger.giving import Earned, earn, expiry_of
from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from crmkit_loyalty.ledger.operations import tell
from crmkit_loyalty.ledger.spending import Taken, share_of
from crmkit_loyalty.ledger.taking import claw_back
from crmkit_loyalty.programs.joining import enrol
from crmkit_loyalty.programs.models import Account, Member, PointType, Program

_ = texts("crmkit_loyalty")
_log = logging.getLogger("crmkit.loyalty")

TAKE, UNTAKE = "loyalty.earning.take", "loyalty.earning.take_back"
RUN = "loyalty.ledger.run"
REFUND = "refund"
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]
InteractionId = Annotated[UUID, Input(title=_("Interaction"), classified="internal")]


@frozen(kw_only=True)
class Took:
    """How many interactions gave points, and how many points were taken back for how many."""

    earned: int = 0
    taken_back: int = 0


@operation(TAKE, title=_("Give points for what happened"), permission=RUN, hidden=True)
def take(session: CrmSession, *, interaction_ids: Ids) -> Took:
    """Give points for interactions by the rules that count now, each once for each programme, and take back what
    refunds among them cost. Who buys joins a programme in which everybody takes part who buys."""
    query = select(Interaction).where(Interaction.id.in_(interaction_ids), Interaction.customer_id.is_not(None))
    found = session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)).all()
    earned = taken_back = 0
    for program in session.scalars(select(Program).where(Program.active.is_(True)).order_by(Program.created_at)).all():
        version = published(session, program)
        own = [each for each in found if each.reverses_id is None and each.kind != REFUND]
        if version is not None and own:
            earned += _earn(session, program, ready(session, version), own)
        for each in found:
            if each.kind == REFUND and each.reverses_id is None and each.about_id is not None:
                taken_back += _refund(session, program, each)
    return Took(earned=earned, taken_back=taken_back)


@operation(UNTAKE, title=_("Take points back"), permission=RUN, hidden=True)
def take_back(session: CrmSession, *, interaction_id: InteractionId, reversal_id: InteractionId) -> Took:
    """Take back what an interaction earned that was reversed; of a refund that was reversed, give back what it took."""
    interaction = session.get(Interaction, interaction_id)
    if interaction is None:
        return Took()
    count = 0
    for program in session.scalars(select(Program)).all():
        if interaction.kind == REFUND:
            count += _unrefund(session, program, interaction, reversal_id)
        else:
            count += _reverse(session, program, interaction, reversal_id)
    return Took(taken_back=count)


# --- earning ----------------------------------------------------------------------------------------------------------


def _earn(session: CrmSession, program: Program, rules: ReadySet, found: Sequence[Interaction]) -> int:
    events = {each.rule.event for each in rules.rules}
    wanted = [each for each in found if each.kind in events]
    keys = {f"earn {program.id} {each.id}": each for each in wanted}
    there = set(session.scalars(select(Transaction.key).where(Transaction.key.in_(list(keys)))))
    wanted = [each for key, each in keys.items() if key not in there]
    customers = {each.customer_id for each in wanted if each.customer_id is not None}
    members = _members(session, program, customers)
    wanted = [each for each in wanted if each.customer_id in members]
    facts = values_of(session, rules.facts, sorted(members), moment_of(session), check=False) if rules.facts else {}
    bound = rules.bound(session)
    count = 0
    for each in wanted:
        assert each.customer_id is not None
        try:
            happened = happenings_of(session, [each], facts)[each.id]  # type: ignore[arg-type]
            parts = compute(bound, happened, used_before(session, bound, each.customer_id, each.occurred_at))
        except CrmkitError as error:
            # Without a rate nobody knows what it is worth; the others are not to wait for it.
            _log.warning("interaction %s earns nothing in %s: %s", each.id, program.name, error.render())
            continue
        done = _give(session, program, members[each.customer_id], each, parts)
        count += done is not None
        if done is not None:
            _catch_up(session, program, each)
    return count


def _give(
    session: CrmSession, program: Program, member: Member, interaction: Interaction, parts: Sequence[Part]
) -> Transaction | None:
    kinds = {each.id: each for each in session.scalars(select(PointType).where(PointType.program_id == program.id))}
    account = session.get_one(Account, member.account_id)
    given = [part for part in parts if part.points]
    about = About(
        key=f"earn {program.id} {interaction.id}",
        kind="earn",
        at=interaction.occurred_at,
        source="purchase" if interaction.kind == "purchase" else "event",
        rule=", ".join(dict.fromkeys(part.rule.name for part in given))[:80] or None,
        interaction_id=interaction.id,
    )
    done = earn(
        session,
        account,
        about,
        [
            Earned(kind=kinds[type_id], points=points, line_no=line_no, pending_days=pending)
            for (type_id, line_no, pending), points in totals(parts).items()
        ],
    )
    if done is None:
        return None
    session.execute(
        insert(Contribution),
        [
            {
                "transaction_id": done.id,
                "number": number,
                "customer_id": interaction.customer_id,
                "program_id": program.id,
                "rule": part.rule.name,
                "line_no": part.line_no,
                "points": part.points,
                "at": interaction.occurred_at,
            }
            for number, part in enumerate(given, 1)
        ],
    )
    for kind in kinds.values():
        points = sum(part.points for part in given if part.rule.type_id == kind.id)
        if points:
            tell(session, done, kind, points)
    return done


def _members(session: CrmSession, program: Program, customers: Iterable[UUID]) -> dict[UUID, Member]:
    """Return how customers take part; in a programme for everybody who buys the others join, but those who are held
    out."""
    ids = sorted(customers)
    query = select(Member).where(Member.program_id == program.id, Member.customer_id.in_(ids), Member.left_at.is_(None))
    found: dict[UUID, Member] = {}
    for each in session.scalars(query.order_by(Member.joined_at.desc(), Member.id.desc())):
        found[each.customer_id] = each
    if program.enrolment == "automatic":
        left = select(Member.customer_id).where(Member.program_id == program.id, Member.customer_id.in_(ids))
        known_before = set(session.scalars(left))
        new = [each for each in ids if each not in known_before and not kept_out(program, each)]
        if new:
            people = session.scalars(select(Customer).where(Customer.id.in_(new)).order_by(Customer.id)).all()
            found.update({each.customer_id: each for each in enrol(session, program, people)})
    return found


def kept_out(program: Program, customer_id: UUID) -> bool:
    """Say whether a customer is kept out of a programme by chance, so that its effect can be told."""
    return program.holdout > 0 and held_out(f"loyalty {program.name}", program.holdout / 100, customer_id)


def used_before(session: CrmSession, rules: Sequence[Rule], customer_id: UUID, at: datetime) -> dict[str, Used]:
    """Return what rules with a limit have given a customer before: on the day, and within the days of their limit."""
    limited = [rule for rule in rules if rule.cap_day is not None or rule.cap_period is not None]
    if not limited:
        return {}
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(session.crm.business().zone)
    day = at.astimezone(zone).date()
    begin = datetime.combine(day, datetime.min.time(), zone)
    found: dict[str, Used] = {}
    for rule in limited:
        since = at - timedelta(days=rule.cap_days)
        query = select(
            func.coalesce(func.sum(Contribution.points).filter(Contribution.at >= begin), 0),
            func.coalesce(func.sum(Contribution.points).filter(Contribution.at > since), 0),
        ).where(
            Contribution.customer_id == customer_id,
            Contribution.rule == rule.name,
            Contribution.at > min(begin, since),
            Contribution.at <= at,
        )
        today, period = session.execute(query).one()
        found[rule.name] = Used(day=int(today), period=int(period))
    return found


# --- taking back ------------------------------------------------------------------------------------------------------


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


def _refund(session: CrmSession, program: Program, refund: Interaction) -> int:
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


def _reverse(session: CrmSession, program: Program, purchase: Interaction, reversal_id: UUID) -> int:
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


def _unrefund(session: CrmSession, program: Program, refund: Interaction, reversal_id: UUID) -> int:
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


def _catch_up(session: CrmSession, program: Program, purchase: Interaction) -> None:
    """Take back at once what refunds and a reversal cost that were known before their purchase had earned."""
    query = select(Interaction).where(Interaction.about_id == purchase.id, Interaction.kind == REFUND)
    reversal = aliased(Interaction)
    for refund in session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)):
        gone = session.scalar(select(reversal.id).where(reversal.reverses_id == refund.id))
        if refund.reverses_id is None and gone is None:
            _refund(session, program, refund)
    undone = session.scalar(select(reversal.id).where(reversal.reverses_id == purchase.id))
    if undone is not None:
        _reverse(session, program, purchase, undone)


# --- as it comes in ---------------------------------------------------------------------------------------------------


def _recorded(session: CrmSession, happened: Any) -> None:
    session.run(TAKE, {"interaction_ids": happened.interaction_ids})


def _reversed(session: CrmSession, happened: Any) -> None:
    session.run(UNTAKE, {"interaction_id": happened.interaction_id, "reversal_id": happened.reversal_id})


def _resolved(session: CrmSession, happened: Any) -> None:
    session.run(TAKE, {"interaction_ids": (happened.interaction_id,)})


OPERATIONS = [take, take_back]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.earn_recorded", event="interaction.recorded", handler=_recorded),
    Subscription(name="loyalty.earn_reversed", event="interaction.reversed", handler=_reversed),
    Subscription(name="loyalty.earn_resolved", event="interaction.resolved", handler=_resolved),
]
