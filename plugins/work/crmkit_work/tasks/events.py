"""What happens to tasks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("work.task.created")
class TaskCreated:
    """A task was added; ``source`` and ``ref`` say who made it and about what."""

    task_id: UUID
    customer_id: UUID | None
    owner_id: UUID | None
    queue_id: UUID | None
    source: Plain
    ref: Plain


@event("work.task.assigned")
class TaskAssigned:
    """A task got another owner, team or queue."""

    task_id: UUID
    customer_id: UUID | None
    owner_id: UUID | None
    team_id: UUID | None
    queue_id: UUID | None
    before_id: UUID | None


@event("work.task.finished")
class TaskFinished:
    """A task was done; ``late`` says that it was after its due time."""

    task_id: UUID
    customer_id: UUID | None
    owner_id: UUID | None
    outcome: Annotated[str | None, Input(classified="internal")]
    late: bool


@event("work.task.reopened")
class TaskReopened:
    """A task that was done or dropped is open again."""

    task_id: UUID
    customer_id: UUID | None


@event("work.task.dropped")
class TaskDropped:
    """A task was dropped without being done."""

    task_id: UUID
    customer_id: UUID | None


@event("work.task.escalated")
class TaskEscalated:
    """A step of a ladder was taken for a task."""

    task_id: UUID
    customer_id: UUID | None
    ladder: Plain
    step: int
    turn: int
    late: bool


@event("work.task.acknowledged")
class TaskAcknowledged:
    """Somebody has seen that a task is late and sees to it: its ladder stops."""

    task_id: UUID
    customer_id: UUID | None
    user_id: UUID | None


@event("work.reminder.fired")
class ReminderFired:
    """A reminder fired."""

    reminder_id: UUID
    task_id: UUID
    customer_id: UUID | None
    late: bool


EVENTS = [
    TaskCreated,
    TaskAssigned,
    TaskFinished,
    TaskReopened,
    TaskDropped,
    TaskEscalated,
    TaskAcknowledged,
    ReminderFired,
]
