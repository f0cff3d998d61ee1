"""What the room of the audit log registers."""

from __future__ import annotations

from crmkit.security.audit.checkpoints import EVENTS as EVENTS, JOBS as JOBS, OPERATIONS as OPERATIONS
from crmkit.security.audit.tabular import REPORTS as REPORTS
