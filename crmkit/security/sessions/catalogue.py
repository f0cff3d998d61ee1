"""What signing in registers with the kernel."""

from __future__ import annotations

from crmkit.security.sessions.operations import OPERATIONS as OPERATIONS
from crmkit.security.sessions.upkeep import JOBS as JOBS, SUBSCRIPTIONS as SUBSCRIPTIONS
