"""Plays a flow over what happened in a span of days, by the same step function as passages, and writes nothing.

What customers did is taken from their interactions; conditions are read as they stood at the end of each day. What the
flow would have changed about customers is not known: goals are those that they reached without it. Caps and quiet hours
are messaging's, and are not played.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import (
    CrmSession,
    Customer,
    Interaction,
    InvalidInput,
    Problem,
    RowExpression,
    moment_of,
    row_expression,
    texts,
    values_of,
)
from crmkit.engines.statistics.hashing import held_out, share_of
from crmkit_journey.flows.nodes import Flow
from crmkit_journey.passages.entering import Former, may_enter
from crmkit_journey.passages.stepping import State, Stimulus, begin, left_alone, questions, step

_ = texts("crmkit_journey")

MOST_DAYS, MOST_CUSTOMERS, ROUNDS = 400, 20_000, 40
NEVER = datetime.min.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Simulated:
    """What a flow would have done: how many came in and were held out, how often each node was reached and each way
    taken, what was to be done by type of node and by day, how they ended, and how many reached the goal by themselves
    (of those let through and of those held out)."""

    customers: int
    began: int
    held_out: int
    under_way: int
    goals: int
    held_goals: int
    nodes: Mapping[str, int]
    ways: Mapping[tuple[str, str], int]
    acts: Mapping[str, int]
    by_day: Mapping[date, int]
    ended: Mapping[str, int]


@define(kw_only=True)
class _Way:
    """One simulated passage."""

    customer_id: UUID
    key: str
    alone: bool
    flow: Flow
    state: State


@define(kw_only=True)
class _Play:
    session: CrmSession
    name: str
    flow: Flow
    zone: str
    ways: list[_Way] = field(factory=list[_Way])
    by_customer: dict[UUID, list[_Way]] = field(factory=dict[UUID, list[_Way]])
    nodes: Counter[str] = field(factory=Counter[str])
    taken: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    acts: Counter[str] = field(factory=Counter[str])
    by_day: Counter[date] = field(factory=Counter[date])
    expressions: dict[str, RowExpression] = field(factory=dict[str, RowExpression])


def simulate(session: CrmSession, name: str, flow: Flow, since: date, until: date) -> Simulated:
    """Play a flow over the calendar days from ``since`` to ``until``, both included, for the customers whom the reader
    sees: those with a kind of interaction that lets them in, or, where customers come in otherwise, those for whom the
    entry's condition held on the first day.

    Raises InvalidInput for more than `MOST_DAYS` days or `MOST_CUSTOMERS` customers, ExpressionError and UnknownFact
    for conditions that cannot be read.
    """
    days = (until - since).days + 1
    if not 1 <= days <= MOST_DAYS:
        text = _("A simulation takes 1 to {most} days.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="until", most=MOST_DAYS)])
    play = _Play(session=session, name=name, flow=flow, zone=session.business().zone)
    happened = _happened(session, flow, since, until, play.zone)
    everybody = _everybody(session, flow, happened)
    if len(everybody) > MOST_CUSTOMERS:
        text = _("A simulation takes at most {most} customers; there are {count}. Take fewer days.")
        problem = Problem(InvalidInput.code, text, field="since", most=MOST_CUSTOMERS, count=len(everybody))
        raise InvalidInput([problem])
    for number in range(days):
        _day(play, since + timedelta(days=number), happened, everybody, first=number == 0)
    return _counted(play, len(everybody))


def _day(
    play: _Play,
    day: date,
    happened: Mapping[date, Sequence[tuple[datetime, UUID, str, UUID]]],
    everybody: Sequence[UUID],
    *,
    first: bool,
) -> None:
    zone = ZoneInfo(play.zone)
    opens = datetime.combine(day, time.min, zone)
    closes = opens + timedelta(days=1)
    events = happened.get(day, ())
    entry = play.flow.entry
    if entry.on == "event":
        wanted = [(id_, at, str(key)) for at, id_, kind, key in events if kind in entry.kinds]
    else:
        wanted = [(id_, opens, "") for id_ in everybody] if first else []
    moving = {
        each.customer_id
        for each in play.ways
        if each.state.status != "ended" and each.state.wake_at is not None and each.state.wake_at < closes
    }
    ids = sorted({id_ for id_, _at, _key in wanted} | moving | {id_ for _at, id_, _kind, _key in events})
    values = _values(play, ids, day)
    meant = {id_ for id_, _at, _key in wanted if id_ in values and _holds(play, values, id_)}
    for id_, at, key in wanted:
        if id_ in meant:
            _enter(play, id_, at, key)
    for at, id_, kind, _key in events:
        for way in play.by_customer.get(id_, ()):
            if way.state.began_at <= at:
                _until(play, way, at, values.get(id_, {}))
                _step(play, way, Stimulus(what="event", at=at, kind=kind, zone=play.zone), values.get(id_, {}))
    for way in play.ways:
        _until(play, way, closes - timedelta(seconds=1), values.get(way.customer_id, {}))


def _enter(play: _Play, id_: UUID, at: datetime, key: str) -> None:
    own = play.by_customer.setdefault(id_, [])
    former = [
        Former(number=number, began_at=each.state.began_at, over=each.state.status == "ended", key=each.key)
        for number, each in enumerate(own, 1)
    ]
    if not may_enter(play.flow.entry, former, key, at):
        return
    alone = held_out(f"journey:{play.name}", play.flow.hold_out, id_)
    flow = left_alone(play.flow) if alone else play.flow
    way = _Way(customer_id=id_, key=key, alone=alone, flow=flow, state=begin(flow, at))
    own.append(way)
    play.ways.append(way)


def _until(play: _Play, way: _Way, at: datetime, values: Mapping[Any, Any]) -> None:
    """Have a passage take the steps that are due up to an instant."""
    for _round in range(ROUNDS):
        state = way.state
        if state.status == "ended" or state.wake_at is None or state.wake_at > at:
            return
        what = "go" if state.status == "ready" else "time"
        _step(play, way, Stimulus(what=what, at=state.wake_at, zone=play.zone), values)


def _step(play: _Play, way: _Way, stimulus: Stimulus, values: Mapping[Any, Any]) -> None:
    asked = questions(way.flow, way.state, stimulus.what)
    functions = RowExpression.all_at(play.session, [play.expressions[text] for text in asked.values()])
    answers = {name: function(values) for name, function in zip(asked, functions, strict=True)}
    given = Stimulus(what=stimulus.what, at=stimulus.at, kind=stimulus.kind, answers=answers, zone=stimulus.zone)
    before = way.state
    taken = step(way.flow, before, given, partial(_dealt, play.name, way.customer_id))
    way.state = taken.state
    # Another flow is taken to be over at once: what it does is not part of this one.
    if taken.act and way.flow.nodes[taken.act].type == "sub":
        way.state = step(way.flow, way.state, Stimulus(what="returned", at=stimulus.at), lambda _name: 0.0).state
    if taken.state is before or way.alone:
        return
    if stimulus.what == "go":
        play.nodes[before.node] += 1
    if taken.way:
        play.taken[before.node, taken.way] += 1
    if taken.act:
        play.acts[way.flow.nodes[taken.act].type] += 1
        play.by_day[stimulus.at.astimezone(ZoneInfo(play.zone)).date()] += 1


def _values(play: _Play, ids: Sequence[UUID], day: date) -> Mapping[UUID, Mapping[Any, Any]]:
    """Return the facts that the flow reads, of some customers, as they stood at the end of a day."""
    if not play.expressions:
        for text in {play.flow.entry.when, *_texts(play.flow)}:
            play.expressions[text] = row_expression(play.session, text, {}, facts=True)
    facts = sorted({ref for each in play.expressions.values() for ref in each.facts}, key=str)
    if not facts:
        return {id_: {} for id_ in ids}
    return values_of(play.session, facts, ids, moment_of(play.session, day))


def _holds(play: _Play, values: Mapping[UUID, Mapping[Any, Any]], id_: UUID) -> bool:
    return bool(play.expressions[play.flow.entry.when].at(play.session)(values[id_]))


def _texts(flow: Flow) -> Iterator[str]:
    for name in flow.nodes:
        state = State(node=name, began_at=NEVER, since=NEVER)
        for what in ("go", "event"):
            yield from questions(flow, state, what).values()
    if flow.goal is not None and flow.goal.when:
        yield flow.goal.when


def _happened(
    session: CrmSession, flow: Flow, since: date, until: date, zone: str
) -> dict[date, list[tuple[datetime, UUID, str, UUID]]]:
    """Return what happened on each day: when, to whom, of which kind, and its id."""
    first = datetime.combine(since, time.min, ZoneInfo(zone))
    last = datetime.combine(until + timedelta(days=1), time.min, ZoneInfo(zone))
    query = (
        select(Interaction.occurred_at, Interaction.customer_id, Interaction.kind, Interaction.id)
        .where(Interaction.customer_id.is_not(None), Interaction.occurred_at >= first, Interaction.occurred_at < last)
        .order_by(Interaction.occurred_at, Interaction.id)
    )
    found: dict[date, list[tuple[datetime, UUID, str, UUID]]] = {}
    for at, customer_id, kind, id_ in session.execute(query):
        found.setdefault(at.astimezone(ZoneInfo(zone)).date(), []).append((at, customer_id, kind, id_))
    return found


def _everybody(
    session: CrmSession, flow: Flow, happened: Mapping[date, Sequence[tuple[datetime, UUID, str, UUID]]]
) -> list[UUID]:
    if flow.entry.on == "event":
        own = {id_ for events in happened.values() for _at, id_, kind, _key in events if kind in flow.entry.kinds}
        return sorted(own)
    return list(session.scalars(select(Customer.id).where(Customer.deleted_at.is_(None)).limit(MOST_CUSTOMERS + 1)))


def _dealt(flow: str, customer_id: UUID, node: str) -> float:
    return share_of(f"journey:{flow}:{node}", customer_id)


def _counted(play: _Play, customers: int) -> Simulated:
    own = [each for each in play.ways if not each.alone]
    held = [each for each in play.ways if each.alone]
    return Simulated(
        customers=customers,
        began=len(own),
        held_out=len(held),
        under_way=sum(each.state.status != "ended" for each in own),
        goals=sum(each.state.goal_at is not None for each in own),
        held_goals=sum(each.state.goal_at is not None for each in held),
        nodes={name: play.nodes[name] for name in play.flow.nodes},
        ways=dict(play.taken),
        acts=dict(play.acts),
        by_day=dict(sorted(play.by_day.items())),
        ended=dict(Counter(each.state.outcome for each in own if each.state.status == "ended")),
    )
