"""What experience has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_experience.actions import has as actions
from crmkit_experience.effort import has as effort
from crmkit_experience.friction import has as friction
from crmkit_experience.promises import has as promises
from crmkit_experience.reviews import has as reviews

ROOMS = (
    reviews,
    effort,
    promises,
    friction,
    actions,
)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
