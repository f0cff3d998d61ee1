"""What work has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_work.approvals import has as approvals
from crmkit_work.assignment import has as assignment
from crmkit_work.calendars import has as calendars
from crmkit_work.comments import has as comments
from crmkit_work.handoffs import has as handoffs
from crmkit_work.notices import has as notices
from crmkit_work.tasks import has as tasks

ROOMS = (calendars, notices, assignment, tasks, handoffs, approvals, comments)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
