"""What loyalty has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_loyalty.challenges import has as challenges
from crmkit_loyalty.desk import has as desk
from crmkit_loyalty.earning import has as earning
from crmkit_loyalty.effect import has as effect
from crmkit_loyalty.granting import has as granting
from crmkit_loyalty.ledger import has as ledger
from crmkit_loyalty.liability import has as liability
from crmkit_loyalty.members import has as members
from crmkit_loyalty.notices import has as notices
from crmkit_loyalty.programs import has as programs
from crmkit_loyalty.promotions import has as promotions
from crmkit_loyalty.referrals import has as referrals
from crmkit_loyalty.rewards import has as rewards
from crmkit_loyalty.tiers import has as tiers
from crmkit_loyalty.trying import has as trying

ROOMS = (
    programs,
    ledger,
    earning,
    tiers,
    rewards,
    challenges,
    referrals,
    notices,
    members,
    granting,
    desk,
    trying,
    promotions,
    liability,
    effect,
)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
