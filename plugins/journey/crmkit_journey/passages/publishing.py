"""Publishing flows: a version that is checked, whose passages stay where they are or move by a map; and stopping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Input, operation, texts, write_rows
from crmkit_journey.flows.checking import Finding, error
from crmkit_journey.flows.documents import flow_of
from crmkit_journey.flows.errors import FlowInState, FlowNotSound, problem
from crmkit_journey.flows.events import FlowPublished, FlowStopped
from crmkit_journey.flows.finding import draft_of
from crmkit_journey.flows.models import Flow, FlowVersion
from crmkit_journey.flows.nodes import Flow as Definition
from crmkit_journey.flows.vetting import vet
from crmkit_journey.passages.advancing import step_row
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.passages.stepping import State, Step, Stimulus

_ = texts("crmkit_journey")

PUBLISH = "journey.flow.publish"
Moves = Annotated[
    Mapping[str, str],
    Input(title=_("Moves"), help=_("Which node takes the place of one that is gone."), classified="internal"),
]


@frozen(kw_only=True)
class Standing:
    """How many passages stand at a node of an earlier version."""

    node: str
    passages: int


def standing(session: CrmSession, flow: Flow) -> list[Standing]:
    """Return how many passages are on their way at each node, those who are held out left aside."""
    query = (
        select(Passage.node, func.count())
        .where(Passage.flow_id == flow.id, Passage.status != "ended", Passage.held_out.is_(False))
        .group_by(Passage.node)
        .order_by(Passage.node)
    )
    return [Standing(node=node, passages=count) for node, count in session.execute(query)]


def check_moves(found: Definition, at: list[Standing], moves: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with moving passages to a new version: each has to have a node there."""
    wrong = [
        error(f"moves.{old}", _('There is no node "{name}" in the new version.'), name=new)
        for old, new in moves.items()
        if new not in found.nodes
    ]
    wrong.extend(
        error(
            f"moves.{each.node}",
            _('{count} passages are at "{name}", which the new version does not have: where do they go?'),
            count=each.passages,
            name=each.node,
        )
        for each in at
        if each.node not in found.nodes and each.node not in moves
    )
    return wrong


@operation(PUBLISH, title=_("Publish"), permission=PUBLISH, effect="update")
def publish(
    session: CrmSession,
    flow: Flow,
    *,
    note: Annotated[str, Input(title=_("What is new"), max_length=500, classified="internal")] = "",
    move: Annotated[
        bool, Input(title=_("Move those on their way"), help=_("Else they end by the version they began with."))
    ] = False,
    moves: Moves | None = None,
) -> FlowVersion:
    """Publish the draft: whoever comes in from now on passes through it, as whoever publishes it.

    Those on their way stay on the version they began with, or, with ``move``, go on by the new one from the node where
    they are or the one that ``moves`` names for it. Raises FlowNotSound with every fault, FlowInState for a retired
    flow, InvalidInput where nothing has changed.
    """
    if flow.state == "retired":
        raise FlowInState(flow.name, flow.state)
    draft = draft_of(session, flow)
    if draft is None:
        raise problem("draft", _("There is no draft."))
    found = flow_of(draft.document)
    faults = [each for each in vet(session, found, flow.name) if each.level == "error"]
    if move and flow.live_number is not None:
        faults.extend(check_moves(found, standing(session, flow), moves or {}))
    if faults:
        raise FlowNotSound(faults)
    number = (flow.live_number or 0) + 1
    version = FlowVersion(
        flow_id=flow.id,
        number=number,
        document=draft.document,
        moves=dict(moves or {}) if move else {},
        user_id=session.actor.user_id,
        by_system=session.actor.user_id is None,
        note=note.strip() or None,
    )
    session.add(version)
    flow.live_number = number
    if flow.state == "draft":
        flow.state = "live"
    session.flush()
    if move:
        _move(session, flow, found, moves or {}, number)
    session.emit(FlowPublished(flow_id=flow.id, number=number))
    return version


@operation("journey.flow.pause", title=_("Pause"), permission=PUBLISH, effect="update")
def pause(session: CrmSession, flow: Flow) -> Flow:
    """Stop a flow: nobody comes in, nobody goes on; what happens meanwhile is noted. Raises FlowInState."""
    if flow.state != "live":
        raise FlowInState(flow.name, flow.state)
    flow.state = "paused"
    flow.halted = None
    session.emit(FlowStopped(flow_id=flow.id, reason=""))
    return flow


@operation("journey.flow.resume", title=_("Resume"), permission=PUBLISH, effect="update")
def resume(session: CrmSession, flow: Flow) -> Flow:
    """Let a flow go on that was paused. Raises FlowInState."""
    if flow.state != "paused":
        raise FlowInState(flow.name, flow.state)
    flow.state = "live"
    flow.halted = None
    return flow


@operation("journey.flow.retire", title=_("Retire"), permission=PUBLISH, effect="update")
def retire(session: CrmSession, flow: Flow) -> Flow:
    """Let nobody in any more; those on their way go on to their end. Raises FlowInState for a draft."""
    if flow.state not in ("live", "paused"):
        raise FlowInState(flow.name, flow.state)
    flow.state = "retired"
    flow.halted = None
    return flow


def _move(session: CrmSession, flow: Flow, found: Definition, moves: Mapping[str, str], number: int) -> None:
    """Move the passages on their way to a version; each move stands in its log."""
    now = session.gate.clock.business_now()
    query = select(Passage).where(Passage.flow_id == flow.id, Passage.status != "ended").with_for_update()
    rows = []
    for each in session.scalars(query):
        each.edition = number
        if each.held_out:
            continue
        node = moves.get(each.node, each.node)
        # Who waits at a node that stays goes on waiting; a node that is new to him is begun.
        if node != each.node:
            each.status, each.wake_at, each.due_at, each.kinds, each.since = "ready", now, now, [], now
        each.steps += 1
        each.tries = 0
        before, each.node = each.node, node
        state = State(node=node, status="ready", began_at=each.began_at, since=now, wake_at=each.wake_at)
        stimulus = Stimulus(what="go", at=now)
        rows.append({**step_row(each, before, stimulus, Step(state=state), f"version {number}"), "what": "moved"})
    session.flush()
    write_rows(session, PassageStep, rows)


OPERATIONS = [publish, pause, resume, retire]
