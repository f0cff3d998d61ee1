"""From tree to plan: names are looked up, types are checked and brought together, functions are resolved.

Every refusal says at which column, and what was probably meant. Must not know how a plan is executed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import singledispatchmethod
from typing import NoReturn

from attrs import define, field

from crmkit.core.business.money import places
from crmkit.engines.expressions import operators as ops
from crmkit.engines.expressions.arithmetic import arithmetic
from crmkit.engines.expressions.calendars import duration_of
from crmkit.engines.expressions.calls import EXACT, Function, apply
from crmkit.engines.expressions.coercing import certainly, common_type
from crmkit.engines.expressions.functions import FUNCTIONS
from crmkit.engines.expressions.mistakes import mistake, nearest
from crmkit.engines.expressions.plans import Apply, Constant, Plan, Read, Special
from crmkit.engines.expressions.surroundings import scaled
from crmkit.engines.expressions.symbols import FactRef, Symbol, Vocabulary, quoted
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
from crmkit.engines.expressions.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INSTANT,
    INTEGER,
    MAX_INTEGER,
    MIN_INTEGER,
    NULL,
    NUMBER,
    TEXT,
    TEXTS,
)
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

_ = texts("crmkit")


@define
class Checker:
    """Checks one tree. ``symbols`` collects what it names, ``conditions`` the plans of its conditions."""

    text: str
    vocabulary: Vocabulary
    symbols: dict[FactRef, Symbol] = field(factory=dict)
    conditions: dict[int, Plan] = field(factory=dict)

    def condition(self, node: Node) -> Plan:
        """Return the plan of a node that has to be a condition; null counts as false."""
        plan = self.check(node)
        if plan.type == NULL:
            plan = Constant(False, BOOLEAN)
        if plan.type != BOOLEAN:
            self.refuse(
                node,
                _("A condition is wanted here, and this is {type}."),
                fix=_("Compare it with something."),
                type=plan.type.title,
            )
        self.conditions[id(node)] = Special("truth", (plan,), BOOLEAN) if plan.nullable else plan
        return self.conditions[id(node)]

    def refuse(
        self, node: Node, message: str, *, fix: str | None = None, suggestion: str | None = None, **values: object
    ) -> NoReturn:
        """Raise the error for a mistake at a node."""
        raise mistake(self.text, node.at, message, fix=fix, suggestion=suggestion, **values)

    # --- nodes -------------------------------------------------------------------------------------------------------

    @singledispatchmethod
    def check(self, node: Node) -> Plan:
        """Return the plan of a node. Raises ExpressionError."""
        raise TypeError(f"{type(node).__name__} is no node")

    @check.register
    def _literal(self, node: Literal) -> Plan:
        value = node.value
        if value is None:
            return Constant(None, NULL)
        if isinstance(value, bool):
            return Constant(value, BOOLEAN)
        if isinstance(value, int):
            if not MIN_INTEGER <= value <= MAX_INTEGER:
                self.refuse(node, _("This number is too large."))
            return Constant(value, INTEGER)
        return Constant(scaled(value), DECIMAL) if isinstance(value, Decimal) else Constant(value, TEXT)

    @check.register
    def _name(self, node: Name) -> Plan:
        symbol = self.vocabulary.find(node.name)
        if symbol is None:
            suggestion = nearest(node.name, self.vocabulary.names())
            self.refuse(node, _("There is no fact {name}."), suggestion=suggestion, name=node.name)
        if symbol.keyed != (node.key is not None):
            fix = _('Write {name}["…"].') if symbol.keyed else _("Write {name} alone.")
            message = _("{name} is asked for with a key.") if symbol.keyed else _("{name} has no keys.")
            self.refuse(node, message, fix=fix, name=node.name)
        ref = FactRef(symbol.name, node.key)
        self.symbols[ref] = symbol
        return Read(ref, symbol.type, symbol.nullable)

    @check.register
    def _list(self, node: ListOf) -> Plan:
        self.refuse(node, _("A list can stand after in, and in functions that take one."))

    @check.register
    def _logic(self, node: Logic) -> Plan:
        return Special(node.operator, tuple(self.condition(operand) for operand in node.operands), BOOLEAN)

    @check.register
    def _conditional(self, node: Conditional) -> Plan:
        test = self.condition(node.test)
        then, otherwise = self._alike([node.then, node.otherwise], node)
        return Special("if", (test, then, otherwise), then.type, then.nullable or otherwise.nullable)

    @check.register
    def _unary(self, node: Unary) -> Plan:
        if node.operator == "not":
            return Special("not", (self.condition(node.operand),), BOOLEAN)
        value = self.check(node.operand)
        if value.type == NUMBER:
            return apply(ops.float_negate, apply(ops.tame, value, type=NUMBER), type=NUMBER)
        if value.type.kind not in (*EXACT, "money", "duration"):
            self.refuse(node, _("{type} has no sign."), type=value.type.title)
        return apply(ops.negate, value, type=value.type)

    @check.register
    def _binary(self, node: Binary) -> Plan:
        if node.operator == "in":
            return self._membership(node)
        if node.operator in "+-*/%":
            return self._arithmetic(node, self.check(node.left), self.check(node.right))
        left, right = self.check(node.left), self.check(node.right)
        if NULL in (left.type, right.type):
            return self._null_test(node, left, right)
        return self.comparison(node, left, right)

    # --- comparisons -------------------------------------------------------------------------------------------------

    def _null_test(self, node: Binary, left: Plan, right: Plan) -> Plan:
        if node.operator not in ("==", "!="):
            self.refuse(node, _("Nothing is smaller or greater than null."), fix=_("Use == null or != null."))
        value = right if left.type == NULL else left
        has = Special("has", (value,), BOOLEAN)
        return has if node.operator == "!=" else Special("not", (has,), BOOLEAN)

    def comparison(self, node: Binary, left: Plan, right: Plan) -> Plan:
        """Return the plan of a comparison of two values."""
        for one, other, side in ((left, right, node.right), (right, left, node.left)):
            self._check_option(one, other, side)
        if {left.type.kind, right.type.kind} == {"integer", "decimal"}:
            left, right = (
                apply(ops.enlarge, side, type=DECIMAL) if side.type == INTEGER else side for side in (left, right)
            )
        to = common_type([left.type, right.type])
        if to is None or to.kind == "list":
            self._incomparable(node, left, right)
        if to == BOOLEAN and node.operator not in ("==", "!="):
            self.refuse(node, _("Of two conditions neither is the greater."))
        pair = certainly(left, to), certainly(right, to)
        if node.operator == "!=":
            return Special("differs", pair, BOOLEAN)
        return Apply(ops.COMPARISONS[node.operator][to == TEXT], pair, BOOLEAN, False)

    def _incomparable(self, node: Binary, left: Plan, right: Plan) -> NoReturn:
        fix = None
        kinds = {left.type.kind, right.type.kind}
        written = next((side.value for side in (node.left, node.right) if isinstance(side, Literal)), None)
        if kinds <= {"text", "date", "instant"} and isinstance(written, str):
            fix = _("Write date({written}).")
        elif "duration" in kinds and kinds & {*EXACT}:
            fix = _('Write a duration such as duration("3d").')
        elif "list" in kinds:
            fix = _('Write "…" in {name}.')
        self.refuse(
            node,
            _("{left} cannot be compared with {right}."),
            fix=fix,
            left=left.type.title,
            right=right.type.title,
            written=quoted(str(written)),
            name=next((side.name for side in (node.left, node.right) if isinstance(side, Name)), "…"),
        )

    def _check_option(self, plan: Plan, other: Plan, node: Node) -> None:
        """Refuse a text that the name it is compared with never has."""
        if not (isinstance(plan, Read) and isinstance(other, Constant) and other.type == TEXT):
            return
        options = self.symbols[plan.ref].options
        if options and other.value not in options:
            suggestion = nearest(other.value, options)
            self.refuse(
                node,
                _("{name} is never {value}; it is one of {options}."),
                suggestion=quoted(suggestion) if suggestion else None,
                name=plan.ref,
                value=quoted(other.value),
                options=", ".join(options[:12]),
            )

    def _membership(self, node: Binary) -> Plan:
        item = self.check(node.left)
        if not isinstance(node.right, ListOf):
            values = self.check(node.right)
            if values.type.kind != "list":
                fix = _("Write contains(text, part).") if values.type == item.type == TEXT else None
                self.refuse(node.right, _("A list is wanted after in, and this is {type}."), fix=fix,
                            type=values.type.title)  # fmt: skip
            if item.type != values.type.of:
                self._incomparable(node, item, values)
            return apply(ops.among, item, values, type=BOOLEAN)
        values = [self.check(value) for value in node.right.items]
        for value, written in zip(values, node.right.items, strict=True):
            self._check_option(item, value, written)
            if value.type == NULL:
                self.refuse(written, _("null is in no list."), fix=_("Ask for it by == null."))
        to = common_type([item.type, *(value.type for value in values)])
        if to is None or to.kind == "list":
            odd = next(value for value in values if common_type([item.type, value.type]) is None)
            self._incomparable(node, item, odd)
        parts = tuple(certainly(one, to) for one in (item, *values))
        return Special("one_of", parts, BOOLEAN) if values else Constant(False, BOOLEAN)

    # --- arithmetic --------------------------------------------------------------------------------------------------

    def _arithmetic(self, node: Binary, left: Plan, right: Plan) -> Plan:
        kinds = (left.type.kind, right.type.kind)
        if "null" in kinds:
            self.refuse(node, _("Nothing can be computed with null."))
        plan = arithmetic(node.operator, left, right)
        if plan is None:
            self.refuse(
                node,
                _("{left} and {right} cannot be joined by {operator}."),
                left=left.type.title,
                right=right.type.title,
                operator=node.operator,
            )
        return plan

    # --- functions ---------------------------------------------------------------------------------------------------

    @check.register
    def _call(self, node: Call) -> Plan:
        function = FUNCTIONS.get(node.function)
        if function is None:
            suggestion = nearest(node.function, FUNCTIONS)
            self.refuse(node, _("There is no function {name}."), suggestion=suggestion, name=node.function)
        given, wanted = len(node.arguments), len(function.parameters)
        if given < wanted - function.optional or (given > wanted and not function.variadic):
            self.refuse(
                node,
                _("{name} is called with other arguments."),
                fix=_("It is {signature}."),
                name=node.function,
                signature=function.signature,
            )
        if function.alike:
            arguments = self._alike(node.arguments, node)
            for plan, written in zip(arguments, node.arguments, strict=True):
                self._check_kind(function, 0, plan, written)
        else:
            arguments = [self._argument(function, index, one) for index, one in enumerate(node.arguments)]
        if node.function in _WRITTEN:
            return _WRITTEN[node.function](self, node, arguments[0])
        if node.function == "money":
            self._check_currency(arguments[1], node.arguments[1])
        if node.function == "round" and given == 2 and arguments[0].type == NUMBER:
            self.refuse(node.arguments[1], _("Floating-point numbers are rounded to whole numbers only."))
        return function.build(*arguments)

    def _argument(self, function: Function, index: int, node: Node) -> Plan:
        parameter = function.parameters[min(index, len(function.parameters) - 1)]
        if parameter.written and isinstance(node, ListOf):
            items = [item.value if isinstance(item, Literal) else None for item in node.items]
            if "list" in parameter.kinds and all(isinstance(item, str) for item in items):
                return Constant(tuple(items), TEXTS)
        elif parameter.written and not isinstance(node, Literal):
            self.refuse(node, _("{parameter} of {name} is written out."), parameter=parameter.name, name=function.name)
        plan = self.check(node)
        if plan.type.kind == "integer" and "integer" not in parameter.kinds and "decimal" in parameter.kinds:
            plan = certainly(plan, DECIMAL)
        if plan.type == INSTANT and parameter.kinds == ("date", "instant"):
            plan = certainly(plan, DATE)
        self._check_kind(function, index, plan, node)
        return plan

    def _check_kind(self, function: Function, index: int, plan: Plan, node: Node) -> None:
        parameter = function.parameters[min(index, len(function.parameters) - 1)]
        if plan.type.kind not in parameter.kinds:
            self.refuse(
                node,
                _("{name} takes something else here, and this is {type}."),
                fix=_("It is {signature}."),
                name=function.name,
                type=plan.type.title,
                signature=function.signature,
            )

    def _check_currency(self, plan: Plan, node: Node) -> None:
        assert isinstance(plan, Constant)
        try:
            places(plan.value)
        except InvalidInput:
            from babel.core import get_global

            suggestion = nearest(plan.value, get_global("all_currencies"))
            self.refuse(
                node,
                _("There is no currency {name}."),
                suggestion=quoted(suggestion) if suggestion else None,
                name=plan.value,
            )

    def _date(self, node: Call, value: Plan) -> Plan:
        if value.type != TEXT:
            return certainly(value, DATE)
        try:
            written = value.value if isinstance(value, Constant) else ""
            return Constant(date.fromisoformat(written if len(written) == 10 else ""), DATE)
        except ValueError:
            self.refuse(
                node.arguments[0], _("This is no day."), fix=_('Write year, month and day: date("2026-01-31").')
            )

    def _instant(self, node: Call, value: Plan) -> Plan:
        assert isinstance(value, Constant)
        try:
            found = datetime.fromisoformat(value.value)
            if found.tzinfo is not None:
                return Constant(found.astimezone(UTC), INSTANT)
        except (ValueError, OverflowError):
            pass
        self.refuse(
            node.arguments[0],
            _("This is no instant."),
            fix=_('Write it with its offset: instant("2026-01-31T18:00:00+08:00").'),
        )

    def _duration(self, node: Call, value: Plan) -> Plan:
        assert isinstance(value, Constant)
        amount = duration_of(value.value)
        if amount is None:
            self.refuse(
                node.arguments[0],
                _("This is no duration."),
                fix=_('Write weeks, days, hours, minutes and seconds in this order: duration("1d12h").'),
            )
        return Constant(amount, DURATION)

    # --- types -------------------------------------------------------------------------------------------------------

    def _alike(self, nodes: Sequence[Node], node: Node) -> list[Plan]:
        plans = [self.check(one) for one in nodes]
        to = common_type([plan.type for plan in plans])
        if to is None:
            self.refuse(
                node, _("These are of different types: {types}."), types=", ".join(str(plan.type) for plan in plans)
            )
        return [certainly(plan, to) for plan, one in zip(plans, nodes, strict=True)]


_WRITTEN = {"date": Checker._date, "instant": Checker._instant, "duration": Checker._duration}
