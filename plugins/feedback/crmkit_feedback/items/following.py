"""The task of feedback and feedback go together: whoever finishes, drops or opens the task again by hand moves the
feedback. Must not know how a task is worked on.
"""

from __future__ import annotations

from typing import Any

from crmkit_work.api import Task
from sqlalchemy import select

from crmkit import CrmSession, Refused, Subscription, operation, texts
from crmkit.i18n import translate
from crmkit_feedback.items.looping import KEEPING, move
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.words import MOVES, OPEN

_ = texts("crmkit_feedback")

FOLLOW = "feedback.feedback.follow_task"


@operation(FOLLOW, title=_("Go with its task"), permission="feedback.feedback.update", effect="update", hidden=True)
def follow_task(session: CrmSession, feedback: Feedback) -> Feedback:
    """Move feedback to where its task is: resolved where it is done, closed where it was dropped, in progress where it
    is open again. Does nothing where they agree. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    task = session.get(Task, feedback.task_id) if feedback.task_id is not None else None
    if task is None or task.is_open == (feedback.state in OPEN):
        return feedback
    language = session.business().language
    if task.is_open:
        move(session, feedback, "in_progress", translate(_("Its task was opened again."), language))
        return feedback
    done = task.state == "done"
    why = translate(_("Its task is done.") if done else _("Its task was dropped."), language)
    if not done and "closed" in MOVES[feedback.state]:
        move(session, feedback, "closed", why)
        return feedback
    if "resolved" not in MOVES[feedback.state]:
        move(session, feedback, "assigned")
    if done and not feedback.resolution:
        feedback.resolution = why
    move(session, feedback, "resolved", why)
    if not done:
        move(session, feedback, "closed")
    return feedback


def task_moved(session: CrmSession, event: Any) -> None:
    """Move the feedback of a task."""
    feedback = _of(session, event)
    if feedback is not None:
        session.run(FOLLOW, target=feedback)


def is_of_feedback(session: CrmSession, event: Any) -> bool:
    """Say whether a task is that of feedback, and was moved by somebody, not because the feedback was."""
    return event.task_id not in session.info.get(KEEPING, ()) and _of(session, event) is not None


def _of(session: CrmSession, event: Any) -> Feedback | None:
    return session.scalar(select(Feedback).where(Feedback.task_id == event.task_id))


OPERATIONS = [follow_task]
SUBSCRIPTIONS = [
    Subscription(name=f"feedback.task_{name}", event=f"work.task.{name}", handler=task_moved, wanted=is_of_feedback)
    for name in ("finished", "dropped", "reopened")
]
