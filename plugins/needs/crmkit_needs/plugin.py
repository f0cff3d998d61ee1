"""What needs has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_needs.alike import has as alike
from crmkit_needs.board import has as board
from crmkit_needs.catalogue import has as catalogue
from crmkit_needs.desk import has as desk
from crmkit_needs.overview import has as overview
from crmkit_needs.scoring import has as scoring
from crmkit_needs.topics import has as topics

ROOMS = (catalogue, board, scoring, alike, topics, desk, overview)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
