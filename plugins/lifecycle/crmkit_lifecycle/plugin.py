"""What lifecycle has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_lifecycle.acquiring import has as acquiring
from crmkit_lifecycle.caring import has as caring
from crmkit_lifecycle.designing import has as designing
from crmkit_lifecycle.measuring import has as measuring
from crmkit_lifecycle.passages import has as passages
from crmkit_lifecycle.winning import has as winning

ROOMS = (designing, passages, measuring, caring, winning, acquiring)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
