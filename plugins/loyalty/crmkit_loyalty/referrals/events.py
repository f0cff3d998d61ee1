"""What happens to referrals, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]
Number = Annotated[int, Input(classified="internal")]


@event("loyalty.referral_entered")
class ReferralEntered:
    """Somebody entered the code of a member; it is checked now."""

    referral_id: UUID
    customer_id: UUID


@event("loyalty.referral_moved")
class ReferralMoved:
    """A referral went from one state to another; ``reason`` is empty where there is none."""

    referral_id: UUID
    customer_id: UUID
    from_state: Plain
    to_state: Plain
    reason: Plain


@event("loyalty.referral_rewarded")
class ReferralRewarded:
    """Both sides of a referral have their points: the hold is over."""

    referral_id: UUID
    customer_id: UUID
    referrer_customer_id: UUID
    referrer_points: Number
    referred_points: Number


EVENTS = [ReferralEntered, ReferralMoved, ReferralRewarded]
