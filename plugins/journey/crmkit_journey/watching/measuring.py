"""What a monitor measures of a flow. Counts cover all customers, as alarms name none. Must not change anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit.engines.statistics.intervals import newcombe
from crmkit_journey.flows.nodes import Flow as Definition
from crmkit_journey.passages.live import Version
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.watching.models import Watch

LAG = timedelta(hours=1)
"""A step that is due for longer says that flows do not go on as they should."""
WEEK, MONTH = timedelta(days=7), timedelta(days=28)
FEWEST = 20
"""Shares of fewer passages are not compared."""
NEWEST = 20_000
"""How long customers stayed is told by the newest so many steps."""


@frozen(kw_only=True)
class Seen:
    """Something that is wrong: of which kind, at which node, what was measured, and what was expected."""

    kind: str
    node: str = ""
    value: float
    base: float = 0.0


def look(session: CrmSession, version: Version, watch: Watch, now: datetime) -> list[Seen]:
    """Return what is wrong with a flow now."""
    return [
        *_stuck(session, version, watch, now),
        *_failing(session, version, watch, now),
        *_slow(session, version, now),
        *_dropping(session, version, now),
        *_dry(session, version, watch, now),
    ]


def _stuck(session: CrmSession, version: Version, watch: Watch, now: datetime) -> Iterable[Seen]:
    """Who waits for something that may never come, for longer than is usual at that node."""
    query = select(Passage.node, Passage.since).where(
        Passage.flow_id == version.flow_id,
        Passage.status == "waiting",
        Passage.wake_at.is_(None),
        Passage.held_out.is_(False),
        Passage.since < now - timedelta(days=watch.stuck_days),
    )
    waiting: dict[str, list[float]] = {}
    for node, since in session.execute(query):
        waiting.setdefault(node, []).append((now - since).total_seconds() / 86400)
    if not waiting:
        return
    usual = usual_days(session, version)
    for node, days in sorted(waiting.items()):
        limit = max(float(watch.stuck_days), usual.get(node, 0.0))
        stuck = [each for each in days if each > limit]
        if stuck:
            yield Seen(kind="stuck", node=node, value=len(stuck), base=round(limit, 3))


def usual_days(session: CrmSession, version: Version) -> dict[str, float]:
    """Return, by node, the days within which nineteen of twenty customers went on, by the newest steps."""
    newest = (
        select(PassageStep.passage_id, PassageStep.node, PassageStep.to, PassageStep.at, PassageStep.number)
        .where(PassageStep.flow_id == version.flow_id)
        .order_by(PassageStep.at.desc(), PassageStep.number.desc())
        .limit(NEWEST)
    )
    rows = sorted(session.execute(newest).all(), key=lambda row: (row.passage_id, row.number))
    spent: dict[str, list[float]] = {}
    came: dict[object, tuple[str, datetime]] = {}
    for row in rows:
        node, since = came.get(row.passage_id, (row.node, row.at))
        if node == row.node and row.to != row.node:
            spent.setdefault(node, []).append((row.at - since).total_seconds() / 86400)
        came[row.passage_id] = (row.to, row.at if row.to != row.node or node != row.node else since)
    return {node: sorted(days)[math.ceil(0.95 * len(days)) - 1] for node, days in spent.items() if len(days) >= FEWEST}


def _failing(session: CrmSession, version: Version, watch: Watch, now: datetime) -> Iterable[Seen]:
    begun = select(func.count(Passage.id)).where(Passage.flow_id == version.flow_id, Passage.held_out.is_(False))
    failed = session.scalar(begun.where(Passage.status == "failed", Passage.since >= now - WEEK)) or 0
    if not failed:
        return
    moved = session.scalar(begun.where(Passage.since >= now - WEEK)) or 0
    if failed > moved * float(watch.failed_share):
        yield Seen(kind="failing", value=failed / max(moved, 1), base=float(watch.failed_share))


def _slow(session: CrmSession, version: Version, now: datetime) -> Iterable[Seen]:
    query = select(func.count(Passage.id)).where(
        Passage.flow_id == version.flow_id, Passage.due_at < now - LAG, Passage.paused.is_(False)
    )
    late = session.scalar(query) or 0
    if late and version.state == "live":
        yield Seen(kind="slow", value=late)


def _dropping(session: CrmSession, version: Version, now: datetime) -> Iterable[Seen]:
    """Of passages whose goal does not count any more: the last four weeks beside the four before."""
    if version.flow.goal is None:
        return
    counts = [
        _goals(session, version, now - MONTH, now),
        _goals(session, version, now - 2 * MONTH, now - MONTH),
    ]
    (reached, n), (base, base_n) = counts
    if min(n, base_n) < FEWEST:
        return
    if (newcombe(reached, n, base, base_n).high or 0) < 0:
        yield Seen(kind="dropping", value=reached / n, base=base / base_n)


def _goals(session: CrmSession, version: Version, since: datetime, until: datetime) -> tuple[int, int]:
    query = select(func.count(Passage.goal_at), func.count(Passage.id)).where(
        Passage.flow_id == version.flow_id,
        Passage.held_out.is_(False),
        Passage.goal_until >= since,
        Passage.goal_until < until,
    )
    reached, n = session.execute(query).one()
    return reached, n


def _dry(session: CrmSession, version: Version, watch: Watch, now: datetime) -> Iterable[Seen]:
    flow: Definition = version.flow
    if flow.entry.on == "call" or version.state != "live":
        return
    span = timedelta(days=watch.quiet_days)
    came = select(func.count(Passage.id)).where(Passage.flow_id == version.flow_id)
    if session.scalar(came.where(Passage.began_at >= now - span)):
        return
    before = session.scalar(came.where(Passage.began_at >= now - 5 * span, Passage.began_at < now - span)) or 0
    # Four spans before it: with fewer than three a span, none in one may well be chance (Poisson, e^-3 = 5 %).
    if before >= 12:
        yield Seen(kind="dry", value=0, base=before / 4)
