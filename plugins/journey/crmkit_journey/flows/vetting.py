"""Whether a flow can be carried out here and now: what it names has to be there, and its conditions have to hold water.

What can be told by its shape alone is in `crmkit_journey.flows.checking`. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, defined, row_expression, texts
from crmkit_journey.flows.checking import Finding, check, error, warning
from crmkit_journey.flows.models import Flow as FlowRecord
from crmkit_journey.flows.nodes import Branch, Do, Flow, Message, Node, Sub, Task, Wait

_ = texts("crmkit_journey")

SEND, TASK = "messaging.send", "work.task.create"


def vet(session: CrmSession, flow: Flow, name: str = "") -> list[Finding]:
    """Return everything that is wrong with a flow, its shape first. ``name`` is the flow's own, which must not pass
    through itself."""
    found = check(flow)
    registry = session.gate.registry
    for place, kinds in _kinds(flow):
        found.extend(
            error(place, _('There is no kind of interaction "{kind}".'), kind=kind)
            for kind in kinds
            if kind not in registry.interaction_kinds
        )
    if flow.entry.segment and flow.entry.segment not in defined(session, "segment"):
        found.append(error("entry.segment", _('There is no segment "{name}".'), name=flow.entry.segment))
    for place, text, condition in _expressions(flow):
        found.extend(_expression(session, place, text, condition=condition))
    for node_name, node in flow.nodes.items():
        found.extend(_node(session, f"nodes.{node_name}", node, name))
    return found


def _kinds(flow: Flow) -> Iterable[tuple[str, tuple[str, ...]]]:
    yield "entry.kinds", flow.entry.kinds
    if flow.goal is not None:
        yield "goal.kinds", flow.goal.kinds
    for name, node in flow.nodes.items():
        if isinstance(node, Wait):
            yield f"nodes.{name}.kinds", node.kinds


def _expressions(flow: Flow) -> Iterable[tuple[str, str, bool]]:
    """Return each expression with its place, and whether it has to be a condition."""
    yield "entry.when", flow.entry.when, True
    if flow.goal is not None and flow.goal.when:
        yield "goal.when", flow.goal.when, True
    if flow.exit:
        yield "exit", flow.exit, True
    for name, node in flow.nodes.items():
        place = f"nodes.{name}"
        if isinstance(node, Branch):
            for number, case in enumerate(node.cases, 1):
                yield f"{place}.cases.{number}.when", case.when, True
        elif isinstance(node, Wait):
            if node.when:
                yield f"{place}.when", node.when, True
            if node.until:
                yield f"{place}.until", node.until, False
        elif isinstance(node, Message):
            for each, text in node.values.items():
                yield f"{place}.values.{each}", text, False
        elif isinstance(node, Do):
            for each, text in node.inputs.items():
                if isinstance(text, str):
                    yield f"{place}.inputs.{each}", text, False


def _expression(session: CrmSession, place: str, text: str, *, condition: bool) -> Iterable[Finding]:
    try:
        row_expression(session, text, {}, condition=condition, facts=True)
    except CrmkitError as problem:
        for each in problem.problems or ():
            yield Finding(level="error", place=place, text=each.message, values={**each.values, "value": each.value})
        if not problem.problems:
            yield error(place, "{said}", said=str(problem))


def _node(session: CrmSession, place: str, node: Node, own: str) -> Iterable[Finding]:
    registry = session.gate.registry
    if isinstance(node, Message):
        if SEND not in registry.operations:
            yield error(place, _("Messages need the plugin messaging."))
        else:
            yield from _message(session, place, node)
    elif isinstance(node, Task) and TASK not in registry.operations:
        yield error(place, _("Tasks need the plugin work."))
    elif isinstance(node, Do) and node.operation:
        yield from _do(registry.operations, place, node)
    elif isinstance(node, Sub) and node.flow:
        other = session.scalars(select(FlowRecord).where(FlowRecord.name == node.flow)).first()
        if node.flow == own:
            yield error(f"{place}.flow", _("A flow does not pass through itself."))
        elif other is None or other.live_number is None:
            yield error(f"{place}.flow", _('There is no live flow "{name}".'), name=node.flow)


def _do(operations: Mapping[str, Any], place: str, node: Do) -> Iterable[Finding]:
    known = operations.get(node.operation)
    if known is None:
        yield error(f"{place}.operation", _('There is no operation "{name}".'), name=node.operation)
        return
    if known.target is not None and known.resource != "customer":
        yield error(f"{place}.operation", _("It acts on a record that the flow does not know."))


def _message(session: CrmSession, place: str, node: Message) -> Iterable[Finding]:
    from crmkit_messaging.api import usable_templates

    known = usable_templates(session)
    found = known.get(node.template)
    if found is None:
        yield error(f"{place}.template", _('There is no published template "{name}".'), name=node.template)
        return
    if node.channel and node.channel != found.channel:
        text = _("The template is for the channel {channel}.")
        yield error(f"{place}.channel", text, channel=found.channel)
    # The languages in which the business writes are those of all its templates together.
    written = frozenset().union(*(each.languages for each in known.values()))
    lacking = sorted(written - found.languages)
    if lacking:
        text = _("The template has no text in {languages}: who speaks these gets another language.")
        yield warning(f"{place}.template", text, languages=", ".join(lacking))
