"""The closed loop: when it begins, its states, who has it and by when; the task in work goes with it.

Must not know where feedback comes from, nor how a customer is asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit_work.api import NewNotice, NewTask, Queue, Task, Wish, assign, create_task, main_team, notify
from sqlalchemy import select

from crmkit import CrmSession, Customer, texts
from crmkit.i18n import translate
from crmkit_feedback.items.choosing import due_for, policy_for
from crmkit_feedback.items.errors import MoveNotPossible
from crmkit_feedback.items.events import FeedbackMoved
from crmkit_feedback.items.history import note, path_of, ref_of
from crmkit_feedback.items.models import Feedback, LoopPolicy
from crmkit_feedback.items.words import MOVES, OPEN

_ = texts("crmkit_feedback")

HOURS = 48
"""Working hours within which a customer is contacted where no policy says otherwise."""
NOTICE = "feedback.feedback"
KEEPING = "crmkit_feedback.keeping_task"
"""Under this name a session has the ids of tasks that are moved because their feedback was."""


def begin_loop(session: CrmSession, feedback: Feedback, *, loop: bool | None = None) -> bool:
    """Let policies decide who gets feedback, and whether somebody has to see to it (``loop`` True or False says so
    in their place); then it is due, is given out, and there is a task. Does nothing for feedback in the loop. Says
    whether anything was decided: not where no policy fits."""
    if feedback.loop:
        return True
    policy = policy_for(session, feedback) if loop is not False else None
    if policy is not None and feedback.team_id is None:
        feedback.team_id = policy.team_id
    hours = policy.hours if policy is not None else None
    opens = loop if loop is not None else hours is not None
    if not opens:
        return loop is not None or policy is not None
    now = session.gate.clock.business_now()
    feedback.loop, feedback.opened_at = True, now
    # A deadline counts from when the customer said it, and from now for what is taken up later on.
    set_due(session, feedback, now if loop else feedback.received_at, hours)
    session.flush()
    give_out(session, feedback, policy)
    _open_task(session, feedback)
    return True


def set_due(session: CrmSession, feedback: Feedback, start: datetime, hours: int | None = None) -> None:
    """Lay down by when the customer is to be contacted: so many working hours after an instant, those of the policy
    that fits without them."""
    if not feedback.loop:
        return
    if hours is None:
        policy = policy_for(session, feedback)
        hours = policy.hours if policy is not None else None
    before = feedback.due_at
    feedback.due_at, feedback.escalated_at = due_for(session, feedback, start, hours or HOURS), None
    note(session, feedback, "due", _stamp(before), _stamp(feedback.due_at))


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def give_out(session: CrmSession, feedback: Feedback, policy: LoopPolicy | None) -> None:
    """Have the queue of a policy decide whose feedback is; without one it is whoever's the customer is, and else it
    waits in its team."""
    queue = _queue(session, policy.queue) if policy is not None and policy.queue else None
    if queue is not None:
        wish = Wish(
            ref=ref_of(feedback), title=str(feedback.number), customer_id=feedback.customer_id, queue_id=queue.id
        )
        found = assign(session, wish)
        feedback.team_id = found.team_id or feedback.team_id or queue.fallback_team_id
        if found.user_id is not None:
            own(session, feedback, found.user_id)
            return
    if feedback.owner_id is None and feedback.customer_id is not None:
        customer = session.get(Customer, feedback.customer_id)
        if customer is not None and customer.owner_id is not None:
            own(session, feedback, customer.owner_id)
            return
    if feedback.owner_id is not None and feedback.state in ("new", "triaged"):
        move(session, feedback, "assigned")


def own(session: CrmSession, feedback: Feedback, user_id: UUID | None, text: str | None = None) -> None:
    """Make feedback somebody's, who is told; what nobody had begun is assigned then."""
    before = feedback.owner_id
    if before != user_id:
        feedback.owner_id = user_id
        if user_id is not None:
            feedback.team_id = main_team(session, user_id) or feedback.team_id
        note(session, feedback, "assigned", before, user_id, text=text)
        if user_id is not None and user_id != session.guarding.rights.user_id:
            tell(session, feedback, [user_id], _("Feedback {number} is yours to see to"))
    if user_id is not None and feedback.state in ("new", "triaged"):
        move(session, feedback, "assigned")
    _give_task(session, feedback)


def move(session: CrmSession, feedback: Feedback, state: str, text: str | None = None, *, due: bool = True) -> None:
    """Move feedback to a state; what is opened again gets a new deadline, unless ``due`` is False.

    Emits `FeedbackMoved`. Raises MoveNotPossible for one that does not follow.
    """
    before = feedback.state
    if state == before:
        return
    if state not in MOVES[before]:
        raise MoveNotPossible(feedback.number, before, state)
    now = session.gate.clock.business_now()
    if before not in OPEN and state in OPEN:
        feedback.reopened += 1
        feedback.resolved_at = feedback.verified_at = None
        feedback.touched_at = None
        if due:
            set_due(session, feedback, now)
    feedback.state, feedback.state_since = state, now
    if state == "customer_contacted":
        feedback.contacted_at = feedback.contacted_at or now
        feedback.touched_at = feedback.touched_at or now
    if state == "resolved":
        feedback.resolved_at, feedback.verdict = now, None
    if state == "verified":
        feedback.verified_at = now
    note(session, feedback, "moved", before, state, text=text)
    session.emit(
        FeedbackMoved(feedback_id=feedback.id, customer_id=feedback.customer_id, from_state=before, to_state=state)
    )
    keep_task(session, feedback, again=before not in OPEN)


def tell(
    session: CrmSession,
    feedback: Feedback,
    users: list[UUID | None],
    title: str,
    *,
    urgent: bool = False,
    **values: Any,
) -> None:
    """Tell users something about feedback, by a notice that leads to it."""
    notice = NewNotice(
        kind=NOTICE,
        title=title,
        values={"number": str(feedback.number), **values},
        ref=ref_of(feedback),
        path=path_of(feedback),
        customer_id=feedback.customer_id,
        urgent=urgent,
    )
    notify(session, users, notice)


def _queue(session: CrmSession, name: str) -> Queue | None:
    return session.scalar(select(Queue).where(Queue.name == name, Queue.active.is_(True)))


def _open_task(session: CrmSession, feedback: Feedback) -> None:
    """Add the task by which whoever has feedback sees to it."""
    language = session.business().language
    task = create_task(
        session,
        NewTask(
            title=translate(_("See to feedback {number}"), language, number=feedback.number),
            customer_id=feedback.customer_id,
            due_at=feedback.due_at,
            priority="high",
            owner_id=feedback.owner_id,
            team_id=feedback.team_id if feedback.owner_id is None else None,
            ref=ref_of(feedback),
            source="feedback",
        ),
    )
    feedback.task_id = task.id


def _give_task(session: CrmSession, feedback: Feedback) -> None:
    """Give the task to whoever has feedback."""
    task = session.get(Task, feedback.task_id) if feedback.task_id is not None else None
    if task is not None and task.is_open and feedback.owner_id is not None and task.owner_id != feedback.owner_id:
        session.run("work.task.assign", {"owner_id": feedback.owner_id, "anyway": True}, target=task)


def keep_task(session: CrmSession, feedback: Feedback, *, again: bool) -> None:
    """Finish the task once feedback is seen to, and open it again with it (``again``)."""
    task = session.get(Task, feedback.task_id) if feedback.task_id is not None else None
    if task is None:
        return
    # Events are looked at when the transaction ends: it is said of the whole session.
    session.info.setdefault(KEEPING, set()).add(task.id)
    if feedback.state not in OPEN and task.is_open:
        session.run("work.task.finish", {}, target=task)
    elif feedback.state in OPEN and again and not task.is_open:
        session.run("work.task.reopen", {}, target=task)
