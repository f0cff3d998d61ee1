"""What time does to insights: they expire, and promises fall due. Their owners get tasks where work is enabled.

Must not know what work is made of: its operations are called by their names, and without them nothing is missed but the
tasks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, Job, Refused, Subscription, User, operation, texts
from crmkit.i18n import translate
from crmkit_knowledge.insights.events import InsightExpired, PromiseDue
from crmkit_knowledge.insights.history import end, end_of, note_event, ref_of, topic_of
from crmkit_knowledge.insights.inputs import CustomerId
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.noting import UPDATE
from crmkit_knowledge.insights.words import CURRENT, PROMISE

_ = texts("crmkit_knowledge")

RUN, CLOSE = "knowledge.insight.run_due", "knowledge.insight.close_task"
TASK, FINISH, DROP = "work.task.create", "work.task.finish", "work.task.drop"
SOURCE = "knowledge"
CHUNK = 200


@operation(RUN, title=_("Do what is due with insights"), permission=UPDATE, hidden=True)
def run_due(session: CrmSession) -> int:
    """Mark what has expired, and tell of promises whose day has come, once for each day that was promised; return of
    how many, of some hundreds at most: whoever calls it does so until nothing is left. Raises Refused outside system
    scope."""
    _require_system(session)
    today = session.today()
    over = select(Insight).where(Insight.state == CURRENT, Insight.expires_on < today)
    expired = session.scalars(over.order_by(Insight.expires_on, Insight.id).limit(CHUNK)).all()
    for each in expired:
        if each.expires_on is not None:
            end(session, each, "expired", end_of(session, each.expires_on))
            topic = topic_of(session, each).name
            session.emit(InsightExpired(insight_id=each.id, customer_id=each.customer_id, topic=topic, kind=each.kind))
    open_ = select(Insight).where(
        Insight.kind == PROMISE, Insight.state == CURRENT, Insight.due_on <= today, Insight.told_on.is_(None)
    )
    due = session.scalars(open_.order_by(Insight.due_on, Insight.id).limit(CHUNK)).all()
    for each in due:
        if each.due_on is not None:
            each.told_on = each.due_on
            begin = end_of(session, each.due_on - timedelta(days=1))
            note_event(session, each, "due", max(begin, each.learnt_at))
            give_task(session, each)
            topic = topic_of(session, each).name
            session.emit(PromiseDue(insight_id=each.id, customer_id=each.customer_id, topic=topic, due_on=each.due_on))
    return len(expired) + len(due)


@operation("knowledge.insight.remind", title=_("Remind of promises"), permission=UPDATE, effect="update")
def remind(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    days: Annotated[int, Input(title=_("Days ahead"), minimum=0, maximum=365, classified="internal")] = 3,
) -> int:
    """Give the owners of a customer's open promises that are due within some days a task for each, once; return how
    many. Without the plugin work there are none."""
    query = select(Insight).where(
        Insight.customer_id == customer_id,
        Insight.kind == PROMISE,
        Insight.state == CURRENT,
        Insight.task_id.is_(None),
        Insight.due_on <= session.today() + timedelta(days=days),
    )
    found = session.scalars(query.order_by(Insight.due_on, Insight.id)).all()
    return sum(give_task(session, each) for each in found)


@operation(CLOSE, title=_("Close the task of a promise"), permission=UPDATE, effect="update", hidden=True)
def close_task(session: CrmSession, insight: Insight) -> bool:
    """Close the task of a promise that is not open any more, and say whether there was one. Raises Refused outside
    system scope."""
    _require_system(session)
    resource = session.gate.registry.resources.get("work.task")
    if insight.state == CURRENT or insight.task_id is None or resource is None:
        return False
    task = session.get(resource.model, insight.task_id)
    if task is None or not task.is_open:
        return False
    session.run(FINISH if insight.state == "kept" else DROP, {}, target=task)
    return True


def give_task(session: CrmSession, insight: Insight) -> bool:
    """Give the owner of a promise a task for it, else who looks after the customer; say whether there is a new one."""
    if TASK not in session.gate.registry.operations or insight.task_id is not None or insight.due_on is None:
        return False
    who = _active(session, insight.owner_id)
    if who is None:
        customer = session.get(Customer, insight.customer_id)
        who = _active(session, customer.owner_id if customer is not None else None)
    if who is None:
        return False
    language, topic = session.business().language, topic_of(session, insight)
    values: dict[str, Any] = {
        "title": translate(_("Keep a promise: {topic}"), language, topic=topic.title)[:300],
        "customer_id": insight.customer_id,
        "due_at": end_of(session, insight.due_on) - timedelta(minutes=1),
        "owner_id": who,
        "ref": ref_of(insight),
        "source": SOURCE,
    }
    insight.task_id = session.run(TASK, values).id
    return True


def _active(session: CrmSession, user_id: UUID | None) -> UUID | None:
    user = session.get(User, user_id) if user_id is not None else None
    return user.id if user is not None and user.active else None


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _ended(session: CrmSession, happened: Any) -> None:
    """Close the task of a promise that is not open any more."""
    insight = session.get(Insight, happened.insight_id)
    if insight is not None and insight.task_id is not None:
        session.run(CLOSE, target=insight)


def _run(session: CrmSession, tick: datetime) -> None:
    """Do what is due: the job."""
    while session.run(RUN):
        pass


OPERATIONS = [run_due, remind, close_task]
SUBSCRIPTIONS = [
    Subscription(name=f"knowledge.task_of_{name}", event=f"knowledge.insight.{name}", handler=_ended)
    for name in ("kept", "broken", "withdrawn", "superseded")
]
JOBS = [
    Job(
        name="knowledge.insights",
        title=_("Expiry of insights and days of promises"),
        handler=_run,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
