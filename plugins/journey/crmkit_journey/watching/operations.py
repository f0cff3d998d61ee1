"""Watching flows: how each is watched, and looking at all of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, event, operation, texts
from crmkit_journey.flows.errors import problem
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.live import Version, live_versions
from crmkit_journey.watching.measuring import Seen, look
from crmkit_journey.watching.models import Alarm, Watch
from crmkit_journey.watching.words import KINDS

_ = texts("crmkit_journey")

TELL = "work.notice.add"
Days = Annotated[int, Input(classified="public")]
Word = Annotated[str, Input(classified="internal")]


@event("journey.alarm.raised")
class AlarmRaised:
    """Something began to be wrong with a flow."""

    alarm_id: UUID
    flow: Word
    kind: Word
    node: Word


@event("journey.alarm.ended")
class AlarmEnded:
    """Something is not wrong with a flow any more."""

    alarm_id: UUID
    flow: Word
    kind: Word
    node: Word


@operation("journey.flow.watch", title=_("Say how it is watched"), permission="journey.flow.manage", effect="update")
def watch(
    session: CrmSession,
    flow: Flow,
    *,
    stuck_days: Annotated[int, Input(title=_("Stuck after (days)"), classified="public")] = 14,
    failed_share: Annotated[Decimal, Input(title=_("Share that may fail (0 to 1)"), classified="public")] = Decimal(
        "0.05"
    ),
    quiet_days: Annotated[int, Input(title=_("Nobody came for (days)"), classified="public")] = 7,
    pause: Annotated[bool, Input(title=_("Pause it where too many fail"), classified="public")] = False,
) -> Flow:
    """Say what raises alarms about a flow. Raises InvalidInput for days below 1 and shares outside 0 to 1."""
    for name, days in (("stuck_days", stuck_days), ("quiet_days", quiet_days)):
        if not 1 <= days <= 365:
            raise problem(name, _("Days lie between 1 and 365."))
    if not 0 <= failed_share <= 1:
        raise problem("failed_share", _("A share lies between 0 and 1."))
    found = _watch_of(session, flow.id)
    if found.flow_id is None:
        found.flow_id = flow.id
        session.add(found)
    found.stuck_days, found.quiet_days, found.failed_share, found.pause = stuck_days, quiet_days, failed_share, pause
    return flow


@operation("journey.alarm.look", title=_("Look after flows"), permission="journey.flow.manage", hidden=True)
def look_after(session: CrmSession) -> int:
    """Raise the alarms that are due, end those that are over, and return how many are open."""
    now = session.gate.clock.business_now()
    count = 0
    for version in live_versions(session, ("live", "retired")):
        own = _watch_of(session, version.flow_id)
        query = select(Alarm).where(Alarm.flow_id == version.flow_id, Alarm.ended_at.is_(None))
        there = {(each.kind, each.node): each for each in session.scalars(query)}
        for seen in look(session, version, own, now):
            count += 1
            old = there.pop((seen.kind, seen.node), None)
            if old is None:
                _raise(session, version, own, seen, now)
            else:
                old.value, old.base = _exact(seen.value), _exact(seen.base)
        for gone in there.values():
            gone.ended_at = now
            ended = AlarmEnded(alarm_id=gone.id, flow=version.name, kind=gone.kind, node=gone.node)
            session.emit(ended)
    return count


def _raise(session: CrmSession, version: Version, own: Watch, seen: Seen, now: datetime) -> None:
    alarm = Alarm(
        flow_id=version.flow_id,
        kind=seen.kind,
        node=seen.node,
        value=_exact(seen.value),
        base=_exact(seen.base),
        since=now,
    )
    session.add(alarm)
    session.flush()
    session.emit(AlarmRaised(alarm_id=alarm.id, flow=version.name, kind=seen.kind, node=seen.node))
    if seen.kind == "failing" and own.pause:
        reason = str(KINDS["failing"])
        session.run("journey.flow.halt", {"reason": reason}, target=version.flow_id)
    if TELL in session.gate.registry.operations:
        _tell(session, version, seen)


def _tell(session: CrmSession, version: Version, seen: Seen) -> None:
    from crmkit_work.api import NewNotice, notify

    flow = session.get_one(Flow, version.flow_id)
    path = f"/modules/journey/flow?flow={version.name}" + (f"&node={seen.node}" if seen.node else "")
    notice = NewNotice(
        kind="journey.alarm",
        title=_("{what}: {flow}"),
        values={"what": KINDS[seen.kind], "flow": flow.title},
        ref=f"journey.flow:{flow.id}",
        path=path,
    )
    notify(session, [flow.owner_id or version.user_id], notice)


def _watch_of(session: CrmSession, flow_id: UUID) -> Watch:
    found = session.scalars(select(Watch).where(Watch.flow_id == flow_id)).first()
    if found is None:
        found = Watch(stuck_days=14, failed_share=Decimal("0.05"), quiet_days=7, pause=False)
    return found


def _exact(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.000001"))


def _job(session: CrmSession, tick: datetime) -> None:
    session.run("journey.alarm.look")


OPERATIONS = [watch, look_after]
EVENTS: list[type[Any]] = [AlarmRaised, AlarmEnded]
JOBS = [
    Job(
        name="journey.watch",
        title=_("Look after flows"),
        handler=_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
    )
]
