"""Getting rewards for points: who gets which, ordering one, sending it, cancelling it, and using vouchers.

Stock is taken by a statement that does nothing where there is none. Must not know how rewards are shown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, Input, NotFound, customers_where, new_id, operation, random_text, texts
from crmkit.i18n import translate
from crmkit_loyalty.ledger.books import About, known
from crmkit_loyalty.ledger.giving import give_back
from crmkit_loyalty.ledger.inputs import Key, Ref
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.ledger.operations import keyed, require_accounts, tell
from crmkit_loyalty.ledger.reading import standing_of
from crmkit_loyalty.ledger.taking import spend
from crmkit_loyalty.programs.finding import ALPHABET, check_sign, require_member
from crmkit_loyalty.programs.inputs import CustomerId
from crmkit_loyalty.programs.models import Account, PointType, Program
from crmkit_loyalty.rewards.errors import NotEligible, RedemptionInState, VoucherNotValid
from crmkit_loyalty.rewards.events import RedemptionMoved, RewardRedeemed, VoucherUsed
from crmkit_loyalty.rewards.models import Redemption, RedemptionCounter, Reward, Voucher
from crmkit_loyalty.rewards.words import MOVES, VOUCHERS
from crmkit_loyalty.tiers.models import MemberTier, Tier

_ = texts("crmkit_loyalty")

REDEEM, UPDATE = "loyalty.redemption.create", "loyalty.redemption.update"
USE = "loyalty.voucher.use"
_PLAIN = {"synchronize_session": False}
FIRST = 1001
MOST = 100
Quantity = Annotated[int, Input(title=_("Quantity"), minimum=1, maximum=MOST, classified="internal")]
RewardName = Annotated[str, Input(title=_("Reward"), max_length=60, resource="loyalty.reward", classified="internal")]
Code = Annotated[str, Input(title=_("Code"), max_length=40, classified="internal")]


@frozen(kw_only=True)
class Offer:
    """A reward as it stands to a member: None, or why they do not get it."""

    reward: Reward
    why_not: str | None


@operation(REDEEM, title=_("Redeem"), permission=REDEEM, effect="create")
def redeem(
    session: CrmSession, *, customer_id: CustomerId, reward: RewardName, quantity: Quantity = 1, key: Key = ""
) -> Redemption:
    """Give a customer a reward for points; of a voucher its codes are made at once. The same command with the same key
    happens once. Raises NotEligible, which says why, NotAMember, NotFound."""
    found = reward_named(session, reward)
    program = session.get_one(Program, found.program_id)
    name = keyed("redeem", key)
    before = known(session, name, "spend")
    if before is not None:
        return session.scalars(select(Redemption).where(Redemption.transaction_id == before.id)).one()
    require_member(session, program, customer_id)
    accounts = require_accounts(session, program, customer_id)
    kind = session.get_one(PointType, found.type_id)
    _require_points(session, accounts, kind, found, quantity)
    _take_stock(session, found, quantity)
    why = why_not(session, found, customer_id, accounts, quantity=quantity, with_stock=False)
    if why is not None:
        raise NotEligible(found.title, why)
    about = About(key=name, kind="spend", reason=found.title, ref=f"loyalty.reward:{found.id}")
    done = spend(session, accounts, kind, found.points * quantity, about)
    now = session.gate.clock.business_now()
    owner = accounts[0]
    made = Redemption(
        id=new_id(),
        customer_id=customer_id,
        owner_id=owner.owner_id,
        team_id=owner.team_id,
        number=_next_number(session),
        reward_id=found.id,
        transaction_id=done.id,
        quantity=quantity,
        points=found.points * quantity,
        cost_minor=found.cost_minor * quantity,
        state="delivered" if found.kind == "voucher" else "ordered",
        state_since=now,
        redeemed_at=now,
    )
    session.add(made)
    session.flush()
    if found.kind == "voucher":
        session.add_all(_voucher(session, made, found) for _one in range(quantity))
        session.flush()
    tell(session, done, kind, -made.points)
    session.emit(RewardRedeemed(redemption_id=made.id, customer_id=customer_id, reward=found.name, points=made.points))
    return made


@operation("loyalty.redemption.move", title=_("Say what became of it"), permission=UPDATE, effect="update")
def move(
    session: CrmSession,
    redemption: Redemption,
    *,
    to: Annotated[Literal["shipped", "delivered"], Input(title=_("State"), classified="internal")],
    tracking: Annotated[str, Input(title=_("Tracking number"), max_length=200, classified="internal")] = "",
) -> Redemption:
    """Say that a reward is on its way, or has arrived. Raises RedemptionInState."""
    redemption.tracking = tracking.strip() or redemption.tracking
    _put(session, redemption, to)
    return redemption


@operation("loyalty.redemption.cancel", title=_("Cancel the redemption"), permission=UPDATE, effect="update")
def cancel(
    session: CrmSession,
    redemption: Redemption,
    *,
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")] = "",
) -> Redemption:
    """Take a redemption back: the points come back with the expiry that they had, what was not sent goes into stock
    again, vouchers are not valid any more. Raises RedemptionInState, VoucherNotValid where one was used."""
    vouchers = session.scalars(select(Voucher).where(Voucher.redemption_id == redemption.id)).all()
    used = next((each for each in vouchers if each.state == "used"), None)
    if used is not None:
        raise VoucherNotValid(used.number, translate(VOUCHERS["used"], session.actor.language or "en"))
    was = redemption.state
    _put(session, redemption, "cancelled")
    for each in vouchers:
        each.state = "void"
    spent = session.get_one(Transaction, redemption.transaction_id)
    about = About(key=f"cancel {redemption.id}", kind="give_back", reason=reason, about_id=spent.id, ref=spent.ref)
    done = give_back(session, spent, redemption.points, about)
    reward = session.get_one(Reward, redemption.reward_id)
    if was == "ordered" or reward.kind == "voucher":
        session.execute(
            update(Reward)
            .where(Reward.id == reward.id, Reward.stock.is_not(None))
            .values(stock=Reward.stock + redemption.quantity),
            execution_options=_PLAIN,
        )
        session.expire(reward)
    if done is not None:
        tell(session, done, session.get_one(PointType, reward.type_id), redemption.points)
    return redemption


@operation(USE, title=_("Use a voucher"), permission=USE, effect="update")
def use_voucher(session: CrmSession, *, number: Code, ref: Ref = "") -> Voucher:
    """Use a voucher by its code, once; for the same purpose once more it is answered again. Small letters and spaces do
    not matter. Raises VoucherNotValid, NotFound."""
    voucher = voucher_named(session, number)
    now = session.gate.clock.business_now()
    if voucher.state == "used" and ref and voucher.used_ref == ref:
        return voucher
    if voucher.state == "issued" and voucher.good_through < session.today():
        raise VoucherNotValid(voucher.number, translate(_("Its time is over."), session.actor.language or "en"))
    done: Any = session.execute(
        update(Voucher)
        .where(Voucher.id == voucher.id, Voucher.state == "issued")
        .values(state="used", used_at=now, used_ref=ref or None, version=Voucher.version + 1),
        execution_options=_PLAIN,
    )
    session.expire(voucher)
    if done.rowcount != 1:
        raise VoucherNotValid(voucher.number, translate(VOUCHERS[voucher.state], session.actor.language or "en"))
    session.emit(VoucherUsed(voucher_id=voucher.id, customer_id=voucher.customer_id))
    return voucher


def reward_named(session: CrmSession, name: str) -> Reward:
    """Return a reward by its name. Raises NotFound."""
    found = session.scalars(select(Reward).where(Reward.name == name)).first()
    if found is None:
        raise NotFound(_('There is no reward "{name}".'), name=name)
    return found


def voucher_named(session: CrmSession, number: str) -> Voucher:
    """Return a voucher by its code, however it is written. Raises NotFound, for a code with a wrong sign as well."""
    signs = "".join(sign for sign in number.upper() if sign in ALPHABET)
    found = None
    if len(signs) == 12 and check_sign(signs[:-1]) == signs[-1]:
        found = session.scalars(select(Voucher).where(Voucher.number == _grouped(signs))).first()
    if found is None:
        raise NotFound(_("There is no voucher {number}."), number=number)
    return found


def offers_of(session: CrmSession, program: Program, customer_id: UUID, accounts: Sequence[Account]) -> list[Offer]:
    """Return the rewards of a programme that are offered at present, each with why the customer does not get it, if so,
    the cheapest first."""
    query = select(Reward).where(Reward.program_id == program.id, Reward.active.is_(True))
    today = session.today()
    query = query.where(or_(Reward.since.is_(None), Reward.since <= today))
    query = query.where(or_(Reward.until.is_(None), Reward.until >= today))
    return [
        Offer(reward=each, why_not=why_not(session, each, customer_id, accounts))
        for each in session.scalars(query.order_by(Reward.points, Reward.name))
    ]


def why_not(
    session: CrmSession,
    reward: Reward,
    customer_id: UUID,
    accounts: Sequence[Account],
    *,
    quantity: int = 1,
    with_stock: bool = True,
) -> str | None:
    """Return why a customer does not get a reward, a key of `WHY_NOT`, or None."""
    today = session.today()
    late = reward.until is not None and reward.until < today
    if not reward.active or late or (reward.since is not None and reward.since > today):
        return "inactive"
    if reward.level > _level(session, reward.program_id, customer_id):
        return "tier"
    if reward.condition.strip():
        # Whom a reward is for is the programme's to say, with facts that a visitor may not read.
        with session.crm.session(session.crm.system("whom a reward is for")) as whole:
            holds = customers_where(whole, reward.condition, among=[customer_id])
            if whole.scalars(holds).first() is None:
                return "condition"
    if reward.most is not None:
        since = session.gate.clock.business_now() - timedelta(days=reward.most_days)
        had = select(func.coalesce(func.sum(Redemption.quantity), 0)).where(
            Redemption.customer_id == customer_id,
            Redemption.reward_id == reward.id,
            Redemption.state != "cancelled",
            Redemption.redeemed_at > since,
        )
        if session.scalars(had).one() + quantity > reward.most:
            return "limit"
    if with_stock and reward.stock is not None and reward.stock < quantity:
        return "stock"
    kind = session.get_one(PointType, reward.type_id)
    if standing_of(session, accounts, [kind])[0].available < reward.points * quantity:
        return "points"
    return None


def _require_points(
    session: CrmSession, accounts: Sequence[Account], kind: PointType, reward: Reward, quantity: int
) -> None:
    if standing_of(session, accounts, [kind])[0].available < reward.points * quantity:
        raise NotEligible(reward.title, "points")


def _take_stock(session: CrmSession, reward: Reward, quantity: int) -> None:
    """Take a reward out of stock. Its row is held from here on, so that limits are counted by one at a time."""
    done: Any = session.execute(
        update(Reward)
        .where(Reward.id == reward.id, or_(Reward.stock.is_(None), Reward.stock >= quantity))
        .values(stock=Reward.stock - quantity),
        execution_options=_PLAIN,
    )
    session.expire(reward)
    if done.rowcount != 1:
        raise NotEligible(reward.title, "stock")


def _level(session: CrmSession, program_id: UUID, customer_id: UUID) -> int:
    query = (
        select(func.max(Tier.level))
        .join(MemberTier, MemberTier.tier_id == Tier.id)
        .where(MemberTier.program_id == program_id, MemberTier.customer_id == customer_id)
    )
    return session.scalars(query).one() or 0


def _put(session: CrmSession, redemption: Redemption, state: str) -> None:
    before = redemption.state
    if state not in MOVES[before]:
        raise RedemptionInState(redemption.number, before, state)
    redemption.state, redemption.state_since = state, session.gate.clock.business_now()
    session.emit(
        RedemptionMoved(
            redemption_id=redemption.id, customer_id=redemption.customer_id, from_state=before, to_state=state
        )
    )


def _voucher(session: CrmSession, redemption: Redemption, reward: Reward) -> Voucher:
    signs = random_text(11, ALPHABET)
    return Voucher(
        customer_id=redemption.customer_id,
        owner_id=redemption.owner_id,
        team_id=redemption.team_id,
        redemption_id=redemption.id,
        number=_grouped(signs + check_sign(signs)),
        good_through=session.today() + timedelta(days=reward.voucher_days),
    )


def _grouped(signs: str) -> str:
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def _next_number(session: CrmSession) -> int:
    held = select(RedemptionCounter).where(RedemptionCounter.name == "redemption").with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(RedemptionCounter(name="redemption", last=FIRST - 1))
        counter = session.scalars(held).one()
    counter.last += 1
    session.flush()
    return counter.last


OPERATIONS = [redeem, move, cancel, use_voucher]
