"""Proving a passage: from the log of what was given to it the same states come again."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit.engines.statistics.hashing import share_of
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.live import version_at
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.passages.stepping import TRIES, State, Stimulus, begin, step

BY_HAND = ("moved", "retried", "paused", "resumed", "ended")


@frozen(kw_only=True)
class Replayed:
    """What came of playing a passage again. ``differs`` is the number of the first step that came out otherwise, None
    where all came out as they stand in the log."""

    passage_id: UUID
    steps: int
    differs: int | None = None
    expected: str = ""
    found: str = ""


def replay(session: CrmSession, passage: Passage) -> Replayed:
    """Play a passage again from its log and say whether each state came out as it was written down."""
    flow = session.get_one(Flow, passage.flow_id)
    query = select(PassageStep).where(PassageStep.passage_id == passage.id).order_by(PassageStep.number)
    lines = session.scalars(query).all()
    versions: dict[int, Any] = {}
    first = lines[0].edition if lines else passage.edition
    state = begin(version_at(session, flow, first).of(passage.held_out), passage.began_at)
    for line in lines:
        if line.edition not in versions:
            versions[line.edition] = version_at(session, flow, line.edition)
        if line.what in BY_HAND:
            state = _by_hand(state, line)
            continue
        stimulus = Stimulus(
            what=line.what,  # type: ignore[arg-type]
            at=line.at,
            kind=line.kind,
            occurred_at=line.occurred_at,
            answers={name: _value(value) for name, value in line.answers.items()},
            zone=line.zone,
        )
        dealt = partial(_dealt, flow.name, passage.customer_id)
        state = step(versions[line.edition].of(passage.held_out), state, stimulus, dealt).state
        status = "failed" if line.what == "failed" and state.tries > len(TRIES) else state.status
        found = (state.node, status, state.wake_at)
        if found != (line.to, line.status, line.wake_at):
            return Replayed(
                passage_id=passage.id,
                steps=len(lines),
                differs=line.number,
                expected=_shown((line.to, line.status, line.wake_at)),
                found=_shown(found),
            )
    return Replayed(passage_id=passage.id, steps=len(lines))


def _by_hand(state: State, line: PassageStep) -> State:
    if line.what in ("paused", "resumed"):
        return state
    if line.what == "ended":
        return evolve(state, status="ended", wake_at=None, kinds=(), outcome="cancelled")
    if line.what == "moved" and line.to == state.node and line.status == state.status == "waiting":
        return evolve(state, tries=0)
    return evolve(state, node=line.to, status="ready", since=line.at, wake_at=line.wake_at, kinds=(), tries=0)


def _dealt(flow: str, customer_id: UUID, node: str) -> float:
    return share_of(f"journey:{flow}:{node}", customer_id)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value


def _shown(found: tuple[str, str, datetime | None]) -> str:
    return " ".join("–" if each is None else str(each) for each in found)
