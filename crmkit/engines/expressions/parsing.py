"""From text to tree: the grammar, and what is said about a text that does not follow it.

The grammar is a subset of the Common Expression Language with words for its signs; it is built at the first use. Must
not know names, types or functions.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from attrs import frozen

from crmkit.engines.expressions.mistakes import mistake
from crmkit.engines.expressions.tree import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_LIST,
    MAX_NODES,
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
from crmkit.engines.expressions.types import MAX_INTEGER, PLACES, UNIT
from crmkit.errors import ExpressionError
from crmkit.i18n import Text, texts

_ = texts("crmkit")

_GRAMMAR = r"""
?start: ternary
?ternary: disjunction
    | disjunction "?" ternary ":" ternary -> conditional
?disjunction: conjunction (("or" | "||") conjunction)* -> or_
?conjunction: negation (("and" | "&&") negation)* -> and_
?negation: comparison
    | (NOT | BANG) negation -> negate
?comparison: sum
    | sum COMPARES sum -> binary
    | sum IN sum -> binary
    | sum NOT IN sum -> not_in
?sum: product
    | sum (PLUS | MINUS) product -> binary
?product: sign
    | product (TIMES | OVER | MODULO) sign -> binary
?sign: call
    | MINUS sign -> minus
?call: atom
    | call "." NAME "(" arguments ")" -> method
    | NAME "(" arguments ")" -> function
?atom: NAME -> name
    | NAME "[" STRING "]" -> keyed
    | STRING -> string
    | INTEGER -> integer
    | DECIMAL -> decimal
    | TRUE -> constant
    | FALSE -> constant
    | NULL -> constant
    | "(" ternary ")"
    | "[" arguments "]" -> list_of
arguments: (ternary ("," ternary)* ","?)?

NOT: "not"
BANG: "!"
IN: "in"
TRUE: "true"
FALSE: "false"
NULL: "null"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
MODULO: "%"
COMPARES: "==" | "!=" | "<=" | ">=" | "<" | ">"
NAME: /[^\W\d]\w*(\.[^\W\d]\w*)*/
STRING: /"([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*'/
DECIMAL: /[0-9]+\.[0-9]+/
INTEGER: /[0-9]+/
%ignore /[ \t\r\n\u3000]+/
"""

_COMPARES = {"<", "<=", ">", ">=", "==", "!="}
_CONSTANTS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_WIDE = str.maketrans("，（）［］【】“”‘’＝！＞＜＋－＊／％？：。", ",()[][]\"\"''=!><+-*/%?:.")
_COUNT = re.compile(r"([0-9]+)\s*$")
_UNITS = {f"{unit}{end}" for unit in ("week", "day", "hour", "minute", "second") for end in ("", "s")} | set("wdhms")
_HINTS = {
    "=": _("Write == to compare."),
    "<>": _("Write != for what differs."),
    "&": _("Write and."),
    "|": _("Write or."),
    "AND": _("Write it in small letters: and."),
    "OR": _("Write it in small letters: or."),
    "NOT": _("Write it in small letters: not."),
    "IN": _("Write it in small letters: in."),
}


class _Wrong(Exception):
    def __init__(self, at: int, message: Text, fix: Text | None = None, **values: Any) -> None:
        self.at, self.message, self.fix, self.values = at, message, fix, values


@frozen
class _Arguments:
    items: tuple[Node, ...]


def _unquoted(token: Any) -> str:
    at = token.start_pos

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uU" and len(code) > 1:
            number = int(code[1:], 16)
            if number > 0x10FFFF:
                raise _Wrong(at + 1 + match.start(), _("{escape} is no character."), escape=match[0])
            return chr(number)
        if code not in _PLAIN:
            raise _Wrong(
                at + 1 + match.start(),
                _("{escape} means nothing in a text."),
                _('Write \\\\ for a backslash, \\" for a quotation mark.'),
                escape=match[0],
            )
        return _PLAIN[code]

    value = unicodedata.normalize("NFC", _ESCAPE.sub(one, token[1:-1]))
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise _Wrong(at, _("A text can have neither a null character nor half of a surrogate pair."))
    return value


def _named(token: Any) -> str:
    return unicodedata.normalize("NFC", str(token))


def negated(operand: Node, at: int = 0) -> Node:
    """Return what a minus before something is: before a number that is written out, that number."""
    value = operand.value if isinstance(operand, Literal) else None
    if isinstance(value, Decimal) and not value.is_signed():
        return Literal(value.copy_negate(), at=at)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Literal(-value, at=at)
    return Unary("-", operand, at=at)


class _Builder:
    """What the parser calls for each rule; the tree grows from its leaves, so that nothing recurses."""

    def conditional(self, parts: list[Any]) -> Node:
        return Conditional(*parts, at=parts[0].at)

    def or_(self, parts: list[Any]) -> Node:
        return Logic("or", tuple(parts), at=parts[0].at) if len(parts) > 1 else parts[0]

    def and_(self, parts: list[Any]) -> Node:
        return Logic("and", tuple(parts), at=parts[0].at) if len(parts) > 1 else parts[0]

    def negate(self, parts: list[Any]) -> Node:
        return Unary("not", parts[1], at=parts[0].start_pos)

    def binary(self, parts: list[Any]) -> Node:
        return Binary(str(parts[1]), parts[0], parts[2], at=parts[1].start_pos)

    def not_in(self, parts: list[Any]) -> Node:
        return Unary("not", Binary("in", parts[0], parts[3], at=parts[2].start_pos), at=parts[1].start_pos)

    def minus(self, parts: list[Any]) -> Node:
        sign, operand = parts
        return negated(operand, at=sign.start_pos)

    def method(self, parts: list[Any]) -> Node:
        receiver, name, arguments = parts
        return Call(_named(name), (receiver, *arguments.items), method=True, at=name.start_pos)

    def function(self, parts: list[Any]) -> Node:
        token, arguments = parts
        receiver, _dot, function = _named(token).rpartition(".")
        at = token.start_pos
        if receiver:
            return Call(function, (Name(receiver, at=at), *arguments.items), True, at=at + len(receiver) + 1)
        return Call(function, arguments.items, at=at)

    def name(self, parts: list[Any]) -> Node:
        return Name(_named(parts[0]), at=parts[0].start_pos)

    def keyed(self, parts: list[Any]) -> Node:
        return Name(_named(parts[0]), _unquoted(parts[1]), at=parts[0].start_pos)

    def string(self, parts: list[Any]) -> Node:
        return Literal(_unquoted(parts[0]), at=parts[0].start_pos)

    def integer(self, parts: list[Any]) -> Node:
        token = parts[0]
        # One beyond the largest: with a minus before it, it is the smallest.
        if len(token) > 19 or int(token) > MAX_INTEGER + 1:
            raise _Wrong(token.start_pos, _("This number is too large."))
        return Literal(int(token), at=token.start_pos)

    def decimal(self, parts: list[Any]) -> Node:
        token = parts[0]
        whole, _dot, places = token.partition(".")
        if len(places.rstrip("0")) > PLACES:
            raise _Wrong(token.start_pos, _("A decimal number has at most {places} places."), places=PLACES)
        if len(whole) > 19 or int(whole) > MAX_INTEGER // UNIT:
            raise _Wrong(token.start_pos, _("This number is too large."))
        return Literal(Decimal(f"{whole}.{places[:PLACES]}"), at=token.start_pos)

    def constant(self, parts: list[Any]) -> Node:
        return Literal(_CONSTANTS[parts[0]], at=parts[0].start_pos)

    def arguments(self, parts: list[Any]) -> _Arguments:
        return _Arguments(tuple(part for part in parts if part is not None))

    def list_of(self, parts: list[Any]) -> Node:
        items = parts[0].items
        return ListOf(items, at=items[0].at if items else 0)


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


def parse(text: str) -> Node:
    """Return the tree of a text. Raises ExpressionError, which says at which column it is not understood."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    if len(text) > MAX_LENGTH:
        raise mistake(text, MAX_LENGTH, _("An expression has at most {limit} characters."), limit=MAX_LENGTH)
    if not text.strip():
        raise mistake(text, 0, _("The expression is empty."))
    try:
        tree = cast(Node, _parser().parse(text))
    except _Wrong as wrong:
        raise mistake(text, wrong.at, wrong.message, fix=wrong.fix, **wrong.values) from None
    except UnexpectedCharacters as error:
        raise _unreadable(text, error.pos_in_stream) from None
    except UnexpectedToken as error:
        token = error.token
        raise _misplaced(text, len(text) if token.type == "$END" else token.start_pos, str(token)) from None
    except UnexpectedInput as error:
        raise mistake(text, error.pos_in_stream or 0, _("This is not understood.")) from None
    check_size(tree, text)
    return tree


def _unreadable(text: str, at: int) -> ExpressionError:
    char = text[at]
    if char in "\"'":
        return mistake(text, at, _("This text does not end."), fix=_("Close it with a quotation mark."))
    plain = char.translate(_WIDE)
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    if plain != char:
        return mistake(text, at, _("The character {char} is not understood."), suggestion=plain, char=shown)
    hint = _HINTS.get(char)
    return mistake(text, at, _("The character {char} is not understood."), fix=hint, char=shown)


def _misplaced(text: str, at: int, found: str) -> ExpressionError:
    if not found:
        return mistake(text, at, _("The expression ends too early."))
    number = _COUNT.search(text[:at])
    if number is not None and found.casefold() in _UNITS:
        return mistake(
            text,
            at,
            _("{token} cannot stand here."),
            fix=_('Write a length of time so: duration("{length}").'),
            token=found,
            length=f"{number[1]}{found[0].casefold()}",
        )
    hint = _HINTS.get("<>" if found == ">" and text[at - 1 : at] == "<" else found)
    if hint is None and found in _COMPARES:
        hint = _("Compare two things at a time: a < b and b < c, or between(b, a, c).")
    return mistake(text, at, _("{token} cannot stand here."), fix=hint, token=found[:40])


def check_size(tree: Node, text: str = "") -> None:
    """Refuse a tree that is too large or too deep. Raises ExpressionError."""
    waiting, count = [(tree, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise mistake(text, node.at, _("This is nested too deeply: more than {limit} levels."), limit=MAX_DEPTH)
        if count > MAX_NODES:
            raise mistake(text, node.at, _("The expression has more than {limit} parts."), limit=MAX_NODES)
        children = node.children
        if isinstance(node, ListOf):
            if len(children) > MAX_LIST:
                raise mistake(text, node.at, _("A list has at most {limit} items."), limit=MAX_LIST)
            children = tuple(child for child in children if not isinstance(child, Literal))
        waiting.extend((child, depth + 1) for child in children)
