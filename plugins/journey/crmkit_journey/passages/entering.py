"""Coming in: who may, who is held out, and the passage that begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, NotFound, customers_where, new_id, operation, texts
from crmkit.engines.statistics.hashing import held_out
from crmkit_journey.flows.errors import FlowInState, NotAgain
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.flows.nodes import Entry
from crmkit_journey.flows.words import FlowName
from crmkit_journey.passages.events import PassagesBegan
from crmkit_journey.passages.live import Version, live_versions
from crmkit_journey.passages.models import Arrival, Passage
from crmkit_journey.passages.stepping import begin

_ = texts("crmkit_journey")

BATCH = 500
"""So many arrivals are looked at in one transaction."""


@frozen(kw_only=True)
class Former:
    """A passage that a customer had before."""

    number: int
    began_at: datetime
    over: bool
    key: str


def may_enter(entry: Entry, former: Sequence[Former], key: str, at: datetime) -> bool:
    """Say whether a customer with former passages may come in by a key at an instant."""
    if not former:
        return True
    if entry.most and len(former) >= entry.most:
        return False
    if entry.again == "each":
        return all(each.key != key for each in former)
    if entry.again == "never" or not all(each.over for each in former):
        return False
    if entry.again == "after":
        return at >= max(each.began_at for each in former) + timedelta(days=entry.days)
    return True


@operation("journey.passage.enter", title=_("Let a customer in"), permission="journey.passage.run", effect="create")
def enter(
    session: CrmSession,
    *,
    flow: FlowName,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    key: Annotated[str, Input(title=_("By what"), max_length=80, classified="internal")] = "",
) -> Passage:
    """Let a customer into a flow that is live, whatever lets others in; with a ``key`` once for it.

    Raises NotFound, FlowInState, and NotAgain for a customer whom the flow does not let in again.
    """
    record = flow_named(session, flow)
    (version,) = live_versions(session, name=flow) or (None,)
    if version is None:
        raise FlowInState(record.name, record.state)
    if session.get(Customer, customer_id) is None:
        raise NotFound(_("There is no such customer."))
    now = session.gate.clock.business_now()
    made = begin_passages(session, version, [(customer_id, key)], now)
    if not made:
        raise NotAgain(flow)
    return made[0]


@operation("journey.passage.admit", title=_("Let in who waits"), permission="journey.passage.run", hidden=True)
def admit(session: CrmSession, *, flow: FlowName) -> int:
    """Let in who waits to come into a flow and meets its condition, and return how many were looked at."""
    found = live_versions(session, name=flow)
    if not found:
        return 0
    version = found[0]
    query = select(Arrival).where(Arrival.flow_id == version.flow_id).order_by(Arrival.at, Arrival.id).limit(BATCH)
    arrivals = session.scalars(query.with_for_update(skip_locked=True)).all()
    if not arrivals:
        return 0
    ids = list({each.customer_id for each in arrivals})
    meant = set(session.scalars(customers_where(session, version.flow.entry.when, among=ids)))
    wanted = [(each.customer_id, each.key) for each in arrivals if each.customer_id in meant]
    begin_passages(session, version, wanted, session.gate.clock.business_now())
    for each in arrivals:
        session.delete(each)
    return len(arrivals)


def begin_passages(
    session: CrmSession,
    version: Version,
    wanted: Sequence[tuple[UUID, str]],
    now: datetime,
    *,
    of_id: UUID | None = None,
    again: bool = False,
) -> list[Passage]:
    """Begin a passage for each customer, with its key, who may come in; with ``again`` whoever was in before, too, as a
    flow that sends somebody on means it. Part of the flow is held out by a hash of its name and the customer's id."""
    former = _former(session, version.flow_id, {customer_id for customer_id, _key in wanted})
    made: list[Passage] = []
    for customer_id, key in wanted:
        before = former[customer_id]
        if not again and not may_enter(version.flow.entry, before, key, now):
            continue
        alone = of_id is None and held_out(f"journey:{version.name}", version.flow.hold_out, customer_id)
        state = begin(version.of(alone), now)
        days = version.flow.goal.days if version.flow.goal is not None else 0
        number = max((each.number for each in before), default=0) + 1
        made.append(
            Passage(
                id=new_id(),
                flow_id=version.flow_id,
                edition=version.number,
                customer_id=customer_id,
                number=number,
                key=key,
                held_out=alone,
                node=state.node,
                began_at=now,
                since=now,
                wake_at=now,
                due_at=now,
                kinds=[],
                rounds={},
                heard=[],
                goal_until=now + timedelta(days=days),
                of_id=of_id,
            )
        )
        former[customer_id] = [*before, Former(number=number, began_at=now, over=False, key=key)]
    session.add_all(made)
    session.flush()
    for part in _parts(made):
        session.emit(
            PassagesBegan(
                flow=version.name,
                customer_ids=tuple(each.customer_id for each in part),
                passage_ids=tuple(each.id for each in part),
            )
        )
    return made


def _former(session: CrmSession, flow_id: UUID, ids: Iterable[UUID]) -> dict[UUID, list[Former]]:
    found: dict[UUID, list[Former]] = defaultdict(list)
    every = sorted(ids)
    for start in range(0, len(every), 1000):
        query = select(Passage).where(Passage.flow_id == flow_id, Passage.customer_id.in_(every[start : start + 1000]))
        for each in session.scalars(query):
            former = Former(number=each.number, began_at=each.began_at, over=each.status == "ended", key=each.key)
            found[each.customer_id].append(former)
    return found


def _parts(made: Sequence[Passage]) -> Iterable[Sequence[Passage]]:
    return (made[start : start + 1000] for start in range(0, len(made), 1000))


def keys_known(session: CrmSession, flow_id: UUID, wanted: Mapping[UUID, str]) -> set[UUID]:
    """Return those of some customers who wait to come in by the same key already."""
    query = select(Arrival.customer_id, Arrival.key).where(
        Arrival.flow_id == flow_id, Arrival.customer_id.in_(list(wanted))
    )
    return {customer_id for customer_id, key in session.execute(query) if wanted[customer_id] == key}


OPERATIONS = [enter, admit]
