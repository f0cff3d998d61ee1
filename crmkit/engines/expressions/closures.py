"""The execution in Python: a plan becomes nested functions that are called with a getter of values and the
surroundings.

Must not know SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from crmkit.core.business.money import Money
from crmkit.engines.expressions.calendars import MICROSECOND, microseconds
from crmkit.engines.expressions.plans import Apply, Constant, Given, Plan, Read
from crmkit.engines.expressions.surroundings import Surroundings, scaled
from crmkit.engines.expressions.types import Type

Get: TypeAlias = Callable[[str], Any]
Run: TypeAlias = Callable[[Get, Surroundings], Any]


def computed_form(value: Any, kind: str) -> Any:
    """Return a value from outside in the form that operators compute with."""
    if value is None:
        return None
    if kind == "decimal":
        return scaled(value if isinstance(value, Decimal) else Decimal(value))
    if kind == "duration":
        return microseconds(value) if isinstance(value, timedelta) else value
    if kind == "money":
        return value.amount if isinstance(value, Money) else value
    return float(value) if kind == "number" else value


def outer_form(value: Any, type: Type) -> Any:
    """Return a computed value in the form that callers get: a Decimal, a timedelta; money stays minor units."""
    if value is None:
        return None
    if type.kind == "decimal":
        return Decimal(value).scaleb(-6)
    return value * MICROSECOND if type.kind == "duration" else value


def closure(plan: Plan) -> Run:
    """Return the function that computes a plan for one customer."""
    if isinstance(plan, Constant):
        value = plan.value
        return lambda get, at: value
    if isinstance(plan, Given):
        given = plan.get
        return lambda get, at: given(at)
    if isinstance(plan, Read):
        return _read(plan)
    if isinstance(plan, Apply):
        return _apply(plan)
    return _SPECIAL[plan.name](plan.arguments)


def _read(plan: Read) -> Run:
    ref, kind = plan.ref, plan.type.kind
    if kind not in ("decimal", "duration", "money", "number"):
        return lambda get, at: get(ref)
    return lambda get, at: computed_form(get(ref), kind)


def _apply(plan: Apply) -> Run:
    compute: Callable[..., Any] = plan.operator.compute
    empty = False if plan.operator.total else None
    parts = [closure(argument) for argument in plan.arguments]
    if plan.operator.placed or len(parts) > 2:
        return _apply_many(parts, compute, empty, plan.operator.placed)
    first = parts[0]
    if len(parts) == 1:

        def one(get: Get, at: Surroundings) -> Any:
            a = first(get, at)
            return empty if a is None else compute(a)

        return one
    second, right = parts[1], plan.arguments[1]
    if isinstance(right, Constant) and right.value is not None:
        constant = right.value

        def with_constant(get: Get, at: Surroundings) -> Any:
            a = first(get, at)
            return empty if a is None else compute(a, constant)

        return with_constant

    def two(get: Get, at: Surroundings) -> Any:
        a = first(get, at)
        if a is None:
            return empty
        b = second(get, at)
        return empty if b is None else compute(a, b)

    return two


def _apply_many(parts: list[Run], compute: Callable[..., Any], empty: Any, placed: bool) -> Run:
    def many(get: Get, at: Surroundings) -> Any:
        values = [part(get, at) for part in parts]
        if None in values:
            return empty
        return compute(at, *values) if placed else compute(*values)

    return many


def _and(arguments: tuple[Plan, ...]) -> Run:
    parts = tuple(closure(argument) for argument in arguments)

    def run(get: Get, at: Surroundings) -> bool:
        for part in parts:  # noqa: SIM110 (twice as fast as a generator)
            if not part(get, at):
                return False
        return True

    return run


def _or(arguments: tuple[Plan, ...]) -> Run:
    parts = tuple(closure(argument) for argument in arguments)

    def run(get: Get, at: Surroundings) -> bool:
        for part in parts:  # noqa: SIM110 (twice as fast as a generator)
            if part(get, at):
                return True
        return False

    return run


def _not(arguments: tuple[Plan, ...]) -> Run:
    part = closure(arguments[0])
    return lambda get, at: not part(get, at)


def _truth(arguments: tuple[Plan, ...]) -> Run:
    part = closure(arguments[0])
    return lambda get, at: bool(part(get, at))


def _if(arguments: tuple[Plan, ...]) -> Run:
    test, then, otherwise = (closure(argument) for argument in arguments)
    return lambda get, at: then(get, at) if test(get, at) else otherwise(get, at)


def _coalesce(arguments: tuple[Plan, ...]) -> Run:
    parts = tuple(closure(argument) for argument in arguments)

    def run(get: Get, at: Surroundings) -> Any:
        for part in parts:
            value = part(get, at)
            if value is not None:
                return value
        return None

    return run


def _has(arguments: tuple[Plan, ...]) -> Run:
    part = closure(arguments[0])
    return lambda get, at: part(get, at) is not None


def _differs(arguments: tuple[Plan, ...]) -> Run:
    first, second = (closure(argument) for argument in arguments)
    return lambda get, at: bool(first(get, at) != second(get, at))


def _one_of(arguments: tuple[Plan, ...]) -> Run:
    item = closure(arguments[0])
    constants = [option.value for option in arguments[1:] if isinstance(option, Constant)]
    if len(constants) == len(arguments) - 1:
        known = frozenset(constants) - {None}
        return lambda get, at: item(get, at) in known
    parts = tuple(closure(option) for option in arguments[1:])

    def run(get: Get, at: Surroundings) -> bool:
        value = item(get, at)
        return value is not None and any(part(get, at) == value for part in parts)

    return run


_SPECIAL: dict[str, Callable[[tuple[Plan, ...]], Run]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "truth": _truth,
    "if": _if,
    "coalesce": _coalesce,
    "has": _has,
    "differs": _differs,
    "one_of": _one_of,
}
