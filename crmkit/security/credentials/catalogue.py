"""What the credentials register with the kernel."""

from __future__ import annotations

from crmkit.security.credentials.operations import OPERATIONS as OPERATIONS
from crmkit.security.credentials.upkeep import JOBS as JOBS, SUBSCRIPTIONS as SUBSCRIPTIONS
