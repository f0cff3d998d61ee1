"""A condition as the rows of a form: each row compares one name with something, all of them or any of them must hold.

Rows and text are two ways to write the same tree; a part that has no row of its own stays as text. Must not know what
names there are, nor how the form looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.printing import printed
from crmkit.engines.expressions.symbols import FactRef, quoted
from crmkit.engines.expressions.tree import Binary, Call, ListOf, Literal as Written, Logic, Name, Node, Unary
from crmkit.i18n import Text, texts

_ = texts("crmkit")

Join = Literal["and", "or"]
PART = "="
"""In place of a name: the row is a part of the condition that is written as text."""

_NUMBERS = ("integer", "decimal", "number", "money")
_TEXTS = ("text", "choice", "id")
_MOMENTS = ("date", "instant")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OF_OPERATORS = {"==": "is", "!=": "not", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


@frozen(kw_only=True)
class Sign:
    """A way to compare: what it is called, and of what it takes a value: text, list, number, pair, days, day or
    none."""

    name: str
    title: Text
    takes: str


def _sign(name: str, title: Text, takes: str) -> Sign:
    return Sign(name=name, title=title, takes=takes)


_KNOWN = (_sign("known", _("is known"), "none"), _sign("unknown", _("is not known"), "none"))
SIGNS: dict[str, tuple[Sign, ...]] = {
    "exact": (_sign("is", _("is exactly"), "text"), *_KNOWN),
    "text": (
        _sign("is", _("is"), "text"),
        _sign("not", _("is not"), "text"),
        _sign("one_of", _("is one of"), "list"),
        _sign("none_of", _("is none of"), "list"),
        _sign("contains", _("contains"), "text"),
        _sign("starts", _("starts with"), "text"),
        *_KNOWN,
    ),
    "number": (
        _sign("ge", _("is at least"), "number"),
        _sign("gt", _("is more than"), "number"),
        _sign("le", _("is at most"), "number"),
        _sign("lt", _("is less than"), "number"),
        _sign("is", _("is"), "number"),
        _sign("not", _("is not"), "number"),
        _sign("between", _("is between"), "pair"),
        *_KNOWN,
    ),
    "moment": (
        _sign("last", _("was in the last … days"), "days"),
        _sign("ago", _("was more than … days ago"), "days"),
        _sign("next", _("is within the next … days"), "days"),
        _sign("on", _("is on"), "day"),
        _sign("before", _("is before"), "day"),
        _sign("after", _("is after"), "day"),
        *_KNOWN,
    ),
    "boolean": (_sign("yes", _("is so"), "none"), _sign("no", _("is not so"), "none")),
    "list": (
        _sign("has", _("includes"), "text"),
        _sign("has_not", _("does not include"), "text"),
        _sign("any", _("includes one of"), "list"),
    ),
}
"""The ways to compare, by what is compared."""


def family(kind: str, *, exact: bool = False) -> str:
    """Return what a type of the expression language is compared as."""
    if exact:
        return "exact"
    if kind in _NUMBERS:
        return "number"
    if kind in _MOMENTS:
        return "moment"
    if kind in ("list", "choices"):
        return "list"
    return "boolean" if kind == "boolean" else "text"


@frozen(kw_only=True)
class Row:
    """One row: a name (with its key), a way to compare and a value as it is typed; or a part written as text, whose
    name is `PART`."""

    name: str
    sign: str = ""
    value: str = ""


@frozen(kw_only=True)
class Rows:
    """The rows of a condition, all of which must hold ("and"), or any of them ("or")."""

    join: Join = "and"
    rows: tuple[Row, ...] = field(default=(), converter=tuple)


# --- from rows to text -----------------------------------------------------------------------------------------------


def text_of(rows: Rows, kind: Callable[[str], str | None]) -> str:
    """Return the condition that rows say; ``kind`` tells the family of a name, None for one that there is not. Rows
    without a name or a needed value are left out. A part that is text is taken as it is, mistakes included."""
    parts = [part for part in (_written(row, kind) for row in rows.rows) if part]
    if len(parts) == 1:
        return parts[0]
    return f" {rows.join} ".join(_bracketed(part) for part in parts)


def _bracketed(part: str) -> str:
    try:
        tree = parse(part)
    except Exception:
        return f"({part})"
    return f"({part})" if isinstance(tree, Logic) or "?" in part else part


def _written(row: Row, kind: Callable[[str], str | None]) -> str:
    name, sign, value = row.name, row.sign, row.value.strip()
    if name == PART:
        return value
    of = kind(name)
    known = next((item for item in SIGNS.get(of or "text", ()) if item.name == sign), None)
    if not name or known is None or (known.takes != "none" and not value):
        return ""
    if sign in ("known", "unknown"):
        return f"{name} {'!=' if sign == 'known' else '=='} null"
    if sign in ("yes", "no"):
        return name if sign == "yes" else f"not {name}"
    return _compared(name, sign, known.takes, value)


def _compared(name: str, sign: str, takes: str, value: str) -> str:
    literal = _number(value) if takes == "number" else quoted(value)
    if sign in ("is", "not"):
        return f"{name} {'==' if sign == 'is' else '!='} {literal}"
    if sign in _COMPARED:
        return f"{name} {_COMPARED[sign]} {literal}"
    if takes == "list":
        items = f"[{', '.join(quoted(item) for item in listed(value))}]"
        return (
            f"any_of({name}, {items})" if sign == "any" else f"{name} {'in' if sign == 'one_of' else 'not in'} {items}"
        )
    if sign in ("contains", "starts"):
        return f"{'contains' if sign == 'contains' else 'startsWith'}({name}, {literal})"
    if sign in ("has", "has_not"):
        return f"{literal} {'in' if sign == 'has' else 'not in'} {name}"
    if sign == "between":
        low, _dash, high = value.replace("…", "..").partition("..")
        return f"between({name}, {_number(low.strip())}, {_number(high.strip())})"
    if takes == "days":
        return {
            "last": f"between(days_since({name}), 0, {_number(value)})",
            "ago": f"days_since({name}) > {_number(value)}",
            "next": f"between(days_until({name}), 0, {_number(value)})",
        }[sign]
    day = f"date({quoted(value)})"
    return f"date({name}) {({'on': '==', 'before': '<', 'after': '>'})[sign]} {day}"


def _number(value: str) -> str:
    """Return a number as the language writes it; what is none stays, so that the mistake shows where it is."""
    plain = value.strip().replace(",", "").replace(" ", "")
    return plain if _NUMBER.fullmatch(plain) else quoted(value)


def listed(value: str) -> list[str]:
    """Return the items of a list as it is typed: divided by commas, of either width."""
    return [item.strip() for item in re.split(r"[,，、;\n]", value) if item.strip()]


# --- from text to rows -----------------------------------------------------------------------------------------------


def rows_of(text: str, kind: Callable[[str], str | None]) -> Rows:
    """Return the rows of a condition. Raises ExpressionError for a text that is not understood."""
    tree = parse(text)
    parts: Sequence[Node] = (tree,)
    join: Join = "and"
    if isinstance(tree, Logic):
        parts, join = tree.operands, tree.operator
    return Rows(join=join, rows=[_row(part, kind) for part in parts])


def _row(node: Node, kind: Callable[[str], str | None]) -> Row:
    found = _simple(node)
    if found is not None:
        of = kind(found.name)
        if of is not None and any(sign.name == found.sign for sign in SIGNS[of]):
            return found
    return Row(name=PART, value=printed(node))


def _simple(node: Node) -> Row | None:
    if isinstance(node, Name):
        return Row(name=_named(node), sign="yes")
    if isinstance(node, Unary) and node.operator == "not":
        return _negated(node.operand)
    if isinstance(node, Call):
        return _called(node)
    return _binary(node) if isinstance(node, Binary) else None


def _negated(node: Node) -> Row | None:
    if isinstance(node, Name):
        return Row(name=_named(node), sign="no")
    found = _membership(node) if isinstance(node, Binary) and node.operator == "in" else None
    opposite = {"one_of": "none_of", "has": "has_not"}
    if found is None or found.sign not in opposite:
        return None
    return Row(name=found.name, sign=opposite[found.sign], value=found.value)


def _binary(node: Binary) -> Row | None:
    if node.operator == "in":
        return _membership(node)
    left, right = node.left, node.right
    if isinstance(left, Name) and isinstance(right, Written):
        value = right.value
        if value is None:
            return Row(name=_named(left), sign="unknown" if node.operator == "==" else "known")
        if isinstance(value, bool):
            # Unlike the opposite, `x == false` does not hold where nothing is known.
            return Row(name=_named(left), sign="yes") if value and node.operator == "==" else None
        sign = _OF_OPERATORS.get(node.operator)
        return None if sign is None else Row(name=_named(left), sign=sign, value=_typed(value))
    if isinstance(left, Call) and left.function == "days_since" and node.operator == ">":
        return _days("ago", left, right)
    return _on_day(node)


def _on_day(node: Binary) -> Row | None:
    left, day = node.left, _day(node.right)
    if isinstance(left, Call) and left.function == "date" and not left.method and len(left.arguments) == 1:
        left = left.arguments[0]
    sign = {"==": "on", "<": "before", ">": "after"}.get(node.operator)
    if not isinstance(left, Name) or day is None or sign is None:
        return None
    return Row(name=_named(left), sign=sign, value=day)


def _membership(node: Binary) -> Row | None:
    left, right = node.left, node.right
    if isinstance(left, Name) and isinstance(right, ListOf):
        items = _texts(right.items)
        return None if items is None else Row(name=_named(left), sign="one_of", value=", ".join(items))
    if isinstance(left, Written) and isinstance(left.value, str) and isinstance(right, Name):
        return Row(name=_named(right), sign="has", value=left.value)
    return None


def _called(node: Call) -> Row | None:
    given = node.arguments
    first = given[0] if given else None
    if node.function in ("contains", "startsWith") and len(given) == 2 and isinstance(first, Name):
        part = given[1]
        sign = "contains" if node.function == "contains" else "starts"
        if isinstance(part, Written) and isinstance(part.value, str):
            return Row(name=_named(first), sign=sign, value=part.value)
    if node.function == "any_of" and len(given) == 2 and isinstance(first, Name) and isinstance(given[1], ListOf):
        items = _texts(given[1].items)
        return None if items is None else Row(name=_named(first), sign="any", value=", ".join(items))
    if node.function == "between" and len(given) == 3:
        return _between(given)
    return None


def _between(given: Sequence[Node]) -> Row | None:
    first, low, high = given
    if isinstance(first, Name) and all(_is_number(side) for side in (low, high)):
        return Row(name=_named(first), sign="between", value=f"{printed(low)}..{printed(high)}")
    if isinstance(first, Call) and first.function in ("days_since", "days_until") and low == Written(0):
        return _days("last" if first.function == "days_since" else "next", first, high)
    return None


def _is_number(node: Node) -> bool:
    if isinstance(node, Unary) and node.operator == "-":
        node = node.operand
    return isinstance(node, Written) and isinstance(node.value, (int, Decimal)) and not isinstance(node.value, bool)


def _days(sign: str, call: Call, right: Node) -> Row | None:
    (when,) = call.arguments if len(call.arguments) == 1 else (None,)
    if not isinstance(when, Name) or not _is_number(right):
        return None
    return Row(name=_named(when), sign=sign, value=printed(right))


def _day(node: Node) -> str | None:
    if isinstance(node, Call) and node.function == "date" and len(node.arguments) == 1:
        inner = node.arguments[0]
        if isinstance(inner, Written) and isinstance(inner.value, str) and _DAY.fullmatch(inner.value):
            return inner.value
    return None


def _texts(nodes: Iterable[Node]) -> list[str] | None:
    found: list[str] = []
    for node in nodes:
        value = node.value if isinstance(node, Written) else None
        # An item with a comma in it could not be told from two.
        if not isinstance(value, str) or listed(value) != [value]:
            return None
        found.append(value)
    return found


def _named(node: Name) -> str:
    return str(FactRef(node.name, node.key))


def _typed(value: object) -> str:
    return printed(Written(value)) if isinstance(value, (int, Decimal)) else str(value)
