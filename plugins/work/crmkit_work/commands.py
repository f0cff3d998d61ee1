"""``crmkit work``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_work.approvals.commands import add_to as add_approvals
from crmkit_work.assignment.commands import add_to as add_assignment
from crmkit_work.calendars.commands import calendar
from crmkit_work.handoffs.commands import add_to as add_handoffs
from crmkit_work.notices.commands import add_to as add_notices
from crmkit_work.tasks.commands import add_to as add_tasks

_ = texts("crmkit_work")

work = group(help=_("Tasks, queues, hand-offs, approvals, notices and working calendars."), name="work")
"""The group ``crmkit work``."""
work.add_command(calendar)
add_assignment(work)
add_tasks(work)
add_notices(work)
add_handoffs(work)
add_approvals(work)
