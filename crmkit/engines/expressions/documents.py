"""The JSON form of a tree, which a page's condition builder edits.

A node is an object with ``node`` (its kind) and its parts; a decimal is kept as text. Must not know what nodes mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crmkit.engines.expressions.parsing import check_size, negated
from crmkit.engines.expressions.tree import (
    MAX_DEPTH,
    MAX_LENGTH,
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
from crmkit.engines.expressions.types import MAX_INTEGER, MIN_INTEGER, PLACES, UNIT
from crmkit.errors import ExpressionError, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_WORDS = {"and", "or", "not", "in", "true", "false", "null"}
_OPERATORS = {"==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"}


def tree_to_json(tree: Node) -> dict[str, Any]:
    """Return the JSON form of a tree."""
    inner = [tree_to_json(child) for child in tree.children]
    if isinstance(tree, Literal):
        if isinstance(tree.value, Decimal):
            return {"node": "decimal", "value": f"{tree.value:f}"}
        return {"node": "literal", "value": tree.value}
    if isinstance(tree, Name):
        return {"node": "name", "name": tree.name, **({} if tree.key is None else {"key": tree.key})}
    if isinstance(tree, ListOf):
        return {"node": "list", "of": inner}
    if isinstance(tree, Conditional):
        return {"node": "if", "of": inner}
    if isinstance(tree, Call):
        return {"node": "call", "function": tree.function, "method": tree.method, "of": inner}
    return {"node": "operator", "operator": tree.operator, "of": inner}


def tree_from_json(document: Any) -> Node:
    """Return the tree of a JSON form. Raises ExpressionError for what is none, or too large a one."""
    tree = _node(document, 1)
    check_size(tree)
    return tree


def _wrong(message: str, **values: object) -> ExpressionError:
    return ExpressionError([Problem(ExpressionError.code, message, **values)])  # type: ignore[arg-type]


def _node(document: Any, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise _wrong(_("This is nested too deeply: more than {limit} levels."), limit=MAX_DEPTH)
    if not isinstance(document, Mapping) or str(document.get("node")) not in _KINDS:
        raise _wrong(_("A node is an object whose node is one of {kinds}."), kinds=", ".join(_KINDS))
    kind = str(document["node"])
    read, parts = _KINDS[kind]
    unknown = set(map(str, document)) - {"node", *parts}
    if unknown:
        raise _wrong(_("A node {kind} has no {names}."), kind=kind, names=", ".join(sorted(unknown)))
    of = document.get("of", ())
    if not isinstance(of, Sequence) or isinstance(of, str) or len(of) > MAX_LENGTH:
        raise _wrong(_("The parts of a node are a list."))
    return read(document, tuple(_node(one, depth + 1) for one in of))


def _literal(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    value = document.get("value")
    if isinstance(value, str):
        return Literal(_text(value))
    if value is None or isinstance(value, bool):
        return Literal(value)
    if isinstance(value, int) and MIN_INTEGER <= value <= MAX_INTEGER:
        return Literal(value)
    raise _wrong(_("A literal is a text, a whole number of 64 bits, true, false or null."))


def _decimal(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    try:
        value = Decimal(str(document.get("value"))[:60])
        if abs(value) <= MAX_INTEGER // UNIT and value == round(value, PLACES):
            return Literal(round(value, PLACES))
    except InvalidOperation:
        pass
    raise _wrong(_("A decimal is the text of a number with at most {places} places."), places=PLACES)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        raise _wrong(_("This is no text, or too long a one."))
    value = unicodedata.normalize("NFC", value)
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise _wrong(_("A text can have neither a null character nor half of a surrogate pair."))
    return value


def _identifier(value: Any) -> str:
    name = _text(value)
    if _NAME.fullmatch(name) is None or name in _WORDS:
        raise _wrong(_("{name} is no name."), name=name[:80])
    return name


def _name(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    key = document.get("key")
    return Name(_identifier(document.get("name")), None if key is None else _text(key))


def _operator(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    sign = str(document.get("operator"))
    if sign in ("and", "or") and len(of) >= 2:
        return Logic("or" if sign == "or" else "and", of)
    if sign == "not" and len(of) == 1:
        return Unary("not", *of)
    if sign == "-" and len(of) == 1:
        return negated(of[0])
    if sign in _OPERATORS and len(of) == 2:
        return Binary(sign, *of)
    raise _wrong(_("There is no operator {name} of {count}."), name=sign[:20], count=len(of))


def _conditional(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    if len(of) != 3:
        raise _wrong(_("A node {kind} has {count} parts."), kind="if", count=3)
    return Conditional(*of)


def _call(document: Mapping[str, Any], of: tuple[Node, ...]) -> Node:
    method = bool(document.get("method")) and bool(of)
    return Call(_identifier(document.get("function")), of, method=method)


_KINDS: dict[str, tuple[Callable[[Mapping[str, Any], tuple[Node, ...]], Node], tuple[str, ...]]] = {
    "literal": (_literal, ("value",)),
    "decimal": (_decimal, ("value",)),
    "name": (_name, ("name", "key")),
    "list": (lambda document, of: ListOf(of), ("of",)),
    "operator": (_operator, ("operator", "of")),
    "if": (_conditional, ("of",)),
    "call": (_call, ("function", "method", "of")),
}
