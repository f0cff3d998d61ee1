"""What a row of the condition builder can say about a fact: its tests, the expression that each is, and which test an
expression is.

Must not know sessions, pages or which facts there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal as Choice

from attrs import field, frozen

from crmkit.engines.expressions.parsing import negated
from crmkit.engines.expressions.tree import Binary, Call, ListOf, Literal, Name, Node, Unary
from crmkit.i18n import Text, texts

_ = texts("crmkit")

NUMBERS = ("integer", "decimal", "number", "money")
DAYS = ("date", "instant")
ANYTHING = ("boolean", *NUMBERS, "text", *DAYS, "duration", "list")
Takes = Choice["none", "one", "two", "many"]
Values = Choice["fact", "days", "day"]
Build = Callable[[Node, Sequence[Node]], Node]


@frozen(kw_only=True)
class Test:
    """A test of a row: for which kinds of fact it is, how many values it takes, and what these are.

    ``values`` are of the fact's own kind, a number of days, or a day. One that is not ``offered`` is shown where an
    expression has it already. ``whole`` says that it can be asked of what is sealed too: it needs whole values alone.
    """

    __test__ = False

    name: str
    title: Text
    kinds: tuple[str, ...] = field(converter=tuple)
    build: Build
    takes: Takes = "one"
    values: Values = "fact"
    offered: bool = True
    whole: bool = False


def _compares(operator: str) -> Build:
    return lambda fact, values: Binary(operator, fact, values[0])


def _calls(function: str, *, deny: bool = False) -> Build:
    def build(fact: Node, values: Sequence[Node]) -> Node:
        made = Call(function, (fact, *values))
        return Unary("not", made) if deny else made

    return build


def _lists(function: str, *, deny: bool = False) -> Build:
    def build(fact: Node, values: Sequence[Node]) -> Node:
        made: Node = Call(function, (fact, ListOf(tuple(values))))
        return Unary("not", made) if deny else made

    return build


def _one_of(fact: Node, values: Sequence[Node]) -> Node:
    return Binary("in", fact, ListOf(tuple(values)))


def _none_of(fact: Node, values: Sequence[Node]) -> Node:
    return Unary("not", _one_of(fact, values))


def _among(fact: Node, values: Sequence[Node]) -> Node:
    return Binary("in", values[0], fact)


def _not_among(fact: Node, values: Sequence[Node]) -> Node:
    return Unary("not", _among(fact, values))


def _since(operator: str) -> Build:
    return lambda fact, values: Binary(operator, Call("days_since", (fact,)), values[0])


def _until(operator: str) -> Build:
    return lambda fact, values: Binary(operator, Call("days_until", (fact,)), values[0])


def _coming(fact: Node, values: Sequence[Node]) -> Node:
    return Call("between", (Call("days_until", (fact,)), Literal(0), values[0]))


_TESTS = (
    Test(name="true", title=_("is so"), kinds=("boolean",), takes="none", build=lambda fact, values: fact),
    Test(
        name="false",
        title=_("is not so"),
        kinds=("boolean",),
        takes="none",
        build=lambda fact, values: Unary("not", fact),
    ),
    Test(name="at_least", title=_("is at least"), kinds=NUMBERS, build=_compares(">=")),
    Test(name="at_most", title=_("is at most"), kinds=NUMBERS, build=_compares("<=")),
    Test(name="more", title=_("is more than"), kinds=NUMBERS, build=_compares(">")),
    Test(name="less", title=_("is less than"), kinds=NUMBERS, build=_compares("<")),
    Test(name="is", title=_("is"), kinds=("text", *NUMBERS), build=_compares("=="), whole=True),
    Test(name="is_not", title=_("is not"), kinds=("text", *NUMBERS), build=_compares("!="), whole=True),
    Test(name="between", title=_("is between"), kinds=NUMBERS, takes="two", build=_calls("between")),
    Test(name="one_of", title=_("is one of"), kinds=("text", *NUMBERS), takes="many", build=_one_of, whole=True),
    Test(name="none_of", title=_("is none of"), kinds=("text", *NUMBERS), takes="many", build=_none_of),
    Test(name="contains", title=_("contains"), kinds=("text",), build=_calls("contains")),
    Test(name="contains_not", title=_("does not contain"), kinds=("text",), build=_calls("contains", deny=True)),
    Test(name="starts", title=_("starts with"), kinds=("text",), build=_calls("startsWith")),
    Test(name="ends", title=_("ends with"), kinds=("text",), build=_calls("endsWith")),
    Test(name="has_any", title=_("has one of"), kinds=("list",), takes="many", build=_lists("any_of")),
    Test(name="has_all", title=_("has all of"), kinds=("list",), takes="many", build=_lists("all_of")),
    Test(name="has_none", title=_("has none of"), kinds=("list",), takes="many", build=_lists("any_of", deny=True)),
    Test(name="among", title=_("has"), kinds=("list",), build=_among, offered=False),
    Test(name="not_among", title=_("has not"), kinds=("list",), build=_not_among, offered=False),
    Test(name="since<=", title=_("was at most so many days ago"), kinds=DAYS, values="days", build=_since("<=")),
    Test(name="since>", title=_("was more than so many days ago"), kinds=DAYS, values="days", build=_since(">")),
    Test(name="coming", title=_("is within so many days from now"), kinds=DAYS, values="days", build=_coming),
    Test(name="before", title=_("is before"), kinds=DAYS, values="day", build=_compares("<")),
    Test(name="from", title=_("is on or after"), kinds=DAYS, values="day", build=_compares(">=")),
    Test(name="on", title=_("is on"), kinds=DAYS, values="day", build=_compares("==")),
    Test(
        name="days_between",
        title=_("is from … to"),
        kinds=DAYS,
        takes="two",
        values="day",
        build=_calls("between"),
    ),
    Test(name="to", title=_("is on or before"), kinds=DAYS, values="day", build=_compares("<="), offered=False),
    Test(name="after", title=_("is after"), kinds=DAYS, values="day", build=_compares(">"), offered=False),
    Test(name="not_on", title=_("is not on"), kinds=DAYS, values="day", build=_compares("!="), offered=False),
    Test(
        name="since<",
        title=_("was less than so many days ago"),
        kinds=DAYS,
        values="days",
        build=_since("<"),
        offered=False,
    ),
    Test(
        name="since>=",
        title=_("was at least so many days ago"),
        kinds=DAYS,
        values="days",
        build=_since(">="),
        offered=False,
    ),
    Test(
        name="since==",
        title=_("was exactly so many days ago"),
        kinds=DAYS,
        values="days",
        build=_since("=="),
        offered=False,
    ),
    Test(
        name="until<=",
        title=_("is at most so many days ahead"),
        kinds=DAYS,
        values="days",
        build=_until("<="),
        offered=False,
    ),
    Test(
        name="until>",
        title=_("is more than so many days ahead"),
        kinds=DAYS,
        values="days",
        build=_until(">"),
        offered=False,
    ),
    Test(
        name="until==",
        title=_("is exactly so many days ahead"),
        kinds=DAYS,
        values="days",
        build=_until("=="),
        offered=False,
    ),
    Test(name="known", title=_("is known"), kinds=ANYTHING, takes="none", build=_calls("has"), whole=True),
    Test(
        name="unknown",
        title=_("is not known"),
        kinds=ANYTHING,
        takes="none",
        build=_calls("has", deny=True),
        whole=True,
    ),
)
TESTS: Mapping[str, Test] = {test.name: test for test in _TESTS}
"""All tests by name, in the order in which they are offered."""

_BY_OPERATOR = {"==": "is", "!=": "is_not", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_OF_DAYS = {"==": "on", "!=": "not_on", "<": "before", "<=": "to", ">": "after", ">=": "from"}
_DENIED = {
    "true": "false",
    "one_of": "none_of",
    "known": "unknown",
    "contains": "contains_not",
    "has_any": "has_none",
    "among": "not_among",
}
_PARTS = {"contains": "contains", "startsWith": "starts", "endsWith": "ends"}
_LISTS = {"any_of": "has_any", "all_of": "has_all"}


@frozen
class Said:
    """What a simple expression says: a test of a fact, and its values."""

    test: str
    fact: Name
    values: tuple[Node, ...] = ()


def said(node: Node) -> Said | None:
    """Return what an expression says where a row can say it, else None."""
    match node:
        case Name():
            return Said("true", node)
        case Unary(operator="not", operand=inner):
            found = said(inner)
            denied = None if found is None else _DENIED.get(found.test)
            return None if found is None or denied is None else Said(denied, found.fact, found.values)
        case Binary():
            return _compared(node)
        case Call():
            return _called(node)
        case _:
            return None


def _compared(node: Binary) -> Said | None:
    match node:
        case Binary(operator="in", left=Name() as fact, right=ListOf(items=items)) if items and _written(*items):
            return Said("one_of", fact, items)
        case Binary(operator="in", left=Literal(value=str()) as value, right=Name() as fact):
            return Said("among", fact, (value,))
        case Binary(operator="==" | "!=", left=Name() as fact, right=Literal(value=None)):
            return Said("unknown" if node.operator == "==" else "known", fact)
        case Binary(operator=operator, left=Name() as fact, right=Literal() as value) if operator in _BY_OPERATOR:
            return None if isinstance(value.value, bool) else Said(_BY_OPERATOR[operator], fact, (value,))
        case Binary(operator=operator, left=Name() as fact, right=value) if operator in _OF_DAYS and _is_day(value):
            return Said(_OF_DAYS[operator], fact, (value,))
        case Binary(left=Call(function="days_since" | "days_until" as way, arguments=(Name() as fact,)), right=value):
            name = f"{way.removeprefix('days_')}{node.operator}"
            return Said(name, fact, (value,)) if name in TESTS and _is_whole(value) else None
        case _:
            return None


def _called(node: Call) -> Said | None:
    match node:
        case Call(function="has", arguments=(Name() as fact,)):
            return Said("known", fact)
        case Call(function=name, arguments=(Name() as fact, Literal(value=str()) as value)) if name in _PARTS:
            return Said(_PARTS[name], fact, (value,))
        case Call(function=name, arguments=(Name() as fact, ListOf(items=items))) if name in _LISTS:
            return Said(_LISTS[name], fact, items) if items and _written(*items) else None
        case Call(function="between", arguments=(Name() as fact, low, high)):
            if _is_day(low) and _is_day(high):
                return Said("days_between", fact, (low, high))
            return Said("between", fact, (low, high)) if _written(low, high) else None
        case Call(
            function="between",
            arguments=(Call(function="days_until", arguments=(Name() as fact,)), Literal(value=0), high),
        ):
            return Said("coming", fact, (high,)) if _is_whole(high) else None
        case _:
            return None


def _written(*nodes: Node) -> bool:
    return all(
        isinstance(node, Literal) and node.value is not None and not isinstance(node.value, bool) for node in nodes
    )


def _is_whole(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, int) and not isinstance(node.value, bool)


def _is_day(node: Node) -> bool:
    match node:
        case Call(function="date", arguments=(Literal(value=str() as text),)):
            return _day(text) is not None
        case _:
            return False


# --- values ----------------------------------------------------------------------------------------------------------


def fits(test: Test, kind: str, values: Sequence[Node]) -> bool:
    """Say whether a row for a fact of a kind can show a test with these values as they are."""
    if kind not in test.kinds:
        return False
    if test.values != "fact":
        return True
    wanted = str if kind in ("text", "list") else (int, Decimal)
    return all(isinstance(value, Literal) and isinstance(value.value, wanted) for value in values)


def shown(node: Node) -> str:
    """Return a value as it is typed into a row."""
    match node:
        case Call(arguments=(Literal(value=text),)):
            return str(text)
        case Literal(value=Decimal() as number):
            text = f"{number:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case Literal(value=value):
            return str(value)
        case _:
            return ""


def value_of(text: str, test: Test, kind: str) -> Node | Text:
    """Return the node for what was typed into a row, or what is wrong with it."""
    typed = text.strip()
    if not typed:
        return _("Say a value.")
    if test.values == "day":
        return _("This is no day.") if _day(typed) is None else Call("date", (Literal(typed),))
    if test.values == "days":
        return _number(int(typed)) if _is_integer(typed) else _("This must be a whole number.")
    if kind in ("text", "list"):
        return Literal(text)
    plain = typed.replace(",", "")
    if _is_integer(plain):
        return _number(int(plain))
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return _("This must be a number.")
    return _number(number) if number.is_finite() else _("This must be a number.")


def _number(value: int | Decimal) -> Node:
    # A minus before a number is part of it, as where a text is read.
    return negated(Literal(abs(value))) if value < 0 else Literal(value)


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 19


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text if len(text) == 10 else "")
    except ValueError:
        return None
