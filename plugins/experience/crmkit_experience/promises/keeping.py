"""What becomes of promises: kept, broken, withdrawn, or agreed on for another time.

Kept is what was done until the time that was promised; what was done later is broken, and late. Must not know texts.
"""

from __future__ import annotations

from datetime import datetime

from crmkit import CrmSession, operation, texts
from crmkit_experience.promises.errors import PromiseInState, problem
from crmkit_experience.promises.events import PromiseBroken, PromiseKept, PromiseWithdrawn
from crmkit_experience.promises.inputs import DoneAt, DueAt, DueOn, Outcome, Why
from crmkit_experience.promises.making import UPDATE, due_by
from crmkit_experience.promises.models import Promise
from crmkit_experience.promises.words import BROKEN, KEPT, OPEN, WITHDRAWN

_ = texts("crmkit_experience")

CLOSE_TASK = "experience.close_task"


@operation("experience.promise.keep", title=_("It was done"), permission=UPDATE, effect="update")
def keep_promise(
    session: CrmSession, promise: Promise, *, done_at: DoneAt | None = None, outcome: Outcome = ""
) -> Promise:
    """Say that what was promised was done. In time it is kept, later it is broken and late. One that time broke is
    settled anew by this.

    Raises PromiseInState for one that is kept, late already or withdrawn, InvalidInput for a time that is to come or
    was before it was promised.
    """
    if promise.state not in (OPEN, BROKEN) or promise.done_at is not None:
        raise PromiseInState(promise.state)
    now = session.gate.clock.business_now()
    at = done_at or promise.proof_at or now
    if at > now:
        raise problem("done_at", _("This is still to come."))
    if at < promise.promised_at:
        raise problem("done_at", _("It was not promised yet then."))
    was = promise.state
    promise.done_at = at
    promise.late = at > promise.due_at
    settle(session, promise, BROKEN if promise.late else KEPT, at if not promise.late else promise.due_at, outcome)
    if promise.late and was != BROKEN:
        tell_broken(session, promise)
    elif not promise.late:
        session.emit(PromiseKept(promise_id=promise.id, customer_id=promise.customer_id, kind=promise.kind))
    return promise


@operation("experience.promise.break", title=_("It was not done"), permission=UPDATE, effect="update")
def break_promise(session: CrmSession, promise: Promise, *, outcome: Outcome = "") -> Promise:
    """Say that what was promised was not done, and will not be in time. Raises PromiseInState for one that is not
    open."""
    _require_open(promise)
    settle(session, promise, BROKEN, session.gate.clock.business_now(), outcome)
    tell_broken(session, promise)
    return promise


@operation("experience.promise.withdraw", title=_("Withdraw"), permission=UPDATE, effect="update")
def withdraw_promise(session: CrmSession, promise: Promise, *, why: Why, outcome: Outcome = "") -> Promise:
    """Take a promise back that the customer does not want any more, or that was none. Raises PromiseInState for one
    that is settled by a person."""
    if promise.state == BROKEN and promise.ended_by_id is None and promise.done_at is None:
        # What time alone has broken was perhaps never promised.
        pass
    else:
        _require_open(promise)
    promise.why = why
    settle(session, promise, WITHDRAWN, session.gate.clock.business_now(), outcome)
    session.emit(PromiseWithdrawn(promise_id=promise.id, customer_id=promise.customer_id, kind=promise.kind, why=why))
    return promise


@operation("experience.promise.move", title=_("Agree on another time"), permission=UPDATE, effect="update")
def move_promise(
    session: CrmSession, promise: Promise, *, due_on: DueOn | None = None, due_at: DueAt | None = None
) -> Promise:
    """Note that the customer agreed to another time, before the first was over; it is counted how often.

    Raises PromiseInState for one that is not open, InvalidInput for one whose time is over: it is broken.
    """
    _require_open(promise)
    now = session.gate.clock.business_now()
    if promise.due_at <= now:
        raise problem("due_on", _("The time is over. What is agreed on now is a new promise."))
    promise.due_at, promise.due_on, promise.whole_day = due_by(session, due_on, due_at, now)
    promise.moved += 1
    promise.soon_at = None
    _give_task_back(session, promise)
    return promise


@operation("experience.promise.unproven", title=_("That was not it"), permission=UPDATE, effect="update")
def reject_proof(session: CrmSession, promise: Promise) -> Promise:
    """Say that the interaction that looked like it was not what was promised. Raises PromiseInState for one that is not
    open."""
    if promise.proof_id is None:
        _require_open(promise)
    promise.proof_id = promise.proof_at = None
    return promise


def settle(session: CrmSession, promise: Promise, state: str, at: datetime, outcome: str = "") -> None:
    """Have a promise not be open any more from an instant on, and close its task."""
    promise.state, promise.ended_at, promise.ended_by_id = state, at, session.actor.user_id
    if outcome.strip():
        promise.outcome = outcome.strip()
    _give_task_back(session, promise)


def _give_task_back(session: CrmSession, promise: Promise) -> None:
    """Have the task of a promise closed, and know of none."""
    if promise.task_id is not None:
        # Its owner may be another one: it is closed in system scope.
        done = promise.done_at is not None
        session.defer(CLOSE_TASK, promise_id=str(promise.id), task_id=str(promise.task_id), done=done)
        promise.task_id = None


def tell_broken(session: CrmSession, promise: Promise) -> None:
    """Tell that a promise is broken."""
    session.emit(
        PromiseBroken(promise_id=promise.id, customer_id=promise.customer_id, kind=promise.kind, late=promise.late)
    )


def _require_open(promise: Promise) -> None:
    if promise.state != OPEN:
        raise PromiseInState(promise.state)


OPERATIONS = [keep_promise, break_promise, withdraw_promise, move_promise, reject_proof]
