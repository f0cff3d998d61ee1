"""How a referral goes from one state to another, and its points with it: both sides at once, each exactly once.

Must not know who may be referred, nor what qualifies.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_loyalty.ledger.books import About, known
from crmkit_loyalty.ledger.giving import Earned, earn
from crmkit_loyalty.ledger.models import Lot
from crmkit_loyalty.ledger.operations import tell
from crmkit_loyalty.ledger.taking import claw_back
from crmkit_loyalty.programs.models import Account, Member, PointType
from crmkit_loyalty.referrals.events import ReferralMoved, ReferralRewarded
from crmkit_loyalty.referrals.models import Referral, ReferralChange, ReferralPolicy
from crmkit_loyalty.referrals.words import SIDES

_ = texts("crmkit_loyalty")


def move(session: CrmSession, referral: Referral, state: str, reason: str = "", note: str = "") -> None:
    """Put a referral into a state, and write down that it changed."""
    now, before = session.gate.clock.business_now(), referral.state
    referral.state, referral.reason = state, reason or None
    referral.ended_at = now if state in ("cancelled", "refused") else None
    session.add(
        ReferralChange(
            recorded_at=session.gate.clock.now(),
            customer_id=referral.customer_id,
            referral_id=referral.id,
            before=before,
            after=state,
            reason=reason or None,
            note=note.strip()[:500] or None,
            at=now,
        )
    )
    session.flush()
    session.emit(
        ReferralMoved(
            referral_id=referral.id,
            customer_id=referral.customer_id,
            from_state=before,
            to_state=state,
            reason=reason,
        )
    )


def give_both(
    session: CrmSession, policy: ReferralPolicy, referral: Referral, at: datetime, interaction_id: UUID | None
) -> None:
    """Give both sides their points, which wait for the hold from the instant at which it qualified."""
    kind = session.get_one(PointType, policy.type_id)
    referral.interaction_id, referral.qualified_at = interaction_id, at
    if referral.turn == 1:
        # What was promised then holds when it comes back after a refund that was reversed.
        referral.event, referral.condition = policy.event, policy.condition
        referral.release_at = at + timedelta(days=policy.hold_days)
        referral.referrer_points, referral.referred_points = policy.referrer_points, policy.referred_points
    assert referral.release_at is not None
    for side in SIDES:
        member = session.get(Member, referral.referrer_id if side == "referrer" else referral.member_id)
        points = getattr(referral, f"{side}_points")
        if member is None or not points:
            continue
        about = About(
            key=_key(referral, side),
            kind="earn",
            at=at,
            source="referral",
            interaction_id=interaction_id if side == "referred" else None,
            ref=f"loyalty.referral:{referral.id}",
        )
        account = session.get_one(Account, member.account_id)
        done = earn(
            session, account, about, [Earned(kind=kind, points=points, pending_days=(referral.release_at - at).days)]
        )
        if done is not None:
            tell(session, done, kind, points)


def cancel_both(session: CrmSession, referral: Referral) -> None:
    """Take back from both sides exactly what they got: what waits still as well as what was released, and of what was
    spent as the programme's policy says."""
    for side in SIDES:
        given = known(session, _key(referral, side), "earn")
        if given is None:
            continue
        lots = session.scalars(select(Lot).where(Lot.transaction_id == given.id).order_by(Lot.id)).all()
        about = About(
            key=f"{_key(referral, side)} back",
            kind="claw_back",
            about_id=given.id,
            ref=f"loyalty.referral:{referral.id}",
        )
        taken = claw_back(session, given, {lot.id: lot.points for lot in lots}, about)
        if taken is not None:
            kind = session.get_one(PointType, lots[0].type_id)
            tell(session, taken, kind, -sum(lot.points for lot in lots))


def reward(session: CrmSession, referral: Referral) -> None:
    """Say that the hold of a referral is over: its points are released with everything else that waited."""
    referral.rewarded_at = session.gate.clock.business_now()
    move(session, referral, "rewarded")
    referrer = session.get(Member, referral.referrer_id) if referral.referrer_id is not None else None
    if referrer is not None:
        session.emit(
            ReferralRewarded(
                referral_id=referral.id,
                customer_id=referral.customer_id,
                referrer_customer_id=referrer.customer_id,
                referrer_points=referral.referrer_points,
                referred_points=referral.referred_points,
            )
        )


def _key(referral: Referral, side: str) -> str:
    return f"referral {referral.id} {referral.turn} {side}"
