"""What became of the passages of a flow: at each node, in all, and beside those who were held out.

Counts are of the customers whom the reader may see. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Select, func, select

from crmkit import CrmSession
from crmkit_journey.flows.models import Flow
from crmkit_journey.flows.nodes import Node, Split
from crmkit_journey.measuring.comparing import Compared, compare
from crmkit_journey.passages.live import version_at
from crmkit_journey.passages.models import Passage, PassageStep

Nodes = Mapping[str, Node]
SAMPLED = 20_000
"""Times at nodes are of the newest so many steps."""


@frozen(kw_only=True)
class NodeFigures:
    """A node: how many passages ``reached`` it, are there ``now``, ``failed`` there, went which way, and reached the
    ``goal`` at any time; ``seconds`` is the median time that they spent there, None where nobody left."""

    name: str
    type: str
    title: str
    reached: int = 0
    now: int = 0
    failed: int = 0
    goal: int = 0
    ways: Mapping[str, int] = field(factory=dict[str, int])
    seconds: float | None = None


@frozen(kw_only=True)
class ArmFigures:
    """A way out of a split: how many customers took it first, how many of these reached the goal, and the difference to
    the way that the others are compared with (None for that one itself)."""

    node: str
    arm: str
    share: float
    customers: int
    goal: int
    compared: Compared | None


@frozen(kw_only=True)
class FlowFigures:
    """A flow, or one version of it. ``began`` counts passages without those of the ``held_out``; ``ended`` them by
    outcome. ``effect`` compares the first passages of customers with those held out, None where nobody was."""

    flow: str
    number: int
    began: int
    held_out: int
    under_way: int
    failed: int
    goal: int
    ended: Mapping[str, int]
    nodes: tuple[NodeFigures, ...]
    arms: tuple[ArmFigures, ...]
    effect: Compared | None


def figures(session: CrmSession, flow: Flow, number: int | None = None) -> FlowFigures:
    """Return the figures of a flow by all versions together (drawn by the newest), or of one version alone."""
    drawn = version_at(session, flow, number or flow.live_number or 0)
    own = [Passage.flow_id == flow.id, *([Passage.edition == number] if number else [])]
    counting = select(Passage.held_out, Passage.status, Passage.outcome, Passage.goal_at.is_not(None), func.count())
    began = held = under_way = failed = goal = 0
    ended: dict[str, int] = {}
    grouped = counting.where(*own).group_by(
        Passage.held_out, Passage.status, Passage.outcome, Passage.goal_at.is_not(None)
    )
    for alone, status, outcome, reached, count in session.execute(grouped):
        if alone:
            held += count
            continue
        began += count
        goal += count if reached else 0
        under_way += count if status in ("ready", "waiting") else 0
        failed += count if status == "failed" else 0
        if status == "ended":
            ended[outcome] = ended.get(outcome, 0) + count
    return FlowFigures(
        flow=flow.name,
        number=drawn.number,
        began=began,
        held_out=held,
        under_way=under_way,
        failed=failed,
        goal=goal,
        ended=dict(sorted(ended.items(), key=lambda pair: (-pair[1], pair[0]))),
        nodes=_nodes(session, flow.id, number, drawn.flow.nodes),
        arms=_arms(session, flow.id, number, drawn.flow.nodes),
        effect=_effect(session, flow, number, drawn.flow.hold_out),
    )


def _nodes(
    session: CrmSession, flow_id: UUID, number: int | None, nodes: Mapping[str, Node]
) -> tuple[NodeFigures, ...]:
    steps = _of(select(PassageStep.node, func.count(PassageStep.passage_id.distinct())), flow_id, number)
    reached = dict(session.execute(steps.group_by(PassageStep.node)).all())
    goals = _of(select(PassageStep.node, func.count(PassageStep.passage_id.distinct())), flow_id, number)
    goals = goals.join(Passage, Passage.id == PassageStep.passage_id).where(Passage.goal_at.is_not(None))
    with_goal = dict(session.execute(goals.group_by(PassageStep.node)).all())
    ways: dict[str, dict[str, int]] = {}
    taken = _of(select(PassageStep.node, PassageStep.way, func.count()), flow_id, number).where(PassageStep.way != "")
    for node, way, count in session.execute(taken.group_by(PassageStep.node, PassageStep.way)):
        ways.setdefault(node, {})[way] = count
    own = [Passage.flow_id == flow_id, *([Passage.edition == number] if number else [])]
    standing = select(Passage.node, Passage.status, func.count()).where(*own, Passage.status != "ended")
    now: dict[str, int] = {}
    failed: dict[str, int] = {}
    for node, status, count in session.execute(standing.group_by(Passage.node, Passage.status)):
        now[node] = now.get(node, 0) + count
        failed[node] = failed.get(node, 0) + (count if status == "failed" else 0)
    times = _times(session, flow_id, number)
    return tuple(
        NodeFigures(
            name=name,
            type=node.type,
            title=node.title or name,
            reached=reached.get(name, 0),
            now=now.get(name, 0),
            failed=failed.get(name, 0),
            goal=with_goal.get(name, 0),
            ways=ways.get(name, {}),
            seconds=times.get(name),
        )
        for name, node in nodes.items()
    )


def _times(session: CrmSession, flow_id: UUID, number: int | None) -> dict[str, float]:
    """Return the median time between coming to a node and leaving it, in seconds, of the newest steps."""
    newest = _of(select(PassageStep.passage_id), flow_id, number).order_by(PassageStep.at.desc()).limit(SAMPLED)
    found = newest.subquery()
    query = (
        select(PassageStep.passage_id, PassageStep.node, PassageStep.to, PassageStep.status, PassageStep.at)
        .where(PassageStep.passage_id.in_(select(found.c.passage_id)))
        .order_by(PassageStep.passage_id, PassageStep.number)
    )
    spent: dict[str, list[float]] = {}
    came: tuple[UUID, str] | None = None
    since = None
    for passage_id, node, to, status, at in session.execute(query):
        if came != (passage_id, node) or since is None:
            since = at
        if to != node or status == "ended":
            spent.setdefault(node, []).append((at - since).total_seconds())
            came, since = (passage_id, to), at
        else:
            came = (passage_id, node)
    return {node: median(values) for node, values in spent.items()}


def _arms(session: CrmSession, flow_id: UUID, number: int | None, nodes: Nodes) -> tuple[ArmFigures, ...]:
    found: list[ArmFigures] = []
    for name, node in nodes.items():
        if not isinstance(node, Split):
            continue
        query = _of(select(PassageStep.way, func.count(PassageStep.customer_id.distinct())), flow_id, number).where(
            PassageStep.node == name, PassageStep.way.in_([arm.name for arm in node.arms])
        )
        customers = dict(session.execute(query.group_by(PassageStep.way)).all())
        goals = query.join(Passage, Passage.id == PassageStep.passage_id).where(Passage.goal_at.is_not(None))
        reached = dict(session.execute(goals.group_by(PassageStep.way)).all())
        base = node.control or node.arms[0].name
        for arm in node.arms:
            n, base_n = customers.get(arm.name, 0), customers.get(base, 0)
            found.append(
                ArmFigures(
                    node=name,
                    arm=arm.name,
                    share=arm.share,
                    customers=n,
                    goal=reached.get(arm.name, 0),
                    compared=None
                    if arm.name == base or not n or not base_n
                    else compare(reached.get(arm.name, 0), n, reached.get(base, 0), base_n),
                )
            )
    return tuple(found)


def _effect(session: CrmSession, flow: Flow, number: int | None, share: float) -> Compared | None:
    """Compare customers by their first passage: each counts once, and chance alone decided who was held out."""
    own = [Passage.flow_id == flow.id, Passage.number == 1, *([Passage.edition == number] if number else [])]
    query = select(Passage.held_out, Passage.goal_at.is_not(None), func.count()).where(*own, Passage.of_id.is_(None))
    counts: dict[tuple[bool, bool], int] = {}
    for alone, reached, count in session.execute(query.group_by(Passage.held_out, Passage.goal_at.is_not(None))):
        counts[bool(alone), bool(reached)] = count
    sizes: Sequence[int] = [counts.get((alone, True), 0) + counts.get((alone, False), 0) for alone in (False, True)]
    if not all(sizes):
        return None
    return compare(
        counts.get((False, True), 0), sizes[0], counts.get((True, True), 0), sizes[1], shares=(1 - share, share)
    )


def _of(query: Select[*tuple[object, ...]], flow_id: UUID, number: int | None) -> Select[*tuple[object, ...]]:
    own = query.where(PassageStep.flow_id == flow_id)
    return own.where(PassageStep.edition == number) if number else own
