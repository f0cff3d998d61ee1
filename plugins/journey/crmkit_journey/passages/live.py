"""Which flows are at work, by which version and as whom, and what they listen to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from attrs import frozen
from sqlalchemy import and_, select

from crmkit import CRM, Actor, CrmSession
from crmkit_journey.flows.finding import definition
from crmkit_journey.flows.models import Flow, FlowVersion
from crmkit_journey.flows.nodes import Flow as Definition, Wait
from crmkit_journey.passages.stepping import left_alone

EVERY = "*"
"""Stands for every kind of interaction."""
_MOST_KEPT = 1000
_HEARD: dict[tuple[UUID, int | None], frozenset[str]] = {}
"""What is listened to, by a flow and its newest version: versions never change, so it stays right."""


@frozen(kw_only=True)
class Version:
    """A version of a flow, as passages need it. ``alone`` is the flow of those who are held out."""

    flow_id: UUID
    name: str
    number: int
    state: str
    user_id: UUID | None
    by_system: bool
    flow: Definition
    alone: Definition

    def of(self, held_out: bool) -> Definition:
        """Return the flow that a passage follows."""
        return self.alone if held_out else self.flow

    def actor(self, crm: CRM) -> Actor:
        """Return as whom the flow acts: whoever published it, with the rights of now."""
        return crm.system(f"flow {self.name}") if self.user_id is None else Actor.user(self.user_id)


def live_versions(session: CrmSession, states: Iterable[str] = ("live",), name: str = "") -> Sequence[Version]:
    """Return the versions by which customers come in, of the flows in some states."""
    same = and_(FlowVersion.flow_id == Flow.id, FlowVersion.number == Flow.live_number)
    query = select(Flow, FlowVersion).join(FlowVersion, same).where(Flow.state.in_(list(states))).order_by(Flow.name)
    if name:
        query = query.where(Flow.name == name)
    return [_version(flow, version) for flow, version in session.execute(query)]


def version_at(session: CrmSession, flow: Flow, number: int) -> Version:
    """Return one version of a flow. Raises NoResultFound for none."""
    query = select(FlowVersion).where(FlowVersion.flow_id == flow.id, FlowVersion.number == number)
    return _version(flow, session.scalars(query).one())


def hears(flow: Definition, kind: str) -> bool:
    """Say whether interactions of a kind concern everybody who is on the way through a flow."""
    if flow.exit:
        return True
    goal = flow.goal
    return goal is not None and (kind in goal.kinds if goal.kinds else bool(goal.when))


def listened(flow: Definition) -> set[str]:
    """Return the kinds of interaction that a flow listens to, `EVERY` for all."""
    if flow.exit or (flow.goal is not None and not flow.goal.kinds and flow.goal.when):
        return {EVERY}
    found = set(flow.goal.kinds) if flow.goal is not None else set[str]()
    if flow.entry.on == "event":
        found.update(flow.entry.kinds)
    for node in flow.nodes.values():
        if isinstance(node, Wait):
            found.update(node.kinds)
    return found


def concerns(session: CrmSession, kind: str) -> bool:
    """Say whether any flow listens to a kind of interaction, by any version that customers may still be on."""
    query = select(Flow.id, Flow.live_number).where(Flow.live_number.is_not(None))
    for flow_id, number in session.execute(query):
        heard = _HEARD.get((flow_id, number))
        if heard is None:
            versions = session.scalars(select(FlowVersion).where(FlowVersion.flow_id == flow_id))
            heard = frozenset(each for version in versions for each in listened(definition(version)))
            if len(_HEARD) >= _MOST_KEPT:
                _HEARD.clear()
            _HEARD[flow_id, number] = heard
        if EVERY in heard or kind in heard:
            return True
    return False


def _version(flow: Flow, version: FlowVersion) -> Version:
    said = definition(version)
    return Version(
        flow_id=flow.id,
        name=flow.name,
        number=version.number,
        state=flow.state,
        user_id=version.user_id,
        by_system=version.by_system,
        flow=said,
        alone=left_alone(said),
    )
