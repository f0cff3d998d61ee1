"""Going on: the passages of a flow that are due take their steps, many at once, as whoever published the flow.

What is read is read for all of them together; each act has a savepoint of its own, so that what fails costs itself
alone. A step, its act and its log commit together or not at all: an act happens exactly once whenever a process dies.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    RowExpression,
    moment_of,
    new_id,
    operation,
    row_expression,
    texts,
    values_of,
    write_rows,
)
from crmkit.engines.statistics.hashing import share_of
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.flows.words import FlowName
from crmkit_journey.passages.acting import act, inputs_of
from crmkit_journey.passages.events import GoalsReached, PassagesEnded, PassagesFailed
from crmkit_journey.passages.live import Version, version_at
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.passages.stepping import TRIES, State, Step, Stimulus, questions, step
from crmkit_journey.settings import settings_of

_ = texts("crmkit_journey")

_log = logging.getLogger("crmkit.journey")

ROUNDS = 40
"""So many steps a passage takes in one transaction; the others follow in the next."""
INPUT = "input:"


@frozen(kw_only=True)
class _Turn:
    """A passage whose turn it is: by which version, what happened, and what it was before."""

    passage: Passage
    version: Version
    state: State
    what: Any
    heard: Mapping[str, Any] = field(factory=dict[str, Any])

    @property
    def flow(self) -> Any:
        return self.version.of(self.passage.held_out)

    @property
    def asked(self) -> dict[str, str]:
        """Return the expressions to be read for the step: questions, and the inputs of what the node does."""
        found = dict(questions(self.flow, self.state, self.what))
        node = self.flow.nodes.get(self.state.node)
        if node is not None and node.acts and self.what in ("go", "time") and self.state.status == "ready":
            found.update({INPUT + name: text for name, text in inputs_of(node).items()})
        return found


@define(kw_only=True)
class _Batch:
    """What one transaction did, to be written and told at its end."""

    rows: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    reached: list[Passage] = field(factory=list[Passage])
    ended: dict[str, list[Passage]] = field(factory=dict[str, list[Passage]])
    failed: dict[str, list[Passage]] = field(factory=dict[str, list[Passage]])
    expressions: dict[str, RowExpression] = field(factory=dict[str, RowExpression])
    versions: dict[int, Version] = field(factory=dict[int, Version])


@operation("journey.passage.advance", title=_("Go on"), permission="journey.passage.run", hidden=True)
def advance(session: CrmSession, *, flow: FlowName) -> int:
    """Have passages of a flow that are due take their steps, as many at once as the settings say, and return how many
    passages there were. Raises NotFound."""
    record = flow_named(session, flow)
    now = session.gate.clock.business_now()
    query = (
        select(Passage)
        .where(Passage.flow_id == record.id, Passage.due_at <= now, Passage.paused.is_(False))
        .order_by(Passage.due_at, Passage.id)
        .limit(settings_of(session.crm.settings).steps_at_once)
        .with_for_update(skip_locked=True)
    )
    passages = session.scalars(query).all()
    if not passages:
        return 0
    batch = _Batch()
    for each in passages:
        if each.edition not in batch.versions:
            batch.versions[each.edition] = version_at(session, record, each.edition)
    going = list(passages)
    for _round in range(ROUNDS):
        turns = [turn for each in going if (turn := _turn(each, batch, now)) is not None]
        if not turns:
            break
        _take(session, turns, batch, now)
        going = [turn.passage for turn in turns]
    for each in passages:
        each.due_at = _due(each, now)
    _return(session, batch, now)
    session.flush()
    write_rows(session, PassageStep, batch.rows)
    _tell(session, flow, batch)
    return len(passages)


def state_of(passage: Passage) -> State:
    """Return where a passage is, as the pure step function knows it."""
    return State(
        node=passage.node,
        status="ready" if passage.status == "failed" else passage.status,  # type: ignore[arg-type]
        began_at=passage.began_at,
        since=passage.since,
        wake_at=passage.wake_at,
        kinds=tuple(passage.kinds),
        rounds=dict(passage.rounds),
        goal_at=passage.goal_at,
        outcome=passage.outcome,
        tries=passage.tries,
    )


def _turn(passage: Passage, batch: _Batch, now: datetime) -> _Turn | None:
    """Return a passage's next turn: what it heard first, then its time; None where nothing is due."""
    make = partial(_Turn, passage=passage, version=batch.versions[passage.edition], state=state_of(passage))
    if passage.heard:
        first = passage.heard[0]
        return make(what=first.get("what", "event"), heard=first)
    if passage.status == "ready" and passage.wake_at is not None and passage.wake_at <= now:
        return make(what="go")
    if passage.status == "waiting" and passage.wake_at is not None and passage.wake_at <= now:
        return make(what="time")
    return None


def _take(session: CrmSession, turns: Sequence[_Turn], batch: _Batch, now: datetime) -> None:
    """Have each passage take one step."""
    answers = _answers(session, turns, batch)
    for turn in turns:
        passage = turn.passage
        own = answers[passage.id]
        zone = own.pop("zone")
        occurred = turn.heard.get("at")
        stimulus = Stimulus(
            what=turn.what,
            at=now,
            kind=turn.heard.get("kind", ""),
            occurred_at=None if occurred is None else datetime.fromisoformat(occurred),
            answers={name: value for name, value in own.items() if not name.startswith(INPUT)},
            zone=zone,
        )
        dealt = partial(_dealt, turn.version.name, passage.customer_id)
        taken = step(turn.flow, turn.state, stimulus, dealt)
        note = ""
        if taken.act:
            given = {name.removeprefix(INPUT): value for name, value in own.items() if name.startswith(INPUT)}
            node = turn.flow.nodes[taken.act]
            try:
                note = act(session, passage, node, given, now)
            except Exception as problem:
                if _to_be_tried_again(problem):
                    raise
                if not isinstance(problem, CrmkitError):
                    _log.exception("a node of the flow %s raised", turn.version.name)
                note = (str(problem) if isinstance(problem, CrmkitError) else type(problem).__name__)[:500]
                stimulus = Stimulus(what="failed", at=now, answers=stimulus.answers, zone=zone)
                taken = step(turn.flow, turn.state, stimulus, dealt)
        if turn.heard:
            passage.heard = passage.heard[1:]
        _apply(passage, turn, stimulus, taken, note, batch)


def _to_be_tried_again(problem: Exception) -> bool:
    """Say whether the database wants the whole transaction again: PostgreSQL found a conflict or a deadlock."""
    cause = problem.__cause__ or problem
    return getattr(getattr(cause, "orig", None), "sqlstate", None) in ("40001", "40P01")


def _answers(session: CrmSession, turns: Sequence[_Turn], batch: _Batch) -> dict[UUID, dict[str, Any]]:
    """Return what the expressions of each passage came to, and its customer's time zone; facts are read once."""
    asked = {turn.passage.id: turn.asked for turn in turns}
    for text in {text for each in asked.values() for text in each.values()}:
        if text not in batch.expressions:
            batch.expressions[text] = row_expression(session, text, {}, facts=True)
    facts = {ref for each in asked.values() for text in each.values() for ref in batch.expressions[text].facts}
    wanted = sorted({turn.passage.customer_id for turn in turns})
    known: Mapping[UUID, Mapping[Any, Any]] = {}
    if facts:
        known = values_of(session, sorted(facts, key=str), wanted, moment_of(session))
    names = list(batch.expressions)
    functions = dict(zip(names, RowExpression.all_at(session, batch.expressions.values()), strict=True))
    home = session.business().zone
    zones = _zones(session, wanted) if any(_needs_zone(turn) for turn in turns) else {}
    return {
        turn.passage.id: {
            **{
                name: functions[text](known.get(turn.passage.customer_id, {}))
                for name, text in asked[turn.passage.id].items()
            },
            "zone": zones.get(turn.passage.customer_id) or home,
        }
        for turn in turns
    }


def _needs_zone(turn: _Turn) -> bool:
    node = turn.flow.nodes.get(turn.state.node)
    return any(getattr(node, name, None) for name in ("until", "days", "hours"))


def _zones(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    query = select(Customer.id, Customer.time_zone).where(Customer.id.in_(ids))
    return dict(session.execute(query).all())


def _dealt(flow: str, customer_id: UUID, node: str) -> float:
    """Return where a customer falls at a node that splits: always the same."""
    return share_of(f"journey:{flow}:{node}", customer_id)


def _apply(passage: Passage, turn: _Turn, stimulus: Stimulus, taken: Step, note: str, batch: _Batch) -> None:
    """Put a step into its passage and into the log."""
    before, after = turn.state, taken.state
    failed = stimulus.what == "failed" and after.tries > len(TRIES)
    status = "failed" if failed else after.status
    if after is not before:
        passage.node, passage.status = after.node, status
        passage.since, passage.wake_at = after.since, after.wake_at
        if list(after.kinds) != passage.kinds:
            passage.kinds = list(after.kinds)
        if dict(after.rounds) != passage.rounds:
            passage.rounds = dict(after.rounds)
        passage.goal_at, passage.outcome, passage.tries = after.goal_at, after.outcome, after.tries
        passage.error = note if stimulus.what == "failed" else None
    if before.goal_at is None and after.goal_at is not None:
        batch.reached.append(passage)
    if before.status != "ended" and after.status == "ended":
        batch.ended.setdefault(after.outcome, []).append(passage)
    if failed:
        batch.failed.setdefault(after.node, []).append(passage)
    if after is before:
        # What changes nothing needs no line: the same state comes of the log without it.
        return
    passage.steps += 1
    batch.rows.append(step_row(passage, turn.state.node, stimulus, taken, note))


def step_row(passage: Passage, node: str, stimulus: Stimulus, taken: Step, note: str) -> dict[str, Any]:
    """Return the line of the log for a step that a passage has just taken."""
    return {
        "id": new_id(),
        "recorded_at": stimulus.at,
        "passage_id": passage.id,
        "customer_id": passage.customer_id,
        "flow_id": passage.flow_id,
        "edition": passage.edition,
        "number": passage.steps,
        "at": stimulus.at,
        "node": node,
        "what": stimulus.what,
        "kind": stimulus.kind,
        "answers": {name: _plain(value) for name, value in stimulus.answers.items()},
        "zone": stimulus.zone,
        "act": bool(taken.act),
        "way": taken.way,
        "to": taken.state.node,
        "status": passage.status,
        "wake_at": taken.state.wake_at,
        "note": note,
        "occurred_at": stimulus.occurred_at,
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else value.isoformat()


def _due(passage: Passage, now: datetime) -> datetime | None:
    if passage.heard:
        return now
    return passage.wake_at if passage.status in ("ready", "waiting") else None


def _return(session: CrmSession, batch: _Batch, now: datetime) -> None:
    """Tell the passages whose nodes sent customers on that these are back."""
    senders = {each.of_id for ended in batch.ended.values() for each in ended if each.of_id is not None}
    if not senders:
        return
    query = select(Passage).where(Passage.id.in_(sorted(senders))).order_by(Passage.id).with_for_update()
    for each in session.scalars(query):
        each.heard = [*each.heard, {"what": "returned"}]
        each.due_at = now


def _tell(session: CrmSession, flow: str, batch: _Batch) -> None:
    def ids(passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "customer_ids": tuple(each.customer_id for each in passages),
            "passage_ids": tuple(each.id for each in passages),
        }

    if batch.reached:
        session.emit(GoalsReached(flow=flow, **ids(batch.reached)))
    for outcome, passages in batch.ended.items():
        session.emit(PassagesEnded(flow=flow, outcome=outcome, **ids(passages)))
    for node, passages in batch.failed.items():
        session.emit(PassagesFailed(flow=flow, node=node, **ids(passages)))


OPERATIONS = [advance]
