"""What flows listen to: interactions, segments and the days of the calendar. Notes what happened for the passages and
the flows that it concerns; what comes of it is decided when the flow itself looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import (
    CrmSession,
    Input,
    Interaction,
    Job,
    Subscription,
    customers_where,
    new_id,
    operation,
    texts,
)
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.entering import keys_known
from crmkit_journey.passages.live import Version, concerns, hears, live_versions, version_at
from crmkit_journey.passages.models import Arrival, Passage
from crmkit_journey.settings import settings_of

_ = texts("crmkit_journey")

RUN, ENTER = "journey.run", "journey.passage.run"
PATIENCE = timedelta(days=7)
Ids = Annotated[tuple[UUID, ...], Input(title=_("Ids"), classified="internal")]
Word = Annotated[str, Input(title=_("Name"), max_length=80, classified="internal")]


@operation("journey.passage.hear", title=_("Hear of interactions"), permission=ENTER, hidden=True)
def hear(session: CrmSession, *, kind: Word, interaction_ids: Ids) -> int:
    """Note interactions of one kind for the passages that they concern, and let their customers come in where a flow
    begins with them; return how many were concerned."""
    now = session.gate.clock.business_now()
    query = select(Interaction.id, Interaction.customer_id, Interaction.occurred_at)
    happened = [
        (id_, customer_id, at)
        for id_, customer_id, at in session.execute(query.where(Interaction.id.in_(interaction_ids)))
        if customer_id is not None
    ]
    concerned = _note(session, kind, happened, now)
    # What is taken over from long ago lets nobody in.
    since = now - timedelta(hours=settings_of(session.crm.settings).entry_hours)
    fresh = [(customer_id, str(id_)) for id_, customer_id, at in happened if at >= since]
    for version in live_versions(session):
        if version.flow.entry.on == "event" and kind in version.flow.entry.kinds:
            for customer_id, key in fresh:
                concerned += arrive(session, version, [customer_id], key, now)
    if concerned:
        session.defer(RUN, unique=RUN)
    return concerned


@operation("journey.passage.hear_segment", title=_("Hear of a segment"), permission=ENTER, hidden=True)
def hear_segment(session: CrmSession, *, segment: Word, change: Word, customer_ids: Ids, at: datetime) -> int:
    """Let customers come in who entered or left a segment; return how many."""
    now = session.gate.clock.business_now()
    count = 0
    for version in live_versions(session):
        entry = version.flow.entry
        if entry.on == "segment" and (entry.segment, entry.change) == (segment, change):
            count += arrive(session, version, customer_ids, f"{change}:{at.isoformat()}"[:80], now)
    if count:
        session.defer(RUN, unique=RUN)
    return count


@operation("journey.passage.look_daily", title=_("Look who comes in today"), permission=ENTER, hidden=True)
def look_daily(session: CrmSession, *, flow: Word) -> int:
    """Let those come in for whom the condition of a flow holds today; return how many. Twice a day changes nothing."""
    found = live_versions(session, name=flow)
    if not found or found[0].flow.entry.on != "daily":
        return 0
    version = found[0]
    key = f"day:{session.today().isoformat()}"
    inside = select(Passage.customer_id).where(Passage.flow_id == version.flow_id, Passage.key == key)
    known = set(session.scalars(inside))
    meant = [each for each in session.scalars(customers_where(session, version.flow.entry.when)) if each not in known]
    count = sum(
        arrive(session, version, meant[start : start + 1000], key, session.gate.clock.business_now())
        for start in range(0, len(meant), 1000)
    )
    if count:
        session.defer(RUN, unique=RUN)
    return count


@operation("journey.passage.forget", title=_("Forget who waited in vain"), permission=ENTER, hidden=True)
def forget(session: CrmSession) -> int:
    """Forget who has waited for `PATIENCE` to come into a flow: its publisher does not see these customers, or it is
    stopped. Return how many."""
    now = session.gate.clock.business_now()
    old = session.scalars(select(Arrival).where(Arrival.at < now - PATIENCE).limit(5000)).all()
    for each in old:
        session.delete(each)
    return len(old)


def arrive(session: CrmSession, version: Version, customers: Sequence[UUID], key: str, now: datetime) -> int:
    """Have customers, at most 1,000, wait to come in by a key; return how many did not already."""
    there = keys_known(session, version.flow_id, dict.fromkeys(customers, key))
    new = [each for each in dict.fromkeys(customers) if each not in there]
    session.add_all(Arrival(id=new_id(), flow_id=version.flow_id, customer_id=each, key=key, at=now) for each in new)
    session.flush()
    return len(new)


def _note(session: CrmSession, kind: str, happened: Sequence[tuple[UUID, UUID, datetime]], now: datetime) -> int:
    """Note interactions for the passages of their customers that listen to them."""
    by_customer: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for id_, customer_id, at in sorted(happened, key=lambda each: (each[2], each[0])):
        by_customer.setdefault(customer_id, []).append((id_, at))
    ids = sorted(by_customer)
    versions: dict[tuple[UUID, int], Version] = {}
    count = 0
    for start in range(0, len(ids), 1000):
        query = (
            select(Passage, Flow)
            .join(Flow, Flow.id == Passage.flow_id)
            .where(Passage.customer_id.in_(ids[start : start + 1000]))
            .where((Passage.status != "ended") | (Passage.goal_at.is_(None) & (Passage.goal_until > now)))
            .order_by(Passage.id)
            .with_for_update(of=Passage)
        )
        for passage, flow in session.execute(query):
            place = (flow.id, passage.edition)
            if place not in versions:
                versions[place] = version_at(session, flow, passage.edition)
            if kind not in passage.kinds and not hears(versions[place].of(passage.held_out), kind):
                continue
            heard = [
                {"kind": kind, "at": at.isoformat(), "id": str(id_)}
                for id_, at in by_customer[passage.customer_id]
                if at >= passage.began_at
            ]
            if heard:
                passage.heard = [*passage.heard, *heard]
                passage.due_at = now
                count += 1
    return count


def _recorded(session: CrmSession, event: Any) -> None:
    session.run("journey.passage.hear", {"kind": event.kind, "interaction_ids": list(event.interaction_ids)})


def _wanted(session: CrmSession, event: Any) -> bool:
    return concerns(session, event.kind)


def _resolved(session: CrmSession, event: Any) -> None:
    session.run("journey.passage.hear", {"kind": event.kind, "interaction_ids": [event.interaction_id]})


def _segment(change: str) -> Any:
    def heard(session: CrmSession, event: Any) -> None:
        session.run(
            "journey.passage.hear_segment",
            {
                "segment": event.segment,
                "change": change,
                "customer_ids": list(event.customer_ids),
                "at": event.as_of,
            },
        )

    return heard


def _segment_wanted(session: CrmSession, event: Any) -> bool:
    return any(each.flow.entry.segment == event.segment for each in live_versions(session))


def _hourly(session: CrmSession, tick: datetime) -> None:
    hour = session.gate.clock.business_now().astimezone(ZoneInfo(session.business().zone)).hour
    for version in live_versions(session):
        if version.flow.entry.on == "daily" and version.flow.entry.at == hour:
            session.run("journey.passage.look_daily", {"flow": version.name})
    session.run("journey.passage.forget")


OPERATIONS = [hear, hear_segment, look_daily, forget]
SUBSCRIPTIONS = [
    Subscription(name="journey.recorded", event="interaction.recorded", handler=_recorded, wanted=_wanted),
    Subscription(name="journey.resolved", event="interaction.resolved", handler=_resolved, wanted=_wanted),
    Subscription(name="journey.entered", event="segment.entered", handler=_segment("entered"), wanted=_segment_wanted),
    Subscription(name="journey.left", event="segment.left", handler=_segment("left"), wanted=_segment_wanted),
]
JOBS = [
    Job(
        name="journey.daily",
        title=_("Look who comes into flows today"),
        handler=_hourly,
        cron="5 * * * *",
        catch_up="latest",
        acts_as="system",
    )
]
