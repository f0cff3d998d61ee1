"""Referrals as things happen: checked once a code was entered, qualified by what the invited customer does, cancelled
where that is refunded, rewarded once the hold is over. Must not know how points are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CRM, Actor, CrmSession, Input, Job, Refused, Subscription, operation, texts
from crmkit_loyalty.challenges.happened import Happened, happened_to
from crmkit_loyalty.programs.models import Member
from crmkit_loyalty.referrals.checking import at_cap, why_not
from crmkit_loyalty.referrals.models import Referral, ReferralPolicy
from crmkit_loyalty.referrals.moving import cancel_both, give_both, move, reward
from crmkit_loyalty.referrals.words import JOINED, LIVE

_ = texts("crmkit_loyalty")

LOOK, DUE = "loyalty.referral.look", "loyalty.referral.end_hold"
RUN = "loyalty.ledger.run"
BATCH = 200
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]


@operation(LOOK, title=_("Look at referrals"), permission=RUN, hidden=True)
def look(session: CrmSession, *, customer_ids: Ids) -> int:
    """Check the codes that customers entered, and make their referrals agree with what they did; return how many
    referrals changed. Raises Refused outside system scope."""
    _by_itself(session)
    query = select(Referral).where(
        Referral.customer_id.in_(customer_ids), Referral.state.in_(("entered", "cancelled", *LIVE))
    )
    changed = 0
    for each in session.scalars(query.order_by(Referral.entered_at, Referral.id)).all():
        policy = _held(session, each)
        if policy is None:
            continue
        before = each.state
        if each.state == "entered":
            _check(session, policy, each)
        _agree(session, policy, each)
        changed += each.state != before
    return changed


@operation(DUE, title=_("End the hold of referrals"), permission=RUN, hidden=True)
def due(session: CrmSession) -> int:
    """Reward referrals whose hold is over, and cancel those to which nothing happened in time, at most 200; return how
    many. Raises Refused outside system scope."""
    _by_itself(session)
    now = session.gate.clock.business_now()
    days = {each.program_id: each.qualify_days for each in session.scalars(select(ReferralPolicy))}
    late = [
        (Referral.program_id == program_id)
        & (Referral.state == "open")
        & (Referral.entered_at <= now - timedelta(days=number))
        for program_id, number in days.items()
    ]
    query = select(Referral).where(or_((Referral.state == "qualified") & (Referral.release_at <= now), *late))
    found = session.scalars(query.order_by(Referral.id).limit(BATCH).with_for_update()).all()
    for each in found:
        if each.state == "qualified":
            reward(session, each)
        else:
            move(session, each, "cancelled", "late")
    return len(found)


def _held(session: CrmSession, referral: Referral) -> ReferralPolicy | None:
    """Return the policy, held until the end: rings and limits are asked of one at a time. The referral is read anew."""
    query = select(ReferralPolicy).where(ReferralPolicy.program_id == referral.program_id).with_for_update()
    policy = session.scalars(query).first()
    session.refresh(referral)
    return policy


def _check(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> None:
    referrer = session.scalars(
        select(Member).where(Member.referral == referral.invitation, Member.program_id == referral.program_id)
    ).first()
    reason = why_not(session, policy, referral, referrer)
    if referrer is not None:
        referral.referrer_id = referrer.id
    move(session, referral, "refused" if reason else "open", reason)


def _agree(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> None:
    """Put a referral where it belongs by what the invited customer did."""
    if referral.state == "open" and policy.active:
        if policy.event == JOINED:
            _qualify(session, policy, referral, referral.entered_at, None)
            return
        first = next(iter(_counting(session, policy, referral)), None)
        if first is not None:
            _qualify(session, policy, referral, first.at, first.interaction_id)
    elif referral.state in ("qualified", "rewarded"):
        if referral.interaction_id is not None and not _still(session, policy, referral):
            cancel_both(session, referral)
            move(session, referral, "cancelled", "refunded")
    elif (
        referral.state == "cancelled"
        and referral.reason == "refunded"
        and referral.interaction_id is not None
        and _still(session, policy, referral)
    ):
        # The refund was reversed: it is as if it had not been.
        assert referral.qualified_at is not None
        referral.turn += 1
        give_both(session, policy, referral, referral.qualified_at, referral.interaction_id)
        move(session, referral, "qualified", "restored")
        _end_hold(session, referral)


def _qualify(
    session: CrmSession, policy: ReferralPolicy, referral: Referral, at: datetime, interaction_id: UUID | None
) -> None:
    referrer = session.get(Member, referral.referrer_id) if referral.referrer_id is not None else None
    if referrer is None or referrer.left_at is not None:
        move(session, referral, "refused", "left")
    elif referrer.customer_id == referral.customer_id:
        move(session, referral, "refused", "self")
    elif at_cap(session, policy, referral):
        move(session, referral, "refused", "cap")
    else:
        give_both(session, policy, referral, at, interaction_id)
        move(session, referral, "qualified")
        _end_hold(session, referral)


def _end_hold(session: CrmSession, referral: Referral) -> None:
    if referral.release_at is not None and referral.release_at <= session.gate.clock.business_now():
        reward(session, referral)


def _still(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> bool:
    """Say whether what qualified a referral still does, by the terms of then: it may have been refunded or reversed."""
    event = referral.event if referral.event is not None else policy.event
    condition = referral.condition if referral.condition is not None else policy.condition
    assert referral.qualified_at is not None
    until = referral.qualified_at + timedelta(days=1)
    found = happened_to(session, referral.customer_id, event, condition, referral.entered_at, until)
    return any(each.interaction_id == referral.interaction_id for each in found)


def _counting(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> list[Happened]:
    until = referral.entered_at + timedelta(days=policy.qualify_days)
    return happened_to(session, referral.customer_id, policy.event, policy.condition, referral.entered_at, until)


def _by_itself(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


# --- as it comes in ---------------------------------------------------------------------------------------------------


def _wanted(session: CrmSession, happened: Any) -> bool:
    """Say whether any of the customers concerned was invited."""
    ids = happened.customer_ids if hasattr(happened, "customer_ids") else (happened.customer_id,)
    known = {each for each in ids if each is not None}
    query = select(Referral.id).where(Referral.customer_id.in_(known), Referral.state != "refused")
    return bool(known) and session.scalars(query.limit(1)).first() is not None


def _recorded(session: CrmSession, happened: Any) -> None:
    _look(session, happened.customer_ids)


def _one(session: CrmSession, happened: Any) -> None:
    _look(session, [happened.customer_id])


def _look(session: CrmSession, ids: Iterable[UUID | None]) -> None:
    found = sorted({each for each in ids if each is not None})
    for start in range(0, len(found), 1000):
        session.run(LOOK, {"customer_ids": tuple(found[start : start + 1000])})


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    while crm.run(actor, DUE):
        pass


OPERATIONS = [look, due]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.referral_check", event="loyalty.referral_entered", handler=_one),
    Subscription(name="loyalty.referral_recorded", event="interaction.recorded", handler=_recorded, wanted=_wanted),
    Subscription(name="loyalty.referral_reversed", event="interaction.reversed", handler=_one, wanted=_wanted),
    Subscription(name="loyalty.referral_resolved", event="interaction.resolved", handler=_one, wanted=_wanted),
]
JOBS = [
    Job(
        name="loyalty.referrals",
        title=_("Referrals whose hold is over"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
