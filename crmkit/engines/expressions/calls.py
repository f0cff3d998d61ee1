"""How a call of a function becomes a plan. Must not know which functions there are."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from crmkit.engines.expressions import moments, operators as ops
from crmkit.engines.expressions.calendars import DAY_MICROSECONDS
from crmkit.engines.expressions.plans import Apply, Constant, Given, Operator, Plan, Special
from crmkit.engines.expressions.types import BOOLEAN, DATE, DECIMAL, INSTANT, INTEGER, MONEY, NUMBER, TEXT, UNIT, Type
from crmkit.i18n import Text


@frozen
class Parameter:
    """One argument: its name, and the kinds that it can be. ``written`` says that it is a literal."""

    name: str
    kinds: tuple[str, ...]
    written: bool = False


@frozen(kw_only=True)
class Function:
    """A function: ``build`` makes the plan of a call from plans of its arguments, which were checked.

    ``variadic`` repeats the last parameter; ``alike`` brings all arguments to one type; ``optional`` counts the
    parameters at the end that can be left out.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    doc: Text
    build: Callable[..., Plan]
    words: Text
    """How a call reads, with ``{0}``, ``{1}`` … or, for any number of arguments, ``{all}``."""
    variadic: bool = False
    alike: bool = False
    optional: int = 0

    @property
    def signature(self) -> str:
        """Return how it is called and what it gives: ``round(value: decimal, places: integer) -> decimal``."""
        shown = [f"{one.name}: {' | '.join(one.kinds)}" for one in self.parameters]
        for index in range(len(shown) - self.optional, len(shown)):
            shown[index] += " = …"
        if self.variadic:
            shown.append("…")
        return f"{self.name}({', '.join(shown)}) -> {self.returns}"


def apply(operator: Operator, *arguments: Plan, type: Type, nullable: bool | None = None) -> Apply:
    """Return the plan of an operator on arguments; what is null follows from both."""
    if nullable is None:
        nullable = not operator.total and (operator.empties or any(argument.nullable for argument in arguments))
    return Apply(operator, arguments, type, nullable)


NOW = Given(lambda at: at.as_of, INSTANT)
TODAY = Given(lambda at: at.today, DATE)
EXACT = ("integer", "decimal")
ANY = ("boolean", "integer", "decimal", "number", "text", "date", "instant", "duration", "money")


def extreme(pair: tuple[Operator, Operator]) -> Callable[..., Plan]:
    """Return what builds the smallest or greatest of values."""

    def build(*values: Plan) -> Plan:
        found = values[0]
        for value in values[1:]:
            found = apply(pair[value.type == TEXT], found, value, type=value.type)
        return found

    return build


def between(value: Plan, low: Plan, high: Plan) -> Plan:
    """Return the plan of a value lying between two others."""
    column = value.type == TEXT
    return Special(
        "and",
        (
            apply(ops.COMPARISONS[">="][column], value, low, type=BOOLEAN),
            apply(ops.COMPARISONS["<="][column], value, high, type=BOOLEAN),
        ),
        BOOLEAN,
    )


def rounded(mode: str) -> Callable[..., Plan]:
    """Return what builds a rounding."""

    def build(value: Plan, digits: Constant | None = None) -> Plan:
        if value.type == NUMBER:
            operator = {"round": ops.float_round, "floor": ops.float_floor, "ceil": ops.float_ceil}[mode]
            return apply(operator, value, type=INTEGER)
        if value.type == INTEGER:
            return value
        wanted = 0 if digits is None else min(max(digits.value, 0), 6)
        operator = ops.rounding(UNIT // 10**wanted, mode) if wanted < 6 else None
        kind = INTEGER if digits is None else DECIMAL
        if operator is None:
            return value
        if digits is not None and wanted == 0:
            return apply(ops.scale, apply(operator, value, type=INTEGER), type=DECIMAL)
        return apply(operator, value, type=kind)

    return build


def absolute(value: Plan) -> Plan:
    """Return the plan of a value without its sign."""
    return apply(ops.float_absolute if value.type == NUMBER else ops.absolute, value, type=value.type)


def size(value: Plan) -> Plan:
    """Return the plan of how long a text or a list is."""
    return apply(ops.text_size if value.type == TEXT else ops.list_size, value, type=INTEGER)


def unary(operator: Operator, result: Type) -> Callable[..., Plan]:
    """Return what builds an operator of one argument."""
    return lambda value: apply(operator, value, type=result)


def binary(operator: Operator, result: Type) -> Callable[..., Plan]:
    """Return what builds an operator of two arguments."""
    return lambda first, second: apply(operator, first, second, type=result)


def since(value: Plan) -> Plan:
    """Return the plan of the days from a day to today."""
    return apply(moments.days_between, value, TODAY, type=INTEGER)


def until(value: Plan) -> Plan:
    """Return the plan of the days from today to a day."""
    return apply(moments.days_between, TODAY, value, type=INTEGER)


def months_since(value: Plan) -> Plan:
    """Return the plan of the months from a day to today."""
    return apply(moments.months_between, value, TODAY, type=INTEGER)


def months_until(value: Plan) -> Plan:
    """Return the plan of the months from today to a day."""
    return apply(moments.months_between, TODAY, value, type=INTEGER)


def years_since(value: Plan) -> Plan:
    """Return the plan of the years from a day to today."""
    return apply(moments.years_of_months, months_since(value), type=INTEGER)


def money(amount: Constant, currency: Constant) -> Plan:
    """Return the plan of an amount in a currency."""
    scaled = amount.value * (1 if amount.type == DECIMAL else UNIT)
    return Given(lambda at: at.minor(scaled, currency.value), MONEY, nullable=True)


def any_all(name: str) -> Callable[..., Plan]:
    """Return what builds the question whether a list has any ("or") or all ("and") of some texts."""

    def build(values: Plan, wanted: Constant) -> Plan:
        parts = [apply(ops.among, Constant(item, TEXT), values, type=BOOLEAN) for item in wanted.value]
        return Special(name, tuple(parts), BOOLEAN) if parts else Constant(name == "and", BOOLEAN)

    return build


def days(value: Plan) -> Plan:
    """Return the plan of a duration in days."""
    return apply(ops.ratio, value, Constant(DAY_MICROSECONDS, INTEGER), type=DECIMAL)
