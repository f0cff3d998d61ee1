"""Whether a flow can be carried out, by its shape alone: what leads nowhere, what nobody reaches, what never ends.

Must not know databases; what has to be looked up, such as facts and templates, is in `crmkit_journey.flows.vetting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from attrs import field, frozen

from crmkit import texts
from crmkit_journey.flows.documents import span_of
from crmkit_journey.flows.nodes import Branch, Do, Exit, Flow, Jump, Message, Node, Split, Sub, Task, Wait, ways_of

_ = texts("crmkit_journey")

WINDOW = re.compile(r"(\d{1,2})-(\d{1,2})")


@frozen(kw_only=True)
class Finding:
    """What was found in a flow: an "error" keeps it from being published, a "warning" does not. ``place`` is where,
    such as ``nodes.ask.next``; ``values`` are for the ``{name}`` fields of the text."""

    level: Literal["error", "warning"]
    place: str
    text: str
    values: Mapping[str, Any] = field(factory=dict[str, Any])

    @property
    def node(self) -> str:
        """Return the name of the node that it is about, empty where it is about the whole."""
        parts = self.place.split(".")
        return parts[1] if parts[0] == "nodes" and len(parts) > 1 else ""


def error(place: str, text: str, /, **values: Any) -> Finding:
    """Return a finding that keeps a flow from being published."""
    return Finding(level="error", place=place, text=text, values=values)


def warning(place: str, text: str, /, **values: Any) -> Finding:
    """Return a finding that does not."""
    return Finding(level="warning", place=place, text=text, values=values)


def check(flow: Flow) -> list[Finding]:
    """Return what is wrong with the shape of a flow, nodes in their order."""
    found = [*_entry(flow), *_goal(flow)]
    if not flow.nodes:
        return [*found, error("nodes", _("There are no nodes yet."))]
    if flow.start not in flow.nodes:
        found.append(error("start", _("Which node is the first one?")))
    for name, node in flow.nodes.items():
        found.extend(_leading(flow, name, node))
        found.extend(_within(name, node))
    reached = reachable(flow)
    found.extend(
        error(f"nodes.{name}", _("No way leads here."))
        for name in flow.nodes
        if flow.start in flow.nodes and name not in reached
    )
    found.extend(_loops(flow, reached))
    return found


def reachable(flow: Flow) -> set[str]:
    """Return the nodes to which a way leads from the first one."""
    found: set[str] = set()
    waiting = [flow.start] if flow.start in flow.nodes else []
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(to for _way, to in ways_of(flow.nodes[name]) if to in flow.nodes)
    return found


def _entry(flow: Flow) -> Iterable[Finding]:
    entry = flow.entry
    if entry.on == "event" and not entry.kinds:
        yield error("entry.kinds", _("Which kinds of interaction let customers in?"))
    if entry.on == "segment" and not entry.segment:
        yield error("entry.segment", _("Which segment lets customers in?"))
    if entry.on == "daily" and entry.when.strip() in ("", "true"):
        yield error("entry.when", _("Every day all customers would come in: say for whom it is."))
    if not 0 <= entry.at <= 23:
        yield error("entry.at", _("An hour lies between 0 and 23."))
    if entry.again == "after" and entry.days < 1:
        yield error("entry.days", _("After how many days may a customer come in again?"))
    if entry.again == "each" and entry.on != "event":
        yield error("entry.again", _("One passage for each event needs events to come in by."))


def _goal(flow: Flow) -> Iterable[Finding]:
    goal = flow.goal
    if goal is None:
        yield warning("goal", _("Without a goal nobody learns whether it works."))
        return
    if not goal.kinds and not goal.when:
        yield error("goal", _("A goal is an interaction, a condition, or both."))
    if not 1 <= goal.days <= 730:
        yield error("goal.days", _("A goal counts for 1 to 730 days."))


def _leading(flow: Flow, name: str, node: Node) -> Iterable[Finding]:
    for way, to in ways_of(node):
        place = f"nodes.{name}.{way}"
        if not to:
            yield error(place, _("This leads nowhere: an end is a node of its own."))
        elif to not in flow.nodes:
            yield error(place, _('There is no node "{name}".'), name=to)


def _within(name: str, node: Node) -> Iterable[Finding]:
    place = f"nodes.{name}"
    if isinstance(node, Message) and not node.template:
        yield error(f"{place}.template", _("By which template? Its purpose says which consent is needed."))
    elif isinstance(node, Task) and node.due and span_of(node.due) is None:
        yield _no_span(f"{place}.due", node.due)
    elif isinstance(node, Wait):
        yield from _wait(place, node)
    elif isinstance(node, Branch) and not node.cases:
        yield error(f"{place}.cases", _("A branch has at least one condition."))
    elif isinstance(node, Split):
        if len(node.arms) < 2:
            yield error(f"{place}.arms", _("A split has at least two ways."))
        if len({arm.name for arm in node.arms}) < len(node.arms):
            yield error(f"{place}.arms", _("Two ways have the same name."))
        if any(not 0 < arm.share <= 1 for arm in node.arms) or sum(arm.share for arm in node.arms) > 1 + 1e-9:
            yield error(f"{place}.arms", _("Shares lie above 0, together at most 1."))
        if node.control and node.control not in {arm.name for arm in node.arms}:
            yield error(f"{place}.control", _('There is no way "{name}".'), name=node.control)
    elif isinstance(node, Jump) and not 1 <= node.most <= 100:
        yield error(f"{place}.most", _("A jump goes back at least once and at most 100 times."))
    elif isinstance(node, Do) and not node.operation:
        yield error(f"{place}.operation", _("Which operation?"))
    elif isinstance(node, Sub) and not node.flow:
        yield error(f"{place}.flow", _("Which flow?"))
    elif isinstance(node, Exit) and not node.outcome:
        yield error(f"{place}.outcome", _("How did it end, in a word?"))


def _wait(place: str, node: Wait) -> Iterable[Finding]:
    ways = [bool(node.span), bool(node.until), bool(node.kinds or node.when), bool(node.days or node.hours)]
    if sum(ways) != 1:
        yield error(place, _("It waits for a span, until a day, for an interaction or for a window: for one of these."))
    for name, text in (("span", node.span), ("timeout", node.timeout)):
        if text and span_of(text) is None:
            yield _no_span(f"{place}.{name}", text)
    if node.when and not node.kinds:
        yield error(f"{place}.kinds", _("Which interactions make it look whether this holds?"))
    if node.kinds and not node.timeout:
        yield warning(f"{place}.timeout", _("Whoever never does it waits for ever: give it a timeout."))
    if any(day not in range(1, 8) for day in node.days):
        yield error(f"{place}.days", _("Days are 1 (Monday) to 7 (Sunday)."))
    if node.hours and window_of(node.hours) is None:
        yield error(f"{place}.hours", _("Hours are such as 9-18."))


def window_of(text: str) -> tuple[int, int] | None:
    """Return the first hour and the one at which a window ends, such as 9 and 18 for "9-18"; None for none."""
    match = WINDOW.fullmatch(text.strip())
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    return (first, last) if 0 <= first < last <= 24 else None


def _no_span(place: str, text: str) -> Finding:
    return error(place, _('"{text}" is no length of time such as 3 days, 12 hours or 2 weeks.'), text=text)


def _loops(flow: Flow, reached: set[str]) -> Iterable[Finding]:
    """Say of each loop that nothing leaves, and of each that goes round without waiting. A jump goes back only so
    often, so it makes no loop of itself."""
    edges = {
        name: [to for way, to in ways_of(node) if to in flow.nodes and not (isinstance(node, Jump) and way == "to")]
        for name, node in flow.nodes.items()
    }
    for group in _circles(edges):
        if not group & reached:
            continue
        first = next(name for name in flow.nodes if name in group)
        if all(to in group for name in group for to in edges[name]):
            yield error(f"nodes.{first}", _("This goes round for ever: no way leads out."))
        rest = {name: [to for to in edges[name] if to in group] for name in group}
        waiting = {name for name in group if isinstance(flow.nodes[name], Wait)}
        idle = {name: [to for to in outs if to not in waiting] for name, outs in rest.items() if name not in waiting}
        if any(len(circle) > 0 for circle in _circles(idle)):
            yield error(f"nodes.{first}", _("This can go round without ever waiting."))


def _circles(edges: Mapping[str, list[str]]) -> list[set[str]]:
    """Return the strongly connected parts that have a circle (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            name, ways = work[-1]
            step = next(ways, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    part: set[str] = set()
                    while True:
                        member = stack.pop()
                        part.add(member)
                        if member == name:
                            break
                    if len(part) > 1 or name in edges[name]:
                        found.append(part)
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(edges[step])))
            elif step in stack:
                low[name] = min(low[name], index[step])
    return found
