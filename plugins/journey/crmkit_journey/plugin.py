"""What journey has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_journey.attribution import has as attribution
from crmkit_journey.designer import has as designer
from crmkit_journey.discovery import has as discovery
from crmkit_journey.flows import has as flows
from crmkit_journey.maps import has as maps
from crmkit_journey.measuring import has as measuring
from crmkit_journey.passages import has as passages
from crmkit_journey.watching import has as watching

ROOMS = (
    flows,
    passages,
    maps,
    designer,
    measuring,
    discovery,
    attribution,
    watching,
)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
