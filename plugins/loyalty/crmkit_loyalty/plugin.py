"""What loyalty has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_loyalty.earning import has as earning
from crmkit_loyalty.ledger import has as ledger
from crmkit_loyalty.members import has as members
from crmkit_loyalty.programs import has as programs
from crmkit_loyalty.rewards import has as rewards
from crmkit_loyalty.tiers import has as tiers

ROOMS = (programs, ledger, earning, tiers, rewards, members)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
