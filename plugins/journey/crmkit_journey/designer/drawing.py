"""How a stroke changes a draft: a node put in its place, a way led elsewhere. Must not know who asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crmkit import CrmSession, texts
from crmkit_journey.flows.errors import problem
from crmkit_journey.flows.finding import draft_of
from crmkit_journey.flows.models import Flow
from crmkit_journey.flows.nodes import TYPES

_ = texts("crmkit_journey")

Document = dict[str, Any]


def put(
    session: CrmSession,
    flow: Flow,
    name: str,
    node: Mapping[str, Any],
    *,
    next: str = "",
    after: str = "",
    ends: bool = False,
) -> Flow:
    """Put a node into the draft, new or in place of the one of that name. Behind a way (``after``) it takes its place:
    what followed there follows the node. Raises InvalidInput."""

    def change(document: Document) -> None:
        nodes = document["nodes"]
        old = nodes.get(name) or {}
        found = {each: value for each, value in node.items() if value not in ("", [], {}, None)}
        followed = lead(document, after, name) if after else ""
        if "next" in _slots(found) and not ends:
            found["next"] = next or old.get("next") or (followed if followed != name else "") or ""
        if found["type"] in ("branch", "split"):
            for holder, key in ways_in(found):
                holder[key] = holder.get(key) or (followed if followed != name else "")
        nodes[name] = found
        if not document.get("start") or document["start"] not in nodes:
            document["start"] = name

    return edit(session, flow, change)


def edit(session: CrmSession, flow: Flow, change: Callable[[Document], None]) -> Flow:
    """Change the draft at hand and save it as a new one. Raises InvalidInput, FlowInState."""
    draft = draft_of(session, flow)
    document: Document = _copied(draft.document) if draft is not None else {"nodes": {}}
    document.setdefault("nodes", {})
    change(document)
    session.run("journey.flow.draft", {"document": document}, target=flow)
    return flow


def lead(document: Document, way: str, to: str) -> str:
    """Have a way, such as ``ask.next`` or ``start``, lead to a node, and return where it led. Raises InvalidInput."""
    if way == "start":
        old, document["start"] = str(document.get("start") or ""), to
        return old
    name, _dot, key = way.partition(".")
    node = node_of(document, name)
    for holder, field, said in _named_ways(node):
        if said == key:
            old, holder[field] = str(holder.get(field) or ""), to
            return old
    raise problem("after", _('There is no way "{way}".'), way=way)


def _named_ways(node: Document) -> list[tuple[Document, str, str]]:
    if node["type"] == "branch":
        cases = [(case, "next", str(number)) for number, case in enumerate(node.get("cases", ()), 1)]
        return [*cases, (node, "otherwise", "otherwise")]
    if node["type"] == "split":
        return [(arm, "next", str(arm.get("name"))) for arm in node.get("arms", ())]
    return [(node, name, name) for name in _slots(node)]


def ways_in(node: Document) -> list[tuple[Document, str]]:
    """Return where a node of a draft says where its ways lead: what holds the name, and under which key."""
    return [(holder, key) for holder, key, _said in _named_ways(node)]


def _slots(node: Mapping[str, Any]) -> tuple[str, ...]:
    type_ = node["type"]
    if type_ == "exit" or type_ not in TYPES:
        return ()
    if type_ == "wait":
        return ("next", "otherwise") if node.get("kinds") else ("next",)
    return ("to", "next") if type_ == "jump" else ("next",)


def node_of(document: Document, name: str, type_: str = "") -> Document:
    """Return a node of a draft. Raises InvalidInput for one that there is not, or of another type."""
    found = document["nodes"].get(name)
    if found is None or (type_ and found["type"] != type_):
        raise problem("node", _('There is no such node "{name}".'), name=name)
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _copied(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(each) for each in value]
    return value
