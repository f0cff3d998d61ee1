"""A flow as a document of names and plain values, as it is stored and written to files, and back.

Must not know databases. Every fault is said with its place, such as ``nodes.ask.next``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs

from crmkit import InvalidInput, Problem, structure, texts
from crmkit_journey.flows.nodes import TYPES, Entry, Flow, Goal, Node

_ = texts("crmkit_journey")

MOST_NODES = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SPAN = re.compile(r"(\d{1,5}) (minute|hour|day|week)s?")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def flow_of(document: Mapping[str, Any]) -> Flow:
    """Return the flow that a document says. Raises InvalidInput with every place that cannot be read."""
    problems: list[Problem] = []
    found = dict(document)
    nodes: dict[str, Node] = {}
    given = found.pop("nodes", None) or {}
    if not isinstance(given, Mapping):
        problems.append(_problem("nodes", _("Here nodes by their names are expected.")))
        given = {}
    if len(given) > MOST_NODES:
        problems.append(_problem("nodes", _("A flow has at most {most} nodes."), most=MOST_NODES))
    for name, node in given.items():
        where = f"nodes.{name}"
        if not _NAME.fullmatch(str(name)):
            problems.append(
                _problem(where, _("A name has small letters, digits and _, begins with a letter, at most 40 in all."))
            )
            continue
        try:
            nodes[str(name)] = _node(node, where)
        except InvalidInput as error:
            problems.extend(error.problems)
    parts: dict[str, Any] = {}
    for name, shape in (("entry", Entry), ("goal", Goal)):
        part = found.pop(name, None)
        if part is not None:
            try:
                parts[name] = _structured(shape, part, name)
            except InvalidInput as error:
                problems.extend(error.problems)
    known = ("exit", "hold_out", "start")
    all_known = ", ".join(("entry", "goal", "nodes", *known))
    problems.extend(
        _problem(name, _("There is no such name here. There are: {known}."), known=all_known)
        for name in found
        if name not in known
    )
    for name in ("exit", "start"):
        value = found.get(name) or ""
        if not isinstance(value, str):
            problems.append(_problem(name, _("Here a text is expected.")))
        parts[name] = value
    share = found.get("hold_out") or 0
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 0.9:
        problems.append(_problem("hold_out", _("The share that is held out lies between 0 and 0.9.")))
    if problems:
        raise InvalidInput(problems)
    return Flow(nodes=nodes, hold_out=float(share), **parts)


def document_of(flow: Flow) -> dict[str, Any]:
    """Return a flow as a document; `flow_of` gives the same flow back. What is as usual is left out."""
    found: dict[str, Any] = {"entry": _plain(flow.entry)}
    if flow.goal is not None:
        found["goal"] = _plain(flow.goal)
    for name in ("exit", "hold_out", "start"):
        if getattr(flow, name):
            found[name] = getattr(flow, name)
    found["nodes"] = {name: {"type": node.type, **_plain(node)} for name, node in flow.nodes.items()}
    return found


def span_of(text: str) -> timedelta | None:
    """Return the length of time that a text such as "3 days" says: minutes, hours, days (of 24 hours) or weeks; None
    for one that says none."""
    match = _SPAN.fullmatch(text.strip())
    return None if match is None else timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _node(given: Any, where: str) -> Node:
    if not isinstance(given, Mapping):
        raise InvalidInput([_problem(where, _("Here names with values are expected."))])
    values = dict(given)
    type_ = values.pop("type", None)
    shape = TYPES.get(str(type_))
    if shape is None:
        text = _("There is no such type of node. There are: {known}.")
        raise InvalidInput([_problem(f"{where}.type", text, known=", ".join(TYPES))])
    return _structured(shape, values, where)


def _structured(shape: type[Any], given: Any, where: str) -> Any:
    if not isinstance(given, Mapping):
        raise InvalidInput([_problem(where, _("Here names with values are expected."))])
    try:
        return structure(shape, {str(name): value for name, value in given.items()})
    except InvalidInput as error:
        raise InvalidInput([_placed(each, where) for each in error.problems]) from None


def _placed(problem: Problem, where: str) -> Problem:
    field = f"{where}.{problem.field}" if problem.field else where
    return Problem(problem.code, problem.message, field=field, value=problem.value, hint=problem.hint, **problem.values)


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        said = {}
        for each in attrs.fields(type(value)):
            own = getattr(value, each.name)
            default = each.default
            if isinstance(default, attrs.Factory):
                default = default.factory()
            if own != default:
                said[each.name] = _plain(own)
        return said
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return value


def _problem(field: str, text: str, **values: Any) -> Problem:
    return Problem(InvalidInput.code, text, field=field, **values)
