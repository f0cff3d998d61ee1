"""At which nodes customers were in a span of time, and where they were lost: read in sets, as the reader may see them.

Must not change anything, nor judge: what is hard for customers is told by whoever reads this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_journey.flows.models import Flow
from crmkit_journey.flows.nodes import Exit
from crmkit_journey.passages.live import version_at
from crmkit_journey.passages.models import Passage, PassageStep

_BATCH = 5000


@frozen(kw_only=True)
class Stay:
    """A customer was at a node of a flow in a span of time. ``lost`` says whether a passage ended or failed there
    without having reached its goal: at its last node that is no end of the flow. None while it is still there."""

    flow: str
    node: str
    customer_id: UUID
    lost: bool | None


def stays(session: CrmSession, since: datetime, until: datetime, *, flow: str = "", node: str = "") -> Iterator[Stay]:
    """Yield the stays of customers, once for each customer and node, of passages that were not held out and came by
    between two instants (UTC, the second one not included). Of several passages of a customer the newest one counts.
    Flows without a goal lose nobody who comes to an end of theirs; they have no ``lost`` but failures and those who
    left."""
    query = (
        select(
            PassageStep.customer_id,
            PassageStep.passage_id,
            PassageStep.node,
            PassageStep.status,
            PassageStep.way,
            PassageStep.to,
            Flow.name,
            Passage.goal_at,
            Passage.status,
        )
        .join(Passage, Passage.id == PassageStep.passage_id)
        .join(Flow, Flow.id == PassageStep.flow_id)
        .where(Passage.held_out.is_(False), PassageStep.at >= since, PassageStep.at < until)
    )
    if flow:
        query = query.where(Flow.name == flow)
    ends, aims = _ends(session)
    order = (PassageStep.customer_id, Flow.name, Passage.number, PassageStep.number)
    rows: Any = session.execute(query.order_by(*order).execution_options(yield_per=_BATCH))
    for (customer_id, name), found in groupby(rows, key=lambda row: (row[0], row[6])):
        came: dict[str, bool | None] = {}
        for _passage, steps in groupby(found, key=lambda row: row[1]):
            came |= _passed(list(steps), ends.get(name, frozenset()), aims.get(name, False))
        yield from (
            Stay(flow=name, node=each, customer_id=customer_id, lost=lost)
            for each, lost in came.items()
            if not node or each == node
        )


def node_titles(session: CrmSession) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return for each flow and node of a version that is published the title of the node and that of the flow."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for flow in session.scalars(select(Flow).where(Flow.live_number.is_not(None))):
        for name, node in version_at(session, flow, flow.live_number or 0).flow.nodes.items():
            found[flow.name, name] = (node.title or name, flow.title)
    return found


def _ends(session: CrmSession) -> tuple[Mapping[str, frozenset[str]], Mapping[str, bool]]:
    """Return the nodes of each flow at which it ends, and whether it has a goal."""
    ends: dict[str, frozenset[str]] = {}
    aims: dict[str, bool] = {}
    for flow in session.scalars(select(Flow).where(Flow.live_number.is_not(None))):
        drawn = version_at(session, flow, flow.live_number or 0).flow
        ends[flow.name] = frozenset(name for name, node in drawn.nodes.items() if isinstance(node, Exit))
        aims[flow.name] = drawn.goal is not None
    return ends, aims


def _passed(steps: list[Any], ends: frozenset[str], aims: bool) -> dict[str, bool | None]:
    """Return the nodes that a passage came by, no ends of the flow, and whether it was lost there."""
    found: dict[str, bool | None] = {}
    last = steps[-1]
    for row in steps:
        if row[2] not in ends:
            found.pop(row[2], None)  # the order is that of the last time
            found[row[2]] = False
    if not found:
        return found
    reached, over = last[7] is not None, last[8] in ("ended", "failed")
    at_end = last[2] in ends and last[3] == "ended"
    place = next(reversed(found))
    if reached:
        return found
    if not over:
        stands = last[5] or last[2]
        return found | {stands: None} if stands in found else found
    if aims or not at_end:
        found[place] = True
    return found
