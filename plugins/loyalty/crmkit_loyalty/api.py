"""What other plugins may import of loyalty; everything else may change at any time.

Points move by operations alone: ``loyalty.points.spend``, ``loyalty.points.adjust``, ``loyalty.hold.create`` with
``loyalty.hold.capture`` and ``loyalty.hold.release``, ``loyalty.redemption.create``. The events say what became of
them; the errors say why something was refused.
"""

from __future__ import annotations

from crmkit_loyalty.challenges.events import BadgeGiven, ChallengeCompleted
from crmkit_loyalty.challenges.models import Badge, Challenge
from crmkit_loyalty.ledger.errors import AccountNotOpen, HoldEnded, KeyTaken, NotEnoughPoints
from crmkit_loyalty.ledger.events import PointsExpired, PointsMoved
from crmkit_loyalty.ledger.models import Hold, Lot, Transaction
from crmkit_loyalty.ledger.reading import Standing, standing_of
from crmkit_loyalty.programs.errors import NotAMember
from crmkit_loyalty.programs.events import MemberJoined, MemberLeft
from crmkit_loyalty.programs.finding import accounts_of, membership_of, program_named, types_of
from crmkit_loyalty.programs.models import Account, Member, PointType, Program
from crmkit_loyalty.referrals.events import ReferralRewarded
from crmkit_loyalty.referrals.models import Referral
from crmkit_loyalty.rewards.errors import NotEligible, VoucherNotValid
from crmkit_loyalty.rewards.events import RedemptionMoved, RewardRedeemed, VoucherUsed
from crmkit_loyalty.rewards.models import Redemption, Reward, Voucher
from crmkit_loyalty.tiers.events import TierChanged
from crmkit_loyalty.tiers.models import MemberTier, Tier

__all__ = [
    "Account",
    "AccountNotOpen",
    "Badge",
    "BadgeGiven",
    "Challenge",
    "ChallengeCompleted",
    "Hold",
    "HoldEnded",
    "KeyTaken",
    "Lot",
    "Member",
    "MemberJoined",
    "MemberLeft",
    "MemberTier",
    "NotAMember",
    "NotEligible",
    "NotEnoughPoints",
    "PointType",
    "PointsExpired",
    "PointsMoved",
    "Program",
    "Redemption",
    "RedemptionMoved",
    "Referral",
    "ReferralRewarded",
    "Reward",
    "RewardRedeemed",
    "Standing",
    "Tier",
    "TierChanged",
    "Transaction",
    "Voucher",
    "VoucherNotValid",
    "VoucherUsed",
    "accounts_of",
    "membership_of",
    "program_named",
    "standing_of",
    "types_of",
]
