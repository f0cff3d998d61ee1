"""Who sees a task besides its owner and team: who added it, who gave it away, and the members of its queue.

Must not know what a task says.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, bindparam, or_, select

from crmkit import AccessRule, Actor, Id, TeamMember, texts
from crmkit_work.assignment.models import QueueMember
from crmkit_work.tasks.models import Task

_ = texts("crmkit_work")

REASON = _("The task is of one's own making, or of one's own queue.")
NEVER = ("delete", "export", "bulk")
"""Actions that nobody may do by this rule."""


def _mine() -> ColumnElement[bool]:
    """Return the condition that a task is of one's own making or queue. Whoever acts is a parameter of every statement,
    so one compiled statement serves everybody."""
    user = bindparam("crmkit_user", type_=Id())
    teams = select(TeamMember.team_id).where(TeamMember.user_id == user)
    queues = select(QueueMember.queue_id).where(or_(QueueMember.user_id == user, QueueMember.team_id.in_(teams)))
    made = Task.created_by == bindparam("crmkit_actor", type_=String())
    return or_(made, Task.given_by_id == user, Task.queue_id.in_(queues))


_RULES = [AccessRule(effect="allow", where=_mine(), reason=REASON)]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Allow users the tasks that they added or gave to somebody, and those of their queues."""
    if resource != "work.task" or action in NEVER or actor.user_id is None:
        return None
    return _RULES
