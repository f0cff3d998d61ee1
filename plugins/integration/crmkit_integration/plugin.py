"""What integration has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_integration.receiving import has as receiving
from crmkit_integration.syncing import has as syncing
from crmkit_integration.webhooks import has as webhooks

ROOMS = (webhooks, receiving, syncing)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
