"""What service has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_service.cases import has as cases
from crmkit_service.channels import has as channels
from crmkit_service.desk import has as desk
from crmkit_service.intents import has as intents
from crmkit_service.measures import has as measures
from crmkit_service.sla import has as sla

ROOMS = (cases, sla, channels, intents, desk, measures)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
