"""Whether somebody may be referred by whom: not by themselves, not within a household, not in a ring.

Reads contact points by their blind tokens alone, so that nothing is opened. Must not change anything.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import ContactPoint, CrmSession, Interaction
from crmkit_loyalty.programs.models import Account, Member
from crmkit_loyalty.referrals.models import Referral, ReferralPolicy
from crmkit_loyalty.referrals.words import JOINED, LIVE

LONGEST = 1000
"""Referrals that are followed upwards; what is longer is refused as a ring would be."""
KINDS = ("email", "phone", "address")


def why_not(session: CrmSession, policy: ReferralPolicy, referral: Referral, referrer: Member | None) -> str:
    """Return why a referral is refused, empty where it is not. Has to see all customers."""
    if referrer is None or referrer.program_id != referral.program_id:
        return "unknown"
    if referrer.customer_id == referral.customer_id:
        return "self"
    if referrer.left_at is not None:
        return "left"
    if _was_referred(session, referral):
        return "again"
    if share_account(session, referral.program_id, referrer.customer_id, referral.customer_id):
        return "household"
    if share_contact(session, referrer.customer_id, referral.customer_id):
        return "same_contact"
    if in_ring(session, referral, referrer):
        return "ring"
    return "known" if policy.new_only and was_known(session, policy, referral) else ""


def share_contact(session: CrmSession, one: UUID, other: UUID) -> bool:
    """Say whether two customers have an e-mail address, a phone number or a postal address in common."""
    token: Any = cast(Any, ContactPoint).value_token
    mine = aliased(ContactPoint)
    query = (
        select(ContactPoint.id)
        .join(mine, (cast(Any, mine).value_token == token) & (mine.kind == ContactPoint.kind))
        .where(
            ContactPoint.customer_id == one,
            mine.customer_id == other,
            ContactPoint.kind.in_(KINDS),
            token.is_not(None),
        )
    )
    return session.scalars(query.limit(1)).first() is not None


def share_account(session: CrmSession, program_id: UUID, one: UUID, other: UUID) -> bool:
    """Say whether two customers share, or have shared, an account of a programme."""
    mine = aliased(Member)
    query = (
        select(Account.id)
        .join(Member, Member.account_id == Account.id)
        .join(mine, mine.account_id == Account.id)
        .where(Account.program_id == program_id, Member.customer_id == one, mine.customer_id == other)
    )
    return session.scalars(query.limit(1)).first() is not None


def in_ring(session: CrmSession, referral: Referral, referrer: Member) -> bool:
    """Say whether who is invited has invited, directly or through others, who invites them now."""
    seen: set[UUID] = set()
    customer: UUID | None = referrer.customer_id
    while customer is not None:
        if customer == referral.customer_id:
            return True
        if customer in seen or len(seen) >= LONGEST:
            return True
        seen.add(customer)
        query = (
            select(Member.customer_id)
            .join(Referral, Referral.referrer_id == Member.id)
            .where(
                Referral.customer_id == customer, Referral.program_id == referral.program_id, Referral.state.in_(LIVE)
            )
            .order_by(Referral.entered_at, Referral.id)
        )
        customer = session.scalars(query.limit(1)).first()
    return False


def was_known(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> bool:
    """Say whether of a customer something was known before of what qualifies; who joins by a code is new unless they
    bought something before."""
    event = "purchase" if policy.event == JOINED else policy.event
    gone = aliased(Interaction)
    query = select(Interaction.id).where(
        Interaction.customer_id == referral.customer_id,
        Interaction.kind == event,
        Interaction.occurred_at < referral.entered_at,
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
    )
    return session.scalars(query.limit(1)).first() is not None


def at_cap(session: CrmSession, policy: ReferralPolicy, referral: Referral) -> bool:
    """Say whether a member has had as many referrals as count within the period that ends now."""
    if not policy.cap or referral.referrer_id is None:
        return False
    referrer = session.get_one(Member, referral.referrer_id)
    since = session.gate.clock.business_now() - timedelta(days=policy.cap_days)
    query = (
        select(func.count())
        .select_from(Referral)
        .join(Member, Member.id == Referral.referrer_id)
        .where(
            Member.customer_id == referrer.customer_id,
            Referral.program_id == referral.program_id,
            Referral.state.in_(("qualified", "rewarded")),
            Referral.qualified_at > since,
        )
    )
    return session.scalars(query).one() >= policy.cap


def _was_referred(session: CrmSession, referral: Referral) -> bool:
    query = select(Referral.id).where(
        Referral.customer_id == referral.customer_id,
        Referral.program_id == referral.program_id,
        Referral.id != referral.id,
        Referral.state.in_(LIVE),
    )
    return session.scalars(query.limit(1)).first() is not None
