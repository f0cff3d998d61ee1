"""Why a condition holds for a customer, or why not: each condition within it with its answer and the facts it read.

Must not know SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from crmkit.engines.expressions.closures import closure
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.printing import printed
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.expressions.tree import Logic, Name, Node, Unary


@frozen(kw_only=True)
class Trace:
    """A condition and its answer. ``parts`` are the conditions that it is joined of; without parts, ``values`` are
    those of the names that it reads, as they were given."""

    text: str
    holds: bool
    values: Mapping[FactRef, Any]
    parts: tuple[Trace, ...] = ()


def trace(expression: Expression, values: Mapping[Any, Any], at: Surroundings) -> Trace:
    """Return why a condition holds for one customer, or why not; all of it is evaluated, whatever decides."""

    def visit(node: Node) -> Trace:
        parts: tuple[Trace, ...] = ()
        if isinstance(node, (Logic, Unary)):
            parts = tuple(visit(child) for child in node.children)
        plan = expression.conditions[id(node)]
        return Trace(
            text=printed(node),
            holds=bool(closure(plan)(values.get, at)),
            values={} if parts else {ref: values.get(ref) for ref in names_of(node)},
            parts=parts,
        )

    return visit(expression.tree)


def names_of(node: Node) -> list[FactRef]:
    """Return the names below a node, each once, in the order of the text."""
    waiting, found = [node], dict[FactRef, None]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found[FactRef(one.name, one.key)] = None
        waiting.extend(reversed(one.children))
    return list(found)
