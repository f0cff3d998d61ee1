"""What the nodes of flows do: each is an operation, run as whoever published the flow. Must not know where a passage
goes from there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Customer, InvalidInput, Problem, texts
from crmkit_journey.flows.documents import span_of
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.flows.nodes import Do, Message, Node, Sub, Task
from crmkit_journey.passages.entering import begin_passages
from crmkit_journey.passages.live import live_versions
from crmkit_journey.passages.models import Passage

_ = texts("crmkit_journey")

REF = "journey.passage"


def inputs_of(node: Node) -> dict[str, str]:
    """Return the expressions that a node's act needs, by where their values go."""
    if isinstance(node, Message):
        return dict(node.values)
    if isinstance(node, Do):
        return {".".join(path): text for path, text in _texts(node.inputs, ())}
    return {}


def act(session: CrmSession, passage: Passage, node: Node, values: Mapping[str, Any], now: datetime) -> str:
    """Do what a node does and return what came of it in a few words. ``values`` are what `inputs_of` came to.

    Raises what the operation raises; then nothing was changed.
    """
    if isinstance(node, Message):
        return _send(session, passage, node, values)
    if isinstance(node, Task):
        return _task(session, passage, node, now)
    if isinstance(node, Sub):
        return _sub(session, passage, node, now)
    if isinstance(node, Do):
        return _do(session, passage, node, values)
    raise TypeError(f"a {type(node).__name__} does nothing")


def _send(session: CrmSession, passage: Passage, node: Message, values: Mapping[str, Any]) -> str:
    purpose = node.purpose
    if not purpose:
        from crmkit_messaging.api import usable_templates

        known = usable_templates(session).get(node.template)
        if known is None:
            raise _problem(_('There is no published template "{name}".'), name=node.template)
        purpose = known.purpose
    message = session.run(
        "messaging.send",
        {
            "customer_id": passage.customer_id,
            "purpose": purpose,
            "channel": node.channel or None,
            "template": node.template,
            "values": dict(values),
            "ref": f"{REF}:{passage.id}",
            "key": f"{REF}:{passage.id}:{passage.steps}",
        },
    )
    return f"{message.state}: {message.reason}" if message.reason else str(message.state)


def _task(session: CrmSession, passage: Passage, node: Task, now: datetime) -> str:
    span = span_of(node.due) if node.due else None
    given = {
        "title": node.task,
        "customer_id": passage.customer_id,
        "due_at": None if span is None else now + span,
        "ref": f"{REF}:{passage.id}",
        "source": "journey",
    }
    if node.queue:
        given["queue"] = node.queue
    else:
        given["owner_id"] = session.scalar(select(Customer.owner_id).where(Customer.id == passage.customer_id))
    made = session.run("work.task.create", given)
    return f"task {made.id}"


def _sub(session: CrmSession, passage: Passage, node: Sub, now: datetime) -> str:
    found = live_versions(session, name=node.flow)
    if not found:
        raise _problem(_('There is no live flow "{name}".'), name=flow_named(session, node.flow).name)
    key = f"{passage.id}:{passage.steps}"
    begin_passages(session, found[0], [(passage.customer_id, key)], now, of_id=passage.id, again=True)
    return node.flow


def _do(session: CrmSession, passage: Passage, node: Do, values: Mapping[str, Any]) -> str:
    operation = session.gate.registry.operations.get(node.operation)
    if operation is None:
        raise _problem(_('There is no operation "{name}".'), name=node.operation)
    given = _filled(node.inputs, values, ())
    target = None
    if operation.target is not None:
        target = passage.customer_id
    elif "customer_id" not in given and takes(operation, "customer_id"):
        given["customer_id"] = passage.customer_id
    session.run(node.operation, given, target=target)
    return node.operation


def takes(operation: Any, name: str) -> bool:
    """Say whether an operation has an input of a name."""
    return any(each.name == name for each in getattr(operation.inputs, "__attrs_attrs__", ()))


def _texts(given: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    """Return the texts in inputs with where they stand: each is an expression."""
    if isinstance(given, str):
        return [(path, given)]
    if isinstance(given, Mapping):
        return [pair for name, each in given.items() for pair in _texts(each, (*path, str(name)))]
    if isinstance(given, list | tuple):
        return [pair for number, each in enumerate(given) for pair in _texts(each, (*path, str(number)))]
    return []


def _filled(given: Any, values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    if isinstance(given, str):
        return values[".".join(path)]
    if isinstance(given, Mapping):
        return {str(name): _filled(each, values, (*path, str(name))) for name, each in given.items()}
    if isinstance(given, list | tuple):
        return [_filled(each, values, (*path, str(number))) for number, each in enumerate(given)]
    return given


def _problem(text: str, **values: Any) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, text, **values)])
