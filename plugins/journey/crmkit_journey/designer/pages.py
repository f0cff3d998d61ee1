"""The pages of flows: all of them, one drawn with its counts and strokes, and one customer's passage.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, NotFound, Page, texts
from crmkit_journey.designer.layout import HIGH, WIDE, Drawing, draw
from crmkit_journey.flows.checking import Finding
from crmkit_journey.flows.documents import document_of, flow_of
from crmkit_journey.flows.finding import draft_of, flow_named, flows, version_of
from crmkit_journey.flows.models import FlowDraft, FlowVersion
from crmkit_journey.flows.nodes import TITLES, Branch, Do, Exit, Flow, Message, Node, Split, Sub, Task, Wait, ways_of
from crmkit_journey.flows.vetting import vet
from crmkit_journey.flows.words import STATES
from crmkit_journey.measuring.figures import FlowFigures, figures
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.passages.words import OUTCOMES, STATUSES, WHATS
from crmkit_journey.watching.models import Alarm
from crmkit_journey.watching.words import KINDS

_ = texts("crmkit_journey")

HOME = "/modules/journey"
TONES = {"draft": "", "live": "good", "paused": "warn", "retired": ""}
STATUS_TONES = {"ready": "info", "waiting": "", "ended": "good", "failed": "bad"}
SIGNS = {
    "message": "mail",
    "task": "list-check",
    "do": "settings",
    "wait": "clock",
    "branch": "git-branch",
    "split": "flask",
    "sub": "arrow-right",
    "jump": "refresh",
    "exit": "flag",
}


@frozen(kw_only=True)
class Shown:
    """A node as the page shows it: what it says of itself in a few words, its counts, and what is wrong with it."""

    name: str
    title: str
    type: str
    says: str
    reached: int
    now: int
    failed: int
    goal_rate: float | None
    wrong: tuple[Finding, ...]


def flows_page(session: CrmSession) -> Mapping[str, Any]:
    """Return all flows with how many are on their way, and reached the goal."""
    counting = select(Passage.flow_id, Passage.status, Passage.goal_at.is_not(None), func.count())
    counts: dict[UUID, dict[str, int]] = {}
    grouped = counting.where(Passage.held_out.is_(False)).group_by(
        Passage.flow_id, Passage.status, Passage.goal_at.is_not(None)
    )
    for flow_id, status, reached, count in session.execute(grouped):
        own = counts.setdefault(flow_id, {"began": 0, "under_way": 0, "failed": 0, "goal": 0})
        own["began"] += count
        own["goal"] += count if reached else 0
        own["under_way"] += count if status in ("ready", "waiting") else 0
        own["failed"] += count if status == "failed" else 0
    return {
        "flows": flows(session),
        "counts": counts,
        "none": {"began": 0, "under_way": 0, "failed": 0, "goal": 0},
        "states": STATES,
        "tones": TONES,
        "alarms": _alarms(session),
        "kinds": KINDS,
        "may_manage": _may(session, "journey.flow", "manage"),
        "home": HOME,
    }


def flow_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one flow drawn: the draft with its faults, or a version with its counts. Raises NotFound."""
    flow = flow_named(session, query.get("flow", ""))
    number = int(query["version"]) if query.get("version", "").isdigit() else None
    draft = draft_of(session, flow)
    as_draft = (
        number is None
        and query.get("version", "") in ("", "draft")
        and (query.get("version") == "draft" or flow.live_number is None)
    )
    shown = None if as_draft else (number or flow.live_number)
    document = (draft.document if draft else {}) if shown is None else version_of(session, flow.id, shown).document
    drawn = flow_of(document)
    findings = vet(session, drawn, flow.name) if shown is None else []
    counted = figures(session, flow, number) if shown is not None else None
    nodes = _shown(drawn, findings, counted)
    chosen = query.get("node", "")
    later = select(FlowDraft.id).where(FlowDraft.flow_id == flow.id, FlowDraft.before == flow.draft_number).limit(1)
    newest = session.scalar(later)
    versions = session.scalars(
        select(FlowVersion.number).where(FlowVersion.flow_id == flow.id).order_by(FlowVersion.number.desc())
    ).all()
    drawing = _drawing(drawn)
    changed = draft is not None and (
        flow.live_number is None or draft.document != version_of(session, flow.id, flow.live_number).document
    )
    return {
        "flow": flow,
        "drawn": drawn,
        "drawing": drawing,
        "nodes": nodes,
        "figures": counted,
        "findings": findings,
        "errors": [each for each in findings if each.level == "error"],
        "shown": shown,
        "number": number,
        "versions": versions,
        "chosen": nodes.get(chosen),
        "chosen_node": drawn.nodes.get(chosen),
        "chosen_ways": ways_of(drawn.nodes[chosen]) if chosen in drawn.nodes else (),
        "filled": _filled(drawn, chosen),
        "entry": drawn.entry,
        "goal": drawn.goal,
        "can_undo": draft is not None and bool(draft.before),
        "can_redo": newest is not None,
        "changed": changed,
        "wide": WIDE,
        "high": HIGH,
        "states": STATES,
        "tones": TONES,
        "titles": TITLES,
        "signs": SIGNS,
        "outcomes": OUTCOMES,
        "alarms": _alarms(session).get(flow.id, ()),
        "kinds": KINDS,
        "may_manage": _may(session, "journey.flow", "manage") and shown is None and flow.state != "retired",
        "may_draw": _may(session, "journey.flow", "manage"),
        "may_publish": _may(session, "journey.flow", "publish"),
        "may_run": _may(session, "journey.passage", "run"),
        "home": HOME,
        "here": f"{HOME}/flow?flow={flow.name}&version={'draft' if shown is None else shown}",
    }


def passage_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one passage with its steps. Raises NotFound for one that there is not, or that the reader may not see."""
    try:
        passage = session.get(Passage, UUID(query.get("id", "")))
    except ValueError:
        passage = None
    if passage is None:
        raise NotFound(_("There is no such passage."))
    steps = session.scalars(
        select(PassageStep).where(PassageStep.passage_id == passage.id).order_by(PassageStep.number)
    ).all()
    flow = next(each for each in flows(session) if each.id == passage.flow_id)
    return {
        "passage": passage,
        "steps": steps,
        "flow": flow,
        "customer": session.get(Customer, passage.customer_id),
        "statuses": STATUSES,
        "status_tones": STATUS_TONES,
        "outcomes": OUTCOMES,
        "whats": WHATS,
        "may_steer": _may(session, "journey.passage", "update"),
        "home": HOME,
        "here": f"{HOME}/passage?id={passage.id}",
    }


def failed_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the passages that failed, by what went wrong, the newest first."""
    query_ = (
        select(Passage, Customer.name)
        .join(Customer, Customer.id == Passage.customer_id)
        .where(Passage.status == "failed")
        .order_by(Passage.since.desc(), Passage.id)
        .limit(200)
    )
    names = {each.id: each for each in flows(session)}
    return {
        "passages": session.execute(query_).all(),
        "flows": names,
        "may_steer": _may(session, "journey.passage", "update"),
        "home": HOME,
        "here": f"{HOME}/failed",
    }


def failed_count(session: CrmSession) -> int:
    """Return how many passages failed, of those whom the reader may see."""
    return session.scalar(select(func.count(Passage.id)).where(Passage.status == "failed")) or 0


def says(node: Node) -> str:
    """Return what a node does in a few words of its own."""
    if isinstance(node, Message):
        return node.template
    if isinstance(node, Task):
        return node.task
    if isinstance(node, Do):
        return node.operation
    if isinstance(node, Wait):
        return node.span or node.until or ", ".join(node.kinds) or node.hours
    if isinstance(node, Branch):
        return node.cases[0].when if node.cases else ""
    if isinstance(node, Split):
        return " / ".join(f"{arm.share:.0%}" for arm in node.arms)
    if isinstance(node, Sub):
        return node.flow
    return node.outcome if isinstance(node, Exit) else f"{node.to} ×{node.most}"


def _shown(drawn: Flow, findings: Sequence[Finding], counted: FlowFigures | None) -> dict[str, Shown]:
    counts = {} if counted is None else {each.name: each for each in counted.nodes}
    found: dict[str, Shown] = {}
    for name, node in drawn.nodes.items():
        own = counts.get(name)
        found[name] = Shown(
            name=name,
            title=node.title or name,
            type=node.type,
            says=says(node),
            reached=0 if own is None else own.reached,
            now=0 if own is None else own.now,
            failed=0 if own is None else own.failed,
            goal_rate=own.goal / own.reached if own is not None and own.reached else None,
            wrong=tuple(each for each in findings if each.node == name),
        )
    return found


def _drawing(drawn: Flow) -> Drawing:
    return draw({name: ways_of(node) for name, node in drawn.nodes.items()}, drawn.start)


def _filled(drawn: Flow, name: str) -> Mapping[str, Any]:
    """Return what the form of a node is filled with, by its inputs."""
    node = drawn.nodes.get(name)
    if node is None:
        return {}
    plain = dict(document_of(Flow(nodes={name: node}))["nodes"][name])
    plain.pop("type")
    renamed = {"operation": "runs", "flow": "other", "next": "then"}
    flat = {renamed.get(key, key): value for key, value in plain.items()}
    if isinstance(node, Branch):
        first = node.cases[0] if node.cases else None
        flat = {"when": first.when if first else "", "then": first.next if first else "", "otherwise": node.otherwise}
    if isinstance(node, Split):
        arms = node.arms
        flat = {"share": arms[0].share, "first": arms[0].next, "second": arms[-1].next} if arms else {}
    found: dict[str, Any] = {"node": name, **({"title": node.title} if node.title else {})}
    for key, value in flat.items():
        if isinstance(value, list):
            found[key] = ", ".join(str(each) for each in value)
        elif not isinstance(value, Mapping):
            found[key] = str(value)
    return found


def _alarms(session: CrmSession) -> dict[UUID, list[Alarm]]:
    found: dict[UUID, list[Alarm]] = {}
    for each in session.scalars(select(Alarm).where(Alarm.ended_at.is_(None)).order_by(Alarm.since)):
        found.setdefault(each.flow_id, []).append(each)
    return found


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="journey.flows",
        title=_("Flows"),
        path="",
        template="journey/designer/flows.html",
        context=flows_page,
        permission="journey.flow.read",
        icon="git-branch",
        badge=failed_count,
        order=61,
    ),
    Page(
        name="journey.flow",
        title=_("Flow"),
        path="/flow",
        template="journey/designer/flow.html",
        context=flow_page,
        permission="journey.flow.read",
        icon="git-branch",
        menu=False,
    ),
    Page(
        name="journey.passage",
        title=_("Passage"),
        path="/passage",
        template="journey/designer/passage.html",
        context=passage_page,
        permission="journey.passage.read",
        icon="route",
        menu=False,
    ),
    Page(
        name="journey.failed",
        title=_("What failed in flows"),
        path="/failed",
        template="journey/designer/failed.html",
        context=failed_page,
        permission="journey.passage.read",
        icon="alert-triangle",
        menu=False,
    ),
]
