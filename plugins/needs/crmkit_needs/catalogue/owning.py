"""Who has a need, and the task in work by which it is due: it moves with the date and is closed with the need.

Must not know what becomes of a need, nor who asked for it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit_work.api import NewNotice, NewTask, Queue, Task, Wish, assign, create_task, lead_of, notify
from sqlalchemy import or_, select

from crmkit import CrmSession, Input, Job, Refused, Subscription, User, operation, texts
from crmkit.i18n import translate
from crmkit_needs.catalogue.events import NeedMoved, NeedUnmerged
from crmkit_needs.catalogue.history import note, path_of, ref_of
from crmkit_needs.catalogue.models import Need, NeedEvent, ProductArea
from crmkit_needs.catalogue.words import OPEN
from crmkit_needs.settings import settings_of

_ = texts("crmkit_needs")

FOLLOW, TICK = "needs.need.follow", "needs.need.tick"
UPDATE = "needs.need.update"
NOTICE, SOURCE = "needs.need", "needs"
SOON, LATE = "due_soon", "overdue"
CHUNK = 500
Again = Annotated[bool, Input(classified="internal")]


def lead_for(session: CrmSession, area: ProductArea | None) -> UUID | None:
    """Return who answers for an area: its lead, or that of the nearest area of which it is a part."""
    while area is not None:
        if area.lead_id is not None:
            user = session.get(User, area.lead_id)
            if user is not None and user.active:
                return area.lead_id
        area = session.get(ProductArea, area.parent_id) if area.parent_id is not None else None
    return None


def day_of(need: Need) -> date | None:
    """Return the day by which a need is to be there: the first of the day it is due and the one it is promised for."""
    return min((each for each in (need.due_on, need.promised_on) if each is not None), default=None)


@operation(FOLLOW, title=_("Give it out and keep its task"), permission=UPDATE, effect="update", hidden=True)
def follow(session: CrmSession, need: Need, *, again: Again = False) -> Need:
    """Give an open need that nobody has to its area's lead, else have the queue of the settings decide, and bring its
    task to its day, its owner and its state; one that was closed is opened again with the need (``again``) alone. Does
    nothing where all of it is so. Raises Refused outside system scope."""
    _require_system(session)
    if need.state in OPEN and need.owner_id is None:
        _give_out(session, need)
    _keep_task(session, need, again=again)
    return need


@operation(TICK, title=_("Look at the days of needs"), permission=UPDATE, hidden=True)
def tick(session: CrmSession) -> int:
    """Tell owners which needs are due soon and which are late, once for each day that is laid down, and give out what
    nobody has; return how many were told of. Raises Refused outside system scope."""
    _require_system(session)
    told, last = 0, None
    while True:
        query = select(Need).where(Need.state.in_(OPEN), or_(Need.due_on.is_not(None), Need.promised_on.is_not(None)))
        if last is not None:
            query = query.where(Need.id > last)
        batch = session.scalars(query.order_by(Need.id).limit(CHUNK)).all()
        if not batch:
            return told
        last = batch[-1].id
        refs = select(Task.ref).where(Task.source == SOURCE, Task.ref.in_([ref_of(each) for each in batch]))
        with_task = set(session.scalars(refs))
        for each in batch:
            if each.owner_id is None or ref_of(each) not in with_task:
                session.run(FOLLOW, target=each)
        told += _remind(session, batch)


def _remind(session: CrmSession, needs: Any) -> int:
    """Tell the owners of needs about their days; return of how many."""
    today = session.today()
    ahead = settings_of(session.crm.settings).remind_days
    said = select(NeedEvent.need_id, NeedEvent.kind, NeedEvent.after).where(
        NeedEvent.need_id.in_([each.id for each in needs]), NeedEvent.kind.in_((SOON, LATE))
    )
    known = {tuple(row) for row in session.execute(said)}
    told = 0
    for need in needs:
        day = day_of(need)
        if day is None or day > today + timedelta(days=ahead) or (day >= today and not ahead):
            continue
        kind = LATE if day < today else SOON
        if (need.id, kind, day.isoformat()) in known:
            continue
        who = need.owner_id or (lead_of(session, need.team_id) if need.team_id is not None else None)
        if who is None:
            continue
        title = _("Need {number} is late: it was due on {day}") if kind == LATE else _("Need {number} is due on {day}")
        _tell(session, need, who, title, day=day)
        note(session, need, kind, after=day.isoformat())
        told += 1
    return told


def _tell(session: CrmSession, need: Need, user_id: UUID, title: str, **values: Any) -> None:
    named = {"number": str(need.number), **values}
    notify(session, [user_id], NewNotice(kind=NOTICE, title=title, values=named, ref=ref_of(need), path=path_of(need)))


def _give_out(session: CrmSession, need: Need) -> None:
    """Make a need its area's lead's, else whose the queue says; without a queue it waits."""
    area = session.get(ProductArea, need.area_id) if need.area_id is not None else None
    found = lead_for(session, area)
    name = settings_of(session.crm.settings).queue
    if found is None and name:
        queue = session.scalar(select(Queue).where(Queue.name == name, Queue.active))
        if queue is not None:
            answer = assign(session, Wish(ref=ref_of(need), title=str(need.number), queue_id=queue.id))
            found = answer.user_id
            need.team_id = need.team_id or answer.team_id
    if found is not None:
        need.owner_id = found
        note(session, need, "assigned", after=found)
        _tell(session, need, found, _("Need {number} is yours to see to"))


def _keep_task(session: CrmSession, need: Need, *, again: bool) -> None:
    """Add the task of a need, or bring it to where the need is. What somebody closed by hand stays closed while its
    need goes on as before."""
    found = select(Task).where(Task.source == SOURCE, Task.ref == ref_of(need)).order_by(Task.id)
    task = session.scalars(found).first()
    day = day_of(need)
    if need.state not in OPEN or day is None:
        if task is not None and task.is_open:
            name = "work.task.finish" if need.state == "delivered" else "work.task.drop"
            session.run(name, {}, target=task)
        return
    if need.owner_id is None and need.team_id is None:
        return
    due = _end_of(session, day)
    if task is None:
        language = session.business().language
        title = translate(_("Need {number}: {title}"), language, number=need.number, title=need.title)
        create_task(
            session,
            NewTask(
                title=title[:300],
                due_at=due,
                owner_id=need.owner_id,
                team_id=need.team_id if need.owner_id is None else None,
                ref=ref_of(need),
                source=SOURCE,
            ),
        )
        return
    if not task.is_open:
        if not again:
            return
        session.run("work.task.reopen", {}, target=task)
    if task.due_at != due:
        session.run("work.task.update", {"due_at": due}, target=task)
    if need.owner_id is not None and task.owner_id != need.owner_id:
        session.run("work.task.assign", {"owner_id": need.owner_id, "anyway": True}, target=task)


def _end_of(session: CrmSession, day: date) -> datetime:
    """Return the last minute of a day in the company's zone."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    return datetime.combine(day, time(23, 59), zone).astimezone(UTC)


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _happened(session: CrmSession, happened: Any) -> None:
    """Follow a need to which something happened."""
    need = session.get(Need, happened.need_id)
    if need is not None:
        session.run(FOLLOW, {"again": _opened_again(happened)}, target=need)


def _opened_again(happened: Any) -> bool:
    """Say whether a need that was over is open since."""
    return isinstance(happened, NeedUnmerged) or (isinstance(happened, NeedMoved) and happened.from_state not in OPEN)


def _given(session: CrmSession, happened: Any) -> None:
    """Tell somebody that a need is theirs now, while it is."""
    need = session.get(Need, happened.need_id)
    if need is not None and need.state in OPEN and need.owner_id == happened.owner_id:
        _tell(session, need, happened.owner_id, _("Need {number} is yours to see to"))


def _tick_job(session: CrmSession, tick: object) -> None:
    """Look at the days of needs."""
    session.run(TICK)


OPERATIONS = [follow, tick]
SUBSCRIPTIONS = [
    Subscription(name=f"needs.follow_{name}", event=f"needs.need.{name}", handler=_happened)
    for name in ("opened", "changed", "moved", "merged", "unmerged")
] + [Subscription(name="needs.given", event="needs.need.assigned", handler=_given)]
JOBS = [
    Job(
        name="needs.days",
        title=_("Days of needs"),
        handler=_tick_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
