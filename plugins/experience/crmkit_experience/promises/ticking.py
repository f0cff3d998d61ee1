"""What time does to promises: they fall due, owners are told, and what is overdue too long is broken.

Must not know what work is made of: it is asked where it is enabled, and without it nothing is missed but the notices
and the tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Do, Input, Job, Refused, Rule, User, operation, texts
from crmkit.i18n import translate
from crmkit_experience.promises.events import PromiseOverdue, PromiseSoon
from crmkit_experience.promises.keeping import CLOSE_TASK, settle, tell_broken
from crmkit_experience.promises.making import UPDATE
from crmkit_experience.promises.models import Promise
from crmkit_experience.promises.words import BROKEN, KINDS, OPEN
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

RUN, CLOSE = "experience.promise.run_due", "experience.promise.close_task"
TASK, FINISH, DROP = "work.task.create", "work.task.finish", "work.task.drop"
HOME = "/modules/experience/promises"
CHUNK = 200


@operation(RUN, title=_("Do what is due with promises"), permission=UPDATE, hidden=True)
def run_due(session: CrmSession) -> int:
    """Tell owners of promises that are due soon or over, and break what is overdue for longer than the settings say,
    unless an interaction looks like it was kept in time. Returns of how many, some hundreds at most: whoever calls it
    does so until nothing is left. Raises Refused outside system scope."""
    _require_system(session)
    now, settings = session.gate.clock.business_now(), settings_of(session.crm.settings)
    soon = _waiting(session, Promise.due_at <= now + timedelta(hours=settings.promise_soon_hours), Promise.soon_at)
    for each in soon:
        each.soon_at = now
        give_task(session, each)
        if each.due_at > now:
            _tell(session, each, [each.owner_id], _("A promise to {customer} is due: {kind}"))
            session.emit(
                PromiseSoon(promise_id=each.id, customer_id=each.customer_id, kind=each.kind, due_at=each.due_at)
            )
    over = _waiting(session, Promise.due_at <= now, Promise.overdue_at)
    for each in over:
        each.overdue_at = now
        _tell(session, each, [each.owner_id], _("A promise to {customer} is overdue: {kind}"), urgent=True)
        session.emit(
            PromiseOverdue(promise_id=each.id, customer_id=each.customer_id, kind=each.kind, due_at=each.due_at)
        )
    limit = now - timedelta(hours=settings.promise_grace_hours)
    # Where something looks like it, a person decides.
    lost = _waiting(session, Promise.due_at <= limit, Promise.proof_id)
    for each in lost:
        settle(session, each, BROKEN, each.due_at)
        tell_broken(session, each)
    session.flush()
    return len(soon) + len(over) + len(lost)


@operation(CLOSE, title=_("Close the task of a promise"), permission=UPDATE, effect="update", hidden=True)
def close_task(
    session: CrmSession,
    promise: Promise,
    *,
    task_id: Annotated[UUID, Input(title=_("Task"), classified="internal")],
    done: Annotated[bool, Input(title=_("It was done"), classified="internal")] = False,
) -> bool:
    """Close a task for a promise that is settled, or due at another time; say whether it was open. Raises Refused
    outside system scope."""
    _require_system(session)
    resource = session.gate.registry.resources.get("work.task")
    task = session.get(resource.model, task_id) if resource is not None else None
    if task is None or not task.is_open:
        return False
    session.run(FINISH if done else DROP, {}, target=task)
    return True


@operation("experience.promise.tell_lead", title=_("Tell the lead of a promise"), permission=UPDATE, effect="update")
def tell_lead(session: CrmSession, promise: Promise) -> bool:
    """Tell whoever leads the team that a promise was broken, and say whether there is somebody. Without the plugin work
    there is not."""
    if "work.notice.add" not in session.gate.registry.operations:
        return False
    from crmkit_work.api import lead_of, main_team

    team = promise.team_id or (main_team(session, promise.owner_id) if promise.owner_id is not None else None)
    lead = lead_of(session, team)
    if lead is None:
        return False
    _tell(session, promise, [lead], _("A promise to {customer} was broken: {kind}"))
    return True


def give_task(session: CrmSession, promise: Promise) -> bool:
    """Give the owner of a promise a task for it; say whether there is a new one."""
    if TASK not in session.gate.registry.operations or promise.task_id is not None:
        return False
    who = _active(session, promise.owner_id)
    if who is None:
        customer = session.get(Customer, promise.customer_id)
        who = _active(session, customer.owner_id if customer is not None else None)
    if who is None:
        return False
    language = session.business().language
    values: dict[str, Any] = {
        "title": translate(_("Keep a promise: {kind}"), language, kind=translate(KINDS[promise.kind], language)),
        "customer_id": promise.customer_id,
        "due_at": promise.due_at - timedelta(minutes=1),
        "owner_id": who,
        "ref": f"experience.promise:{promise.id}",
        "source": "experience",
    }
    promise.task_id = session.run(TASK, values).id
    return True


def _waiting(session: CrmSession, due: Any, told: Any) -> Sequence[Promise]:
    query = select(Promise).where(Promise.state == OPEN, due, told.is_(None))
    return session.scalars(query.order_by(Promise.due_at, Promise.id).limit(CHUNK)).all()


def _tell(
    session: CrmSession, promise: Promise, users: Sequence[UUID | None], title: str, *, urgent: bool = False
) -> None:
    if "work.notice.add" not in session.gate.registry.operations:
        return
    from crmkit_work.api import NewNotice, notify

    notice = NewNotice(
        kind="experience.promise",
        title=title,
        values={"kind": KINDS[promise.kind]},
        ref=f"experience.promise:{promise.id}",
        path=f"{HOME}?customer={promise.customer_id}",
        urgent=urgent,
        customer_id=promise.customer_id,
    )
    notify(session, users, notice)


def _active(session: CrmSession, user_id: UUID | None) -> UUID | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.id if user is not None and user.active else None


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _run(session: CrmSession, tick: datetime) -> None:
    """Do what is due: the job."""
    while session.run(RUN):
        pass


def _close(session: CrmSession, promise_id: str, task_id: str, done: bool) -> None:
    """Close a task of a promise: the job."""
    promise = session.get(Promise, UUID(promise_id))
    if promise is not None:
        session.run(CLOSE, {"task_id": task_id, "done": done}, target=promise)


OPERATIONS = [run_due, close_task, tell_lead]
JOBS = [
    Job(
        name="experience.promises",
        title=_("Promises that fall due"),
        handler=_run,
        every="15 minutes",
        catch_up="latest",
        acts_as="system",
        lease=600,
    ),
    Job(name=CLOSE_TASK, title=_("Tasks of settled promises"), handler=_close, acts_as="system"),
]
RULES = [
    Rule(
        name="experience.promise_broken",
        title=_("Tell the lead of broken promises"),
        doc=_("Whoever leads the team hears of each promise that was broken."),
        on="experience.promise.broken",
        then=[Do(operation="experience.promise.tell_lead", target="event.promise_id")],
        enabled=False,
    )
]
