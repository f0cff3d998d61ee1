"""From tree to text: the one way in which a tree is written, and which is parsed to the same tree again.

Must not know what nodes mean.
"""

from __future__ import annotations

from decimal import Decimal
from functools import singledispatch

from crmkit.engines.expressions.symbols import FactRef, quoted
from crmkit.engines.expressions.tree import (
    Binary,
    Call,
    Conditional,
    ListOf,
    Literal,
    Logic,
    Name,
    Node,
    Unary,
)

_TERNARY, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _CALL = range(9)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT}


def printed(tree: Node) -> str:
    """Return the canonical text of a tree."""
    return _print(tree)[0]


def _within(node: Node, level: int) -> str:
    text, own = _print(node)
    return text if own >= level else f"({text})"


@singledispatch
def _print(node: Node) -> tuple[str, int]:
    raise TypeError(f"{type(node).__name__} is no node")


@_print.register
def _literal(node: Literal) -> tuple[str, int]:
    value = node.value
    if isinstance(value, str):
        return quoted(value), _CALL
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower(), _CALL
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, Decimal):
        whole, _dot, places = text.partition(".")
        text = f"{whole}.{places.rstrip('0') or '0'}"
    return text, _SIGN if text.startswith("-") else _CALL


@_print.register
def _name(node: Name) -> tuple[str, int]:
    return str(FactRef(node.name, node.key)), _CALL


@_print.register
def _list(node: ListOf) -> tuple[str, int]:
    return f"[{', '.join(printed(item) for item in node.items)}]", _CALL


@_print.register
def _unary(node: Unary) -> tuple[str, int]:
    if node.operator == "-":
        return f"-{_within(node.operand, _SIGN)}", _SIGN
    inner = node.operand
    if isinstance(inner, Binary) and inner.operator == "in":
        return f"{_within(inner.left, _SUM)} not in {_within(inner.right, _SUM)}", _COMPARISON
    return f"not {_within(inner, _NOT)}", _NOT


@_print.register
def _binary(node: Binary) -> tuple[str, int]:
    level = _LEVELS.get(node.operator, _COMPARISON)
    left = _within(node.left, _SUM if level == _COMPARISON else level)
    return f"{left} {node.operator} {_within(node.right, level + 1)}", level


@_print.register
def _logic(node: Logic) -> tuple[str, int]:
    level = _OR if node.operator == "or" else _AND
    return f" {node.operator} ".join(_within(operand, level + 1) for operand in node.operands), level


@_print.register
def _conditional(node: Conditional) -> tuple[str, int]:
    return f"{_within(node.test, _OR)} ? {printed(node.then)} : {printed(node.otherwise)}", _TERNARY


@_print.register
def _call(node: Call) -> tuple[str, int]:
    arguments = [printed(argument) for argument in node.arguments]
    if not node.method:
        return f"{node.function}({', '.join(arguments)})", _CALL
    return f"{_within(node.arguments[0], _CALL)}.{node.function}({', '.join(arguments[1:])})", _CALL
