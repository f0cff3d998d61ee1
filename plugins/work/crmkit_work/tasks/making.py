"""Tasks for other plugins: `create_task`, through the gate as if a person had added it."""

from __future__ import annotations

from crmkit import CrmSession
from crmkit_work.tasks.inputs import NewTask
from crmkit_work.tasks.models import Task


def create_task(session: CrmSession, new: NewTask) -> Task:
    """Add a task within an operation of whoever calls; with a queue the assignment engine picks its owner, and says
    why.

    A plugin that requires work names ``work.task.create`` among what its manifest uses, and itself as ``source``.
    Raises what the operation ``work.task.create`` raises.
    """
    found: Task = session.run("work.task.create", new)
    return found
