"""What knowledge has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_knowledge.articles import has as articles
from crmkit_knowledge.desk import has as desk
from crmkit_knowledge.importing import has as importing

ROOMS = (articles, desk, importing)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
